// Package command is "tunebook lessons" on the command line. It is apart from package lessons, which cells can import and
// which knows no command line.
package command
