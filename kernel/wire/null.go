package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/go-zeromq/zmq4"
)

// null is ZMTP's mechanism of that name: no encryption, since messages are signed and ports are local. It is not
// zmq4's own, which allocates as much as an unknown peer announces before anything has shown that it knows the key.
type null struct{ in *bufio.Reader }

var _ zmq4.Security = null{}

// handshakeLimit is generous for an identity of 255 bytes and a socket type.
const handshakeLimit = 4 << 10

func (null) Type() zmq4.SecurityType { return zmq4.NullSecurity }

func (n null) Handshake(conn *zmq4.Conn, _ bool) error {
	ours, err := conn.Meta.MarshalZMTP()
	if err != nil {
		return fmt.Errorf("wire: handshake: %w", err)
	}
	if err := conn.SendCmd(zmq4.CmdReady, ours); err != nil {
		return fmt.Errorf("wire: handshake: %w", err)
	}
	frames, isCommand, err := readFrames(n.in, handshakeLimit)
	if err != nil {
		return fmt.Errorf("wire: handshake: %w", err)
	}
	const ready = "\x05READY"
	body := frames[0]
	if !isCommand || len(body) < len(ready) || string(body[:len(ready)]) != ready {
		return errors.New("wire: handshake: the peer did not send READY")
	}
	if err := conn.Peer.Meta.UnmarshalZMTP(body[len(ready):]); err != nil {
		return fmt.Errorf("wire: handshake: %w", err)
	}
	return nil
}

func (null) Encrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
func (null) Decrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
