package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// sizeLimit bounds one multipart message. Larger ones come from a broken or hostile peer: no notebook cell is that big.
const sizeLimit = 1 << 30

// ErrSize says that a peer announced a message beyond the limit.
var ErrSize = errors.New("wire: message too large")

// Bits of the first byte of a ZMTP 3 frame; RFC 23, "Framing".
const (
	more    = 1
	long    = 2
	command = 4
)

// readFrames reads one multipart message, or one command, of ZMTP 3.
func readFrames(r *bufio.Reader, limit uint64) (frames [][]byte, isCommand bool, err error) {
	var total uint64
	for {
		flags, err := r.ReadByte()
		if err != nil {
			return nil, false, err
		}
		if flags&^(more|long|command) != 0 || flags&command != 0 && flags&more != 0 {
			return nil, false, fmt.Errorf("wire: frame with flags %#x; the peer does not speak ZMTP 3", flags)
		}
		size, err := readSize(r, flags&long != 0)
		if err != nil {
			return nil, false, err
		}
		if size > limit || total+size > limit || len(frames) > 1<<16 {
			return nil, false, fmt.Errorf("%w: %d bytes in frame %d, limit %d", ErrSize, size, len(frames), limit)
		}
		total += size
		frame, err := readBody(r, size)
		if err != nil {
			return nil, false, fmt.Errorf("wire: frame of %d bytes: %w", size, err)
		}
		frames = append(frames, frame)
		if flags&more == 0 {
			return frames, flags&command != 0, nil
		}
	}
}

func readSize(r *bufio.Reader, isLong bool) (uint64, error) {
	var head [8]byte
	if isLong {
		_, err := io.ReadFull(r, head[:])
		return binary.BigEndian.Uint64(head[:]), err
	}
	_, err := io.ReadFull(r, head[7:])
	return uint64(head[7]), err
}

// readBody grows as bytes arrive, so that announcing a gigabyte without sending it costs the peer more than us.
func readBody(r *bufio.Reader, size uint64) ([]byte, error) {
	const step = 1 << 20
	body := make([]byte, 0, min(size, step))
	for uint64(len(body)) < size {
		from := len(body)
		n := min(size-uint64(from), step)
		body = append(body, make([]byte, n)...)
		if _, err := io.ReadFull(r, body[from:]); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// appendFrames appends the bytes of one multipart message to to.
func appendFrames(to []byte, frames [][]byte) []byte {
	for i, frame := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags |= more
		}
		if len(frame) > 255 {
			to = append(to, flags|long)
			to = binary.BigEndian.AppendUint64(to, uint64(len(frame)))
		} else {
			to = append(to, flags, byte(len(frame)))
		}
		to = append(to, frame...)
	}
	return to
}

// pong is the answer to a PING command; RFC 37, "PONG": the context of the ping comes back.
func pong(ping []byte) []byte {
	const name = "\x04PING"
	if len(ping) < len(name)+2 || string(ping[:len(name)]) != name || len(ping) > 255 {
		return nil
	}
	body := append([]byte("\x04PONG"), ping[len(name)+2:]...)
	return append([]byte{command, byte(len(body))}, body...)
}
