// Package command is "tunebook bench" on the command line. It is apart from package bench, which cells can import and which
// knows no command line.
package command
