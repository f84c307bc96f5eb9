package ip

import (
	"errors"

	"rawns/nl"
)

// holdDump bounds what a list keeps in memory. A list that fits is read whole
// before any of it is shown: then it can be asked for again if it changed
// meanwhile. A longer one is shown as it comes.
const holdDump = 8 << 20

// dumpTries bounds how often a list that keeps changing is asked for again.
const dumpTries = 8

// dump asks for a list and hands its messages to show, in order. all, which
// may be nil, sees the messages of a list that is held, before show sees the
// first: they may be looked at twice. Its errors are the connection's; after
// nl.ErrDumpInterrupted everything has been shown, but some of it may be
// missing or there twice.
func (r *runner) dump(b *nl.Builder, all func([]byte), show func(nl.Message) error) error {
	c, err := r.main()
	if err != nil {
		return err
	}
	var held []byte
	for try := 1; ; try++ {
		held = held[:0]
		streaming := false
		var stop error
		for m, e := range c.Dump(b) {
			if e != nil {
				err = e
				break
			}
			if !streaming && len(held)+len(m) > holdDump {
				streaming = true
				if stop = each(held, show); stop != nil {
					break
				}
			}
			if streaming {
				if stop = show(m); stop != nil {
					break
				}
				continue
			}
			held = append(held, m...)
			for len(held)&3 != 0 {
				held = append(held, 0)
			}
		}
		if stop != nil || streaming {
			return errors.Join(stop, err)
		}
		var cut *nl.TruncatedError
		if try < dumpTries && (err == nl.ErrDumpInterrupted || errors.As(err, &cut)) {
			err = nil
			continue
		}
		if err != nil && err != nl.ErrDumpInterrupted {
			return err
		}
		if all != nil {
			all(held)
		}
		if stop := each(held, show); stop != nil {
			return stop
		}
		return err
	}
}

func each(held []byte, show func(nl.Message) error) error {
	for m := range nl.Messages(held) {
		if err := show(m); err != nil {
			return err
		}
	}
	return nil
}
