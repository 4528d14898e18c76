package graph

import "github.com/tunebook/tunebook/pkg/compute"

// copies is what a machine moves between the memory of this process and that of a device with its own: leaves before a run,
// for whoever wrote to them, and after it the values that somebody looks at. A device that works on host memory needs none.
type copies struct {
	device   compute.Device
	host     bool // the device works on host memory
	up, down []transfer
	seen     map[*Node]compute.HostFloats // by the node that has the value
}

type transfer struct{ to, from compute.Buffer }

// newCopies are those of a machine with this memory.
func newCopies(d compute.Device, memory compute.Buffer) *copies {
	_, host := memory.(compute.HostFloats)
	return &copies{device: d, host: host, seen: map[*Node]compute.HostFloats{}}
}

// make is the device's buffer for host memory, which is that memory where the device works on it.
func (c *copies) make(host compute.Buffer) (compute.Buffer, error) {
	switch {
	case c.host:
		return host, nil
	case host.Type() == compute.Int32:
		return c.device.Ints(host.Len())
	}
	return c.device.Floats(host.Len())
}

// leaf is a buffer that has the host's values in every run.
func (c *copies) leaf(n *Node) (compute.Buffer, error) {
	host := compute.Buffer(compute.HostFloats(n.floats))
	if n.ints != nil {
		host = compute.HostInts(n.ints)
	}
	made, err := c.make(host)
	if err == nil && !c.host {
		c.up = append(c.up, transfer{made, host})
	}
	return made, err
}

// constant is a buffer that has the values from now on.
func (c *copies) constant(values compute.HostFloats) (compute.Buffer, error) {
	made, err := c.make(values)
	if err == nil && !c.host {
		err = c.device.Copy(made, values)
	}
	return made, err
}

// look is a value as host memory, which the next runs keep up to date.
func (c *copies) look(n *Node, value compute.Buffer) ([]float32, error) {
	if host, ok := value.(compute.HostFloats); ok {
		return host, nil
	}
	if host, ok := c.seen[n]; ok {
		return host, nil
	}
	host := compute.HostFloats(compute.Floats(value.Len()))
	if err := c.device.Copy(host, value); err != nil {
		return nil, err
	}
	c.seen[n], c.down = host, append(c.down, transfer{host, value})
	return host, c.device.Sync()
}

func (c *copies) begin() error { return c.all(c.up) }

// end waits for a run.
func (c *copies) end() error {
	if err := c.all(c.down); err != nil {
		return err
	}
	return c.device.Sync()
}

func (c *copies) all(list []transfer) error {
	for _, t := range list {
		if err := c.device.Copy(t.to, t.from); err != nil {
			return err
		}
	}
	return nil
}
