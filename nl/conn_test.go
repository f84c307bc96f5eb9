package nl

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"golang.org/x/sys/unix"
)

// fakeKernel answers every request with what reply returns: datagrams, each
// from a port.
type fakeKernel struct {
	reply func(req Message, seq uint32) []datagram
	queue []datagram
	sent  int
	chill error // returned by recv once the queue is empty
}

type datagram struct {
	p    []byte
	from uint32
	err  error
}

func (k *fakeKernel) send(p []byte) error {
	for m := range Messages(p) {
		k.sent++
		if k.reply != nil {
			k.queue = append(k.queue, k.reply(m, m.Seq())...)
		}
	}
	return nil
}

func (k *fakeKernel) recv(p []byte, wait bool) (int, uint32, error) {
	if len(k.queue) == 0 && !wait {
		return 0, 0, errNothing
	}
	if len(k.queue) == 0 {
		if k.chill == nil {
			k.chill = io.ErrNoProgress
		}
		return 0, 0, k.chill
	}
	d := k.queue[0]
	k.queue = k.queue[1:]
	copy(p, d.p)
	return len(d.p), d.from, d.err
}

func (k *fakeKernel) close() error { return nil }

// msg builds one message of the kernel's.
func msg(typ, flags uint16, seq uint32, payload ...byte) []byte {
	var b Builder
	b.Message(typ, flags)
	copy(b.Extend(len(payload)), payload)
	p, _ := b.Bytes()
	binary.NativeEndian.PutUint32(p, uint32(HeaderLen+len(payload)))
	binary.NativeEndian.PutUint32(p[8:], seq)
	return append([]byte(nil), p...)
}

func errnoBytes(e int32) []byte { return binary.NativeEndian.AppendUint32(nil, uint32(e)) }

func ack(seq uint32) []byte {
	return msg(unix.NLMSG_ERROR, unix.NLM_F_CAPPED, seq, append(errnoBytes(0), make([]byte, 16)...)...)
}

func request(n int) *Builder {
	b := new(Builder)
	for i := range n {
		b.Message(unix.RTM_NEWLINK, 0)
		b.Extend(16)
		b.U32(4, uint32(i))
	}
	return b
}

// tlvs are the attributes of an extended ack.
func tlvs(offset, nest uint32) []byte {
	var b Builder
	b.Message(0, 0)
	b.Str(unix.NLMSGERR_ATTR_MSG, "Attribute failed policy validation")
	b.U32(unix.NLMSGERR_ATTR_OFFS, offset)
	b.Blob(unix.NLMSGERR_ATTR_COOKIE, []byte{1, 2})
	n := b.NestF(nlmsgerrPolicy)
	b.U32(unix.NL_POLICY_TYPE_ATTR_TYPE, unix.NL_ATTR_TYPE_U32)
	b.U64(unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_U, 68)
	b.U64(unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_U, 65535)
	b.End(n)
	b.U32(nlmsgerrMissType, 3)
	b.U32(nlmsgerrMissNest, nest)
	p, _ := b.Bytes()
	return p[HeaderLen:]
}

func cat(ps ...[]byte) (out []byte) {
	for _, p := range ps {
		out = append(out, p...)
	}
	return out
}

