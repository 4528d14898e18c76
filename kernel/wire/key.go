package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Key signs messages by HMAC-SHA256. The empty key switches signing off, as the protocol says.
type Key string

// Sign gives the hexadecimal signature of frames.
func (k Key) Sign(frames [][]byte) []byte {
	if k == "" {
		return []byte{}
	}
	return hex.AppendEncode(nil, k.sum(frames))
}

// Check compares in constant time, so that answers tell nothing about how much of a guessed signature was right.
func (k Key) Check(signature []byte, frames [][]byte) bool {
	if k == "" {
		return true
	}
	got := make([]byte, hex.DecodedLen(len(signature)))
	n, err := hex.Decode(got, signature)
	return err == nil && hmac.Equal(got[:n], k.sum(frames))
}

func (k Key) sum(frames [][]byte) []byte {
	mac := hmac.New(sha256.New, []byte(k))
	for _, frame := range frames {
		mac.Write(frame)
	}
	return mac.Sum(nil)
}
