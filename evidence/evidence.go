// Package evidence is the form of what proves how a ticket was handled: the
// chained entries of its trail and of its clock, and the signed file that holds
// them. It makes and checks; it reads and writes nothing, and needs neither the
// database nor the master key.
package evidence
