// Package link is what the kernel and its worker say to each other: JSON values, one a line, over two pipes.
package link
