package policy

import "strings"

// Decision is what to remember and what to do. Reasons say why, in order.
type Decision struct {
	Memory  Memory
	Effects []Effect
	Reasons []Reason
	// Rouse are other requests that must be looked at again because of this
	// one; each once, sorted.
	Rouse []IssueAt
	// ByStaff reports that who did it is staff, as far as the facts tell: they
	// answer for it by name.
	ByStaff bool
}

// Reason is one step of an explanation: a code that never changes its
// meaning, and values of closed types.
type Reason struct {
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
}

// String returns the code with its arguments, as explain prints it.
func (r Reason) String() string {
	if len(r.Args) == 0 {
		return r.Code
	}
	return r.Code + "(" + strings.Join(r.Args, ", ") + ")"
}