// The three shapes of an extended ack, and a dump's DONE, all say the same.
func TestExtendedAckShapes(t *testing.T) {
	inval := errnoBytes(-int32(unix.EINVAL))
	for name, c := range map[string]struct {
		dump, extended bool
		reply          func(req Message, seq uint32) []byte
	}{
		"bare errno and the whole request": {reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_ERROR, 0, seq, cat(inval, req)...)
		}},
		"errno and header, before CAP_ACK had a flag": {reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_ERROR, 0, seq, cat(inval, req[:16])...)
		}},
		"capped": {reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_ERROR, unix.NLM_F_CAPPED, seq, cat(inval, req[:16])...)
		}},
		"capped, extended": {extended: true, reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_ERROR, unix.NLM_F_CAPPED|unix.NLM_F_ACK_TLVS, seq, cat(inval, req[:16], tlvs(32, 16))...)
		}},
		"whole request, extended": {extended: true, reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, seq, cat(inval, req, tlvs(32, 16))...)
		}},
		"done, extended": {dump: true, extended: true, reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_DONE, unix.NLM_F_MULTI|unix.NLM_F_ACK_TLVS, seq, cat(inval, tlvs(32, 16))...)
		}},
		"done, bare": {dump: true, reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_DONE, unix.NLM_F_MULTI, seq, inval...)
		}},
		"a dump refused": {dump: true, extended: true, reply: func(req Message, seq uint32) []byte {
			return msg(unix.NLMSG_ERROR, unix.NLM_F_CAPPED|unix.NLM_F_ACK_TLVS, seq, cat(inval, req[:16], tlvs(32, 16))...)
		}},
	} {
		c2 := &Conn{t: &fakeKernel{reply: func(req Message, seq uint32) []datagram {
			return []datagram{{p: c.reply(req, seq)}}
		}}}
		b := request(1)
		var err error
		if c.dump {
			for m, e := range c2.Dump(b) {
				if e == nil {
					t.Errorf("%s: yielded %x", name, m)
				}
				err = e
			}
		} else {
			err = c2.Do(b, nil)
		}
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, unix.EINVAL) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if e.Type != unix.RTM_NEWLINK || len(e.Request) != 40 {
			t.Errorf("%s: type %d, request of %d bytes", name, e.Type, len(e.Request))
		}
		if !c.extended {
			if e.Text != "" || e.Offset != 0 || e.Policy != nil || e.HasMissing {
				t.Errorf("%s: %+v", name, e)
			}
			continue
		}
		if e.Text != "Attribute failed policy validation" || e.Offset != 32 || string(e.Cookie) != "\x01\x02" ||
			!e.HasMissing || e.MissingType != 3 || e.MissingNest != 16 {
			t.Errorf("%s: %+v", name, e)
		}
		if e.Policy == nil || e.Policy.String() != "a u32 from 68 to 65535" {
			t.Errorf("%s: policy %v", name, e.Policy)
		}
	}
}

