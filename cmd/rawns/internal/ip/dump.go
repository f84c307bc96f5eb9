package ip

import (
	"encoding/binary"
	"errors"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// holdDump bounds what a list keeps in memory. A list that fits is read whole
// before any of it is shown: then it can be asked for again if it changed
// meanwhile. Of a longer one the older half is shown whenever it is full, so
// that what is shown has always been read some way beyond.
const holdDump = 512 << 10

// dumpTries bounds how often a list that keeps changing is asked for again.
const dumpTries = 8

// dump asks for a list and hands its messages to show, in order. seen, which
// may be nil, gets each well before show does: a link may speak of one that comes
// later. Neither runs while the other does. Its errors are show's and the connection's;
// after nl.ErrDumpInterrupted everything has been shown, but some of it may be
// missing or there twice.
func (r *runner) dump(b *nl.Builder, seen func(nl.Message), show func(nl.Message) error) error {
	c, err := r.main()
	if err != nil {
		return err
	}
	var held heldList
	for try := 1; ; try++ {
		held.reset(r.hold)
		shown := false // something has been: the list cannot begin again
		var stop error
		err = nil
		for m, e := range c.Dump(b) {
			if e != nil {
				err = e
				break
			}
			if !held.fits(m) {
				shown = shown || len(held.old) > 0
				if stop = held.turn(seen, show, true); stop != nil {
					break
				}
			}
			held.add(m)
		}
		if e := held.join(); stop == nil {
			stop = e
		}
		var cut *nl.TruncatedError
		if stop == nil && !shown && try < dumpTries && (err == nl.ErrDumpInterrupted || errors.As(err, &cut)) {
			continue
		}
		for range 2 {
			if stop == nil {
				stop = held.turn(seen, show, false)
			}
		}
		if stop != nil {
			return stop
		}
		return err
	}
}

// A heldList holds messages in two halves: when the younger one is full, the
// older one is shown, and makes room. In a long list that may happen beside the
// reading: the kernel makes up a list while it is read, and takes about as long
// for it as we do to write it.
type heldList struct {
	old, young []byte
	half       int // bytes that a half holds, if a single message is not more

	beside []byte     // what is being shown, or its room
	done   chan error // where that tells how it ended
	busy   bool
}

func (h *heldList) reset(hold int) {
	h.old, h.young, h.half = h.old[:0], h.young[:0], hold/2
}

// join waits until what is being shown has been.
func (h *heldList) join() error {
	if !h.busy {
		return nil
	}
	h.busy = false
	return <-h.done
}

func (h *heldList) fits(m nl.Message) bool {
	return len(h.young) == 0 || len(h.young)+len(m)+3 <= h.half
}

func (h *heldList) add(m nl.Message) {
	if h.young == nil && cap(h.old) == 0 {
		h.young = make([]byte, 0, firstHeld)
	} else if len(h.young)+len(m)+3 > cap(h.young) {
		h.young = append(make([]byte, 0, max(h.half, len(m)+3)), h.young...)
	}
	h.young = append(h.young, m...)
	for len(h.young)&3 != 0 {
		h.young = append(h.young, 0)
	}
}

// firstHeld is the room for a short list.
const firstHeld = 16 << 10

// turn has the younger half seen, shows the older one, and makes the younger one
// the older. With beside it comes back at once: neither seen nor show may touch
// what the reading does, until join.
func (h *heldList) turn(seen func(nl.Message), show func(nl.Message) error, beside bool) error {
	if err := h.join(); err != nil {
		return err
	}
	if beside && (len(h.old) > 0 || seen != nil) {
		if h.done == nil {
			h.done = make(chan error, 1)
			cli.AllCPUs()
		}
		h.old, h.young, h.beside, h.busy = h.young, h.beside[:0], h.old, true
		next := h.old
		go func() {
			seeAll(next, seen)
			h.done <- showAll(h.beside, show)
		}()
		return nil
	}
	seeAll(h.young, seen)
	if err := showAll(h.old, show); err != nil {
		return err
	}
	h.old, h.young = h.young, h.old[:0]
	return nil
}

func seeAll(p []byte, seen func(nl.Message)) {
	if seen != nil {
		showAll(p, func(m nl.Message) error { seen(m); return nil })
	}
}

// showAll shows messages that stand one behind the other.
func showAll(p []byte, show func(nl.Message) error) error {
	for off := 0; off < len(p); {
		l := int(binary.NativeEndian.Uint32(p[off:]))
		if err := show(nl.Message(p[off : off+l : off+l])); err != nil {
			return err
		}
		off += (l + 3) &^ 3
	}
	return nil
}
