// Command rightsdesk is a desk for data-subject requests: one ticket is one
// durable workflow.
package main

import (
	"os"

	"rightsdesk/command"
)

func main() { os.Exit(command.Main(os.Args[1:], os.Stdout, os.Stderr)) }
