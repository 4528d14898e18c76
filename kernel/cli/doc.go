// Package cli is the command line: lab, kernel, run, install, doctor, version, and the hidden worker. It knows neither the
// library nor the lessons; main hands over what a command needs of them as an [App].
package cli
