package ip

import (
	"rawns/nl"
)

// A plan is what a command line means: steps, in order. Nothing has been
// looked up or sent yet.
type plan struct {
	steps []step
}

// A step is one part of a plan: a request, a list to show, a namespace to
// make. It holds everything that the words said; run carries it out.
type step interface {
	run(r *runner) error
}

// A request is a step that sends one message and waits for its ack. The
// message is complete but for its fixups.
type request struct {
	b    nl.Builder
	fix  []fixup
	done int // how many of fix are in place
	// late, if it is there, appends what depends on the kernel's state, when
	// the fixups before it are in place. It may add some.
	late func(r *runner) error
	ends bool // the kernel's refusal ends a batch, too: iproute2 exits
}

// req makes a request a state of its own.
func (q *request) req() *request { return q }

// A fixup is a number of a message that a name stands for.
type fixup struct {
	at   int // offset in the message: of the number, or (netns) of the attribute's header
	kind fixKind
	name string
	// missing is the failure if there is nothing of that name, where it is not
	// noDevice's: the words for it depend on the command.
	missing *failure
	// check, if it is there, says whether the interface that was found will
	// do: its own words again.
	check func(r *runner, d device) error
}

type fixKind uint8

const (
	fixDev   fixKind = iota // the index of an interface
	fixNetns                // a namespace: a descriptor, or, changing the attribute's type to pidType, a process's id
	fixNSID                 // the number that the namespace of a name has, or now gets, here
)

// dev appends attribute at with the index that name will have; missing, if it
// is nil, is that there is no such device.
func (q *request) dev(at nl.AttrU32, name string, missing *failure) *fixup {
	q.b.U32(at, 0)
	return q.devAt(q.b.Size()-4, name, missing)
}

// devAt is dev for a number at an offset of the message, such as ifi_index.
// The fixup that it returns is valid until the next one is made.
//
//go:noinline
func (q *request) devAt(off int, name string, missing *failure) *fixup {
	q.fix = append(q.fix, fixup{at: off, kind: fixDev, name: name, missing: missing})
	return &q.fix[len(q.fix)-1]
}

func noDevice(name string) *failure { return failf(exitMissing, `Cannot find device "`, name, `"`) }
