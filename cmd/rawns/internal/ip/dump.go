package ip

import (
	"encoding/binary"
	"errors"

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
// may be nil, gets each when it is read, well before show does: a link may
// speak of one that comes later. Its errors are show's and the connection's;
// after nl.ErrDumpInterrupted everything has been shown, but some of it may be
// missing or there twice.
func (r *runner) dump(b *nl.Builder, seen func(nl.Message), show func(nl.Message) error) error {
	c, err := r.main()
	if err != nil {
		return err
	}
	var held []byte
	for try := 1; ; try++ {
		held = held[:0]
		shown := false // something has been: the list cannot begin again
		var stop error
		err = nil
		for m, e := range c.Dump(b) {
			if e != nil {
				err = e
				break
			}
			if len(held) > 0 && len(held)+len(m) > r.hold {
				shown = true
				if held, stop = showHeld(held, len(held)/2, show); stop != nil {
					break
				}
			}
			if seen != nil {
				seen(m)
			}
			held = append(held, m...)
			for len(held)&3 != 0 {
				held = append(held, 0)
			}
		}
		var cut *nl.TruncatedError
		if stop == nil && !shown && try < dumpTries && (err == nl.ErrDumpInterrupted || errors.As(err, &cut)) {
			continue
		}
		if stop == nil {
			_, stop = showHeld(held, len(held), show)
		}
		if stop != nil {
			return stop
		}
		return err
	}
}

// showHeld shows the messages in held up to the one that ends at n or behind
// it, and returns those that are left, moved to the beginning.
func showHeld(held []byte, n int, show func(nl.Message) error) ([]byte, error) {
	off := 0
	for off < n {
		l := int(binary.NativeEndian.Uint32(held[off:]))
		if err := show(nl.Message(held[off : off+l : off+l])); err != nil {
			return nil, err
		}
		off += (l + 3) &^ 3
	}
	return held[:copy(held, held[off:])], nil
}
