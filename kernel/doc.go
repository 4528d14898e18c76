// Package kernel is the Jupyter kernel: it answers a front-end's messages on the five channels of the protocol and runs
// cells in one [Session]. It knows no machine learning and no interpreter.
//
// shell runs what it is sent one after the other. control is answered at once, whatever shell is doing, so a cell that
// hangs can always be interrupted. iopub carries what cells show; streams are gathered for 50 ms first, so a loop of
// prints becomes few messages. stdin asks the client whose cell is running, and nobody else. heartbeat echoes.
package kernel
