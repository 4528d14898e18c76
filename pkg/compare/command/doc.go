// Package command is "tunebook compare" on the command line. It is apart from package compare, which cells can import and which
// knows no command line.
package command
