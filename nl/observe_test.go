package nl

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

type watcher struct{ sent, received [][]byte }

func (w *watcher) Sending(_ *Conn, p []byte) { w.sent = append(w.sent, append([]byte(nil), p...)) }
func (w *watcher) Received(_ *Conn, p []byte) {
	w.received = append(w.received, append([]byte(nil), p...))
}

// A Conn that pretends gets its answers from a function, and its Observer sees
// what goes either way, sequence numbers and flags in place.
func TestPretendAndObserver(t *testing.T) {
	var asked []Message
	c := Pretend(unix.NETLINK_ROUTE, func(req []byte, reply func([]byte)) {
		m := append(Message(nil), req...)
		asked = append(asked, m)
		var b Builder
		b.Message(unix.RTM_NEWLINK, 0)
		b.Extend(16)
		one, _ := b.Bytes()
		reply(setSeq(one, m.Seq()))
		if m.Type() == unix.RTM_GETROUTE {
			return // no ack
		}
		b.Reset()
		b.Message(unix.NLMSG_ERROR, 0)
		b.Extend(20)
		ack, _ := b.Bytes()
		reply(setSeq(ack, m.Seq()))
	})
	w := &watcher{}
	c.Observer = w
	var b Builder
	b.Message(unix.RTM_GETLINK, 0)
	b.Extend(16)
	got := 0
	if err := c.Do(&b, func(Message) { got++ }); err != nil || got != 1 {
		t.Fatalf("%v, %d answers", err, got)
	}
	if len(asked) != 1 || asked[0].Seq() == 0 || asked[0].Flags() != unix.NLM_F_REQUEST|unix.NLM_F_ACK {
		t.Errorf("asked %x", asked)
	}
	if len(w.sent) != 1 || string(w.sent[0]) != string(asked[0]) || len(w.received) != 2 || Message(w.received[1]).Type() != unix.NLMSG_ERROR {
		t.Errorf("the observer saw %x and %x", w.sent, w.received)
	}
	b.Reset()
	b.Message(unix.RTM_GETROUTE, 0)
	b.Extend(12)
	if err := c.Do(&b, nil); !errors.Is(err, ErrUnexpected) {
		t.Errorf("without an ack: %v", err)
	}
	if c.Protocol() != unix.NETLINK_ROUTE || c.Close() != nil {
		t.Error("Protocol or Close")
	}
}

func setSeq(p []byte, seq uint32) []byte {
	c := Conn{seq: seq - 1}
	c.stamp(Message(p), 0)
	return p
}

// OnDial hears of every Conn, and what its Observer is told is the conversation.
func TestOnDial(t *testing.T) {
	w := &watcher{}
	OnDial = func(c *Conn) { c.Observer = w }
	defer func() { OnDial = nil }()
	c, err := Dial(unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b Builder
	b.Message(unix.RTM_GETLINK, 0)
	b.Extend(16)
	n := 0
	for _, err := range c.Dump(&b) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	seen := 0
	for _, p := range w.received {
		for m := range Messages(p) {
			if m.Type() == unix.RTM_NEWLINK {
				seen++
			}
		}
	}
	if len(w.sent) != 1 || seen != n || n == 0 {
		t.Errorf("%d requests and %d links seen, %d links listed", len(w.sent), seen, n)
	}
}
