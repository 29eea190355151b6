package desk

import (
	"rightsdesk/verify"
)

// Verifiers are the services of the desk by which people prove who they are
// beside the mailed code. What is nil or false is not offered.
type Verifiers struct {
	RealNames verify.RealNames
	Payments  verify.Payments
	Texts     bool // the worker has a gateway
	SignIn    bool // the web side has a provider at which people sign in
}
