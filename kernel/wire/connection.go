package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Connection is the content of a connection file, in which a front-end says where the kernel is to listen.
type Connection struct {
	Transport string `json:"transport"`
	IP        string `json:"ip"`
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	Stdin     int    `json:"stdin_port"`
	IOPub     int    `json:"iopub_port"`
	Heartbeat int    `json:"hb_port"`
	Scheme    string `json:"signature_scheme"`
	Key       string `json:"key"`
}

// ReadConnection reads and checks a connection file.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	content, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("wire: connection file: %w", err)
	}
	if err := json.Unmarshal(content, &c); err != nil {
		return c, fmt.Errorf("wire: connection file %s: %w", path, err)
	}
	if err := c.check(); err != nil {
		return c, fmt.Errorf("wire: connection file %s: %w", path, err)
	}
	return c, nil
}

func (c Connection) check() error {
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return fmt.Errorf("transport %q is not supported; use tcp or ipc", c.Transport)
	}
	if c.IP == "" {
		return fmt.Errorf("ip is missing")
	}
	if c.Scheme != "" && c.Scheme != "hmac-sha256" {
		return fmt.Errorf("signature_scheme %q is not supported; use hmac-sha256", c.Scheme)
	}
	for _, p := range []struct {
		name string
		port int
	}{{"shell_port", c.Shell}, {"control_port", c.Control}, {"stdin_port", c.Stdin}, {"iopub_port", c.IOPub}, {"hb_port", c.Heartbeat}} {
		if p.port < 0 || p.port > 65535 || c.Transport == "ipc" && p.port == 0 {
			return fmt.Errorf("%s is %d; it must be a port number", p.name, p.port)
		}
	}
	return nil
}

// Listen opens the address of one port of the connection. Port 0 asks for any free one.
func (c Connection) Listen(ctx context.Context, port int) (net.Listener, error) {
	network, address := "tcp", net.JoinHostPort(c.IP, strconv.Itoa(port))
	if c.IP == "*" {
		address = ":" + strconv.Itoa(port)
	}
	if c.Transport == "ipc" {
		network, address = "unix", fmt.Sprintf("%s-%d", c.IP, port)
	}
	l, err := new(net.ListenConfig).Listen(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	return l, nil
}