func TestPolicyString(t *testing.T) {
	neg := func(v int64) uint64 { return uint64(v) }
	for want, p := range map[string]Policy{
		"a u8":                             {Type: unix.NL_ATTR_TYPE_U8, HasRange: true, Max: 255},
		"a u32":                            {Type: unix.NL_ATTR_TYPE_U32, HasRange: true, Max: 1<<32 - 1},
		"a u64":                            {Type: unix.NL_ATTR_TYPE_U64, HasRange: true, Max: 1<<64 - 1},
		"a u64 from 1 to 2":                {Type: unix.NL_ATTR_TYPE_U64, HasRange: true, Min: 1, Max: 2},
		"an s32":                           {Type: unix.NL_ATTR_TYPE_S32, HasRange: true, Min: neg(-1 << 31), Max: 1<<31 - 1},
		"an s64":                           {Type: unix.NL_ATTR_TYPE_S64, HasRange: true, Min: 1 << 63, Max: 1<<63 - 1},
		"an s8 from -1 to 5":               {Type: unix.NL_ATTR_TYPE_S8, HasRange: true, Min: neg(-1), Max: 5},
		"a string of at most 15 bytes":     {Type: unix.NL_ATTR_TYPE_STRING, HasMaxLen: true, MaxLen: 15},
		"bytes of at least 4 bytes":        {Type: unix.NL_ATTR_TYPE_BINARY, HasMinLen: true, MinLen: 4},
		"a bitfield32 within the bits 0x3": {Type: unix.NL_ATTR_TYPE_BITFIELD32, HasMask: true, Mask: 3},
		"type 4294967295":                  {Type: 1<<32 - 1},
	} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Offsets beyond the request are not believed.
func TestExtendedAckLies(t *testing.T) {
	c := &Conn{t: &fakeKernel{reply: func(req Message, seq uint32) []datagram {
		return []datagram{{p: msg(unix.NLMSG_ERROR, unix.NLM_F_CAPPED|unix.NLM_F_ACK_TLVS, seq,
			cat(errnoBytes(-1), req[:16], tlvs(4000, 0xffffffff))...)}}
	}}}
	var e *Error
	if err := c.Do(request(1), nil); !errors.As(err, &e) || e.Offset != 0 || e.MissingNest != 0 {
		t.Errorf("%+v", err)
	}
}

func TestDo(t *testing.T) {
	k := &fakeKernel{reply: func(req Message, seq uint32) []datagram {
		return []datagram{
			{p: ack(seq - 1)}, // left over from a conversation that failed
			{p: msg(unix.RTM_NEWLINK, 0, seq+7, 9)},
			{p: cat(msg(unix.NLMSG_NOOP, 0, seq), msg(unix.RTM_NEWLINK, 0, seq, 1, 2, 3, 4))},
			{p: ack(seq)},
		}
	}}
	c := &Conn{t: k}
	var got []byte
	err := c.Do(request(1), func(m Message) { got = append(got, m.Payload()...) })
	if err != nil || string(got) != "\x01\x02\x03\x04" {
		t.Errorf("%v, %x", err, got)
	}
	if s := c.Stats(); s.Sent != 1 || s.Received != 5 || s.Calls != 5 {
		t.Errorf("%+v", s)
	}
	if err := c.Do(request(2), nil); err != ErrOneMessage {
		t.Errorf("Do of two messages: %v", err)
	}
}

func TestDoFlags(t *testing.T) {
	var flags uint16
	c := &Conn{t: &fakeKernel{reply: func(req Message, seq uint32) []datagram {
		flags = req.Flags()
		return []datagram{{p: ack(seq)}}
	}}}
	if err := c.Do(request(1), nil); err != nil || flags != unix.NLM_F_REQUEST|unix.NLM_F_ACK {
		t.Errorf("%v, flags %#x", err, flags)
	}
}

// What breaks a conversation off, each with its own error, and what the Conn
// does next.
func TestBrokenConversations(t *testing.T) {
	for name, c := range map[string]struct {
		reply []datagram // seq is filled in
		check func(error) bool
	}{
		"a foreign sender": {[]datagram{{p: ack(1), from: 4711}}, func(err error) bool {
			var f *ForeignError
			return errors.As(err, &f) && f.Pid == 4711
		}},
		"a lying length": {[]datagram{{p: message(99)}}, func(err error) bool {
			var l *LengthError
			return errors.As(err, &l) && l.Claim == 99 && l.Have == 16
		}},
		"an ack too short": {[]datagram{{p: msg(unix.NLMSG_ERROR, 0, 1)}}, func(err error) bool {
			var l *LengthError
			return errors.As(err, &l)
		}},
		"an end without an ack": {[]datagram{{}}, func(err error) bool { return err == ErrUnexpected }},
		"an overrun":            {[]datagram{{err: ErrOverrun}}, func(err error) bool { return err == ErrOverrun }},
		"truncated": {[]datagram{{p: make([]byte, 100_000)}}, func(err error) bool {
			var tr *TruncatedError
			return errors.As(err, &tr) && tr.Have == recvSize && tr.Need == 100_000
		}},
	} {
		k := &fakeKernel{reply: func(Message, uint32) []datagram { return c.reply }}
		conn := &Conn{t: k}
		if err := conn.Do(request(1), nil); !c.check(err) {
			t.Errorf("%s: Do: %v", name, err)
		}
		var err error
		for m, e := range conn.Dump(request(1)) {
			if e == nil {
				t.Errorf("%s: Dump yielded %x", name, m)
			}
			err = e
		}
		if name != "truncated" && name != "an ack too short" && !c.check(err) { // the buffer has grown; sequence 1 is over
			t.Errorf("%s: Dump: %v", name, err)
		}
		k.queue, k.reply = nil, func(_ Message, seq uint32) []datagram { return []datagram{{p: ack(seq)}} }
		if err := conn.Do(request(1), nil); err != nil {
			t.Errorf("%s: the next Do: %v", name, err)
		}
	}
}

func TestTruncatedDumpIsRepeated(t *testing.T) {
	big := make([]byte, 40_000)
	k := &fakeKernel{reply: func(_ Message, seq uint32) []datagram {
		return []datagram{{p: msg(unix.RTM_NEWLINK, 2, seq, big...)}, {p: msg(unix.NLMSG_DONE, 2, seq, 0, 0, 0, 0)}}
	}}
	c := &Conn{t: k}
	p, err := c.List(request(1), nil)
	if err != nil || len(p) != 40_016 || k.sent != 2 {
		t.Errorf("%v, %d bytes, asked %d times", err, len(p), k.sent)
	}
}

func TestDump(t *testing.T) {
	interrupt := 0
	k := &fakeKernel{reply: func(_ Message, seq uint32) []datagram {
		var f uint16 = unix.NLM_F_MULTI
		if interrupt > 0 {
			interrupt--
			f |= unix.NLM_F_DUMP_INTR
		}
		return []datagram{
			{p: cat(msg(unix.RTM_NEWLINK, f, seq, 1), msg(unix.RTM_NEWLINK, f, seq, 2), msg(unix.RTM_NEWLINK, 2, seq-1, 9))},
			{p: msg(unix.RTM_NEWLINK, 2, seq, 3)},
			{p: msg(unix.NLMSG_DONE, 2, seq, 0, 0, 0, 0)},
		}
	}}
	c := &Conn{t: k}
	run := func(stop int) (got []byte, err error) {
		for m, e := range c.Dump(request(1)) {
			if e != nil {
				return got, e
			}
			got = append(got, m.Payload()[0])
			if len(got) == stop {
				break
			}
		}
		return got, nil
	}
	if got, err := run(0); err != nil || string(got) != "\x01\x02\x03" {
		t.Errorf("%v %x", err, got)
	}
	// Left early: the rest is drained, and the Conn is free for the next.
	if got, err := run(1); err != nil || string(got) != "\x01" || len(k.queue) != 0 {
		t.Errorf("%v %x, %d datagrams left", err, got, len(k.queue))
	}
	interrupt = 1
	if got, err := run(0); err != ErrDumpInterrupted || string(got) != "\x01\x02\x03" {
		t.Errorf("interrupted: %v %x", err, got)
	}
	interrupt = 2
	k.sent = 0
	p, err := c.List(request(1), []byte("keep"))
	if err != nil || k.sent != 3 || len(p) != 4+3*20 || string(p[:4]) != "keep" {
		t.Errorf("List: %v, asked %d times, %d bytes", err, k.sent, len(p))
	}
	interrupt = 1 << 20
	k.sent = 0
	if p, err := c.List(request(1), nil); err != ErrDumpInterrupted || k.sent != repeatTries || len(p) != 3*20 {
		t.Errorf("List that never settles: %v, asked %d times, %d bytes", err, k.sent, len(p))
	}
}

func TestBusyAndClosed(t *testing.T) {
	c := &Conn{t: &fakeKernel{reply: func(_ Message, seq uint32) []datagram {
		return []datagram{{p: msg(unix.RTM_NEWLINK, 2, seq, 1)}, {p: msg(unix.NLMSG_DONE, 2, seq, 0, 0, 0, 0)}}
	}}}
	for range c.Dump(request(1)) {
		if err := c.Do(request(1), nil); err != ErrBusy {
			t.Errorf("Do inside Dump: %v", err)
		}
		if err := c.Batch(request(1), nil); err != ErrBusy {
			t.Errorf("Batch inside Dump: %v", err)
		}
		if err := c.Close(); err != ErrBusy {
			t.Errorf("Close inside Dump: %v", err)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Do(request(1), nil); err != ErrClosed {
		t.Errorf("Do after Close: %v", err)
	}
	if err := c.Close(); err != ErrClosed {
		t.Errorf("Close after Close: %v", err)
	}
}

// A batch reports each message's own result, and goes on behind a failure, in
// windows whose acks fit the receive buffer.
func TestBatch(t *testing.T) {
	k := &fakeKernel{}
	most := 0
	k.reply = func(req Message, seq uint32) []datagram {
		most = max(most, len(k.queue)+1)
		if v, _ := req.Attrs(16).U32(4); v%100 == 7 {
			return []datagram{{p: msg(unix.NLMSG_ERROR, unix.NLM_F_CAPPED, seq, cat(errnoBytes(-int32(unix.EEXIST)), req[:16])...)}}
		}
		return []datagram{{p: msg(unix.RTM_NEWLINK, 0, seq)}, {p: ack(seq)}} // an echo comes first
	}
	c := &Conn{t: k}
	var failed []int
	n := 0
	err := c.Batch(request(1000), func(i int, err error) {
		if i != n {
			t.Fatalf("message %d reported in place of %d", i, n)
		}
		n++
		var e *Error
		if errors.As(err, &e) {
			if e.Index != i || len(e.Request) != 40 {
				t.Errorf("%+v reported for %d", e, i)
			}
			failed = append(failed, i)
		}
	})
	var first *Error
	if !errors.As(err, &first) || first.Index != 7 || !errors.Is(err, unix.EEXIST) {
		t.Errorf("first failure %v", err)
	}
	if n != 1000 || len(failed) != 10 || failed[9] != 907 || k.sent != 1000 {
		t.Errorf("%d reported, failed %v, %d sent", n, failed, k.sent)
	}
	if most > 2*maxBatchAcks {
		t.Errorf("%d datagrams were in flight", most)
	}
}

// What the kernel says beside an ack of success.
func TestWarning(t *testing.T) {
	c := &Conn{t: &fakeKernel{reply: func(req Message, seq uint32) []datagram {
		return []datagram{{p: msg(unix.NLMSG_ERROR, unix.NLM_F_CAPPED|unix.NLM_F_ACK_TLVS, seq, cat(errnoBytes(0), req[:16], tlvs(0, 0))...)}}
	}}}
	if err := c.Do(request(1), nil); err != nil {
		t.Errorf("without Warn: %v", err)
	}
	var got *Error
	c.Warn = func(e *Error) { got = e }
	if err := c.Do(request(1), nil); err != nil || got == nil || got.Errno != 0 || got.Text == "" || string(got.Cookie) != "\x01\x02" {
		t.Errorf("%v, %+v", err, got)
	}
}

// A request whose flags ask for a dump ends with DONE, not with an ack; and a
// Builder that was dumped can go to Do.
func TestDumpFlagsInDo(t *testing.T) {
	k := &fakeKernel{reply: func(req Message, seq uint32) []datagram {
		if req.Flags()&unix.NLM_F_DUMP == unix.NLM_F_DUMP {
			return []datagram{{p: msg(unix.RTM_NEWLINK, 2, seq, 1)}, {p: msg(unix.NLMSG_DONE, 2, seq, 0, 0, 0, 0)}}
		}
		return []datagram{{p: ack(seq)}}
	}}
	c := &Conn{t: k}
	b := request(1)
	for _, err := range c.Dump(b) {
		if err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	if err := c.Do(b, func(Message) { n++ }); err != nil || n != 0 {
		t.Errorf("Do of what was dumped: %v, %d answers", err, n)
	}
	b.Reset()
	b.Message(unix.RTM_GETLINK, unix.NLM_F_DUMP)
	if err := c.Do(b, func(Message) { n++ }); err != nil || n != 1 {
		t.Errorf("Do with the flags of a dump: %v, %d answers", err, n)
	}
	if err := c.Batch(b, nil); err != nil {
		t.Errorf("Batch with the flags of a dump: %v", err)
	}
}

// acker acknowledges the last request and allocates nothing.
type acker struct{ ack []byte }

func (k *acker) send(p []byte) error { copy(k.ack[8:12], p[8:12]); return nil }

func (k *acker) recv(p []byte, _ bool) (int, uint32, error) { return copy(p, k.ack), 0, nil }

func (k *acker) close() error { return nil }

func TestDoAllocs(t *testing.T) {
	c := &Conn{t: &acker{ack(0)}}
	b := request(1)
	if n := testing.AllocsPerRun(100, func() {
		if err := c.Do(b, nil); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations for a request and its ack", n)
	}
}
