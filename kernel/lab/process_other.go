//go:build !unix

package lab

import "os/exec"

func ownGroup(*exec.Cmd) {}

// terminate ends the server at once: there is no signal that asks it to.
func terminate(c *exec.Cmd) { _ = c.Process.Kill() }
