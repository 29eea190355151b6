package ticket

// Level is how strongly the person has proved who they are.
type Level int

const (
	LevelNone    Level = 0
	LevelContact Level = 1 // control of the contact given
	LevelAccount Level = 2 // control of the contact on file at the account system
	LevelReal    Level = 3 // real name, checked by an agent or a real-name service
)

// Method is how a level is proved; each is a verifier.
type Method string

const (
	MethodMailCode   Method = "mail_code"   // one-time code to a contact
	MethodAgentCheck Method = "agent_check" // an agent checked documents or called back
)
