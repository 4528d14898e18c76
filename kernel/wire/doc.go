// Package wire speaks the Jupyter messaging protocol, version 5.4, over ZeroMQ in pure Go: connection files, signed
// messages and their contents, and the three kinds of sockets that a kernel listens on.
//
// The ZMTP handshake is that of github.com/go-zeromq/zmq4. The sockets are our own, because a kernel needs two things
// that its sockets do not give: one subscriber that stops reading must not stall the others, and one client that hangs
// in its handshake must not keep the next one waiting. So every connection has its own reader, its own writer and its
// own bounded queue.
//
// Specification: https://jupyter-client.readthedocs.io/en/stable/messaging.html and ZMTP 3.0, https://rfc.zeromq.org/spec/23/.
package wire
