package explain

import "rawns/nl"

// Requests remembers the latest requests of a conversation, so that the
// acknowledgement of one can be explained with it. The zero value is empty.
type Requests struct {
	at   [64]request
	next int
}

type request struct {
	seq uint32
	p   []byte
}

// Note keeps the requests among the messages of p. It does not copy them.
func (r *Requests) Note(p []byte, o Options) {
	for len(p) >= nl.HeaderLen {
		one := p[:Size(p, o)]
		p = p[len(one):]
		w := newWalker(one, o, nil)
		if len(one) >= nl.HeaderLen && w.u16(6)&1 != 0 { // NLM_F_REQUEST
			r.at[r.next] = request{w.u32(8), one}
			r.next = (r.next + 1) % len(r.at)
		}
	}
}

// Of returns the request that the first message of p answers, or nil.
func (r *Requests) Of(p []byte, o Options) []byte {
	if len(p) < nl.HeaderLen {
		return nil
	}
	w := newWalker(p, o, nil)
	seq := w.u32(8)
	for i := range r.at {
		// The latest first: a sequence number may have been used before.
		q := &r.at[(r.next+len(r.at)-1-i)%len(r.at)]
		if q.p != nil && q.seq == seq {
			return q.p
		}
	}
	return nil
}
