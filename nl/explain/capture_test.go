package explain

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// packets returns what a file holds.
func packets(p []byte) (ks []Packet, err error) {
	err = ReadCapture(p, func(k *Packet) bool {
		ks = append(ks, *k)
		return true
	})
	return ks, err
}

// What is written is read again.
func TestPcapBothWays(t *testing.T) {
	file := AppendPcap(nil)
	var want []Packet
	order := Little
	if hostBig() {
		order = Big
	}
	n := int64(0)
	for _, p := range golden(t) {
		n++
		k := Packet{Time: 1700000000*1e9 + n*1001, LinkType: LinkTypeNetlink, Protocol: int(n % 17), Outgoing: n%3 == 0, Order: order, Data: p}
		want = append(want, k)
		file = AppendPacket(file, k.Time, k.Protocol, k.Outgoing, k.Data)
	}
	got, err := packets(file)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v: %d packets, want %d", err, len(got), len(want))
	}
	for i, g := range got {
		w := want[i]
		if g.Time != w.Time || g.LinkType != w.LinkType || g.Protocol != w.Protocol || g.Outgoing != w.Outgoing || g.Order != w.Order || g.Cut != 0 || string(g.Data) != string(w.Data) {
			t.Errorf("packet %d: %+v, want %+v", i, g, w)
		}
	}
	// A file that breaks off gives what is whole.
	for cut := range min(len(file), 400) {
		got, err := packets(file[:cut])
		if cut >= 24 && err != nil && !errors.Is(err, ErrCutOff) || cut < 24 && err == nil || len(got) > len(want) {
			t.Errorf("%d bytes: %v, %d packets", cut, err, len(got))
		}
		for i, g := range got {
			if string(g.Data) != string(want[i].Data) {
				t.Errorf("%d bytes: packet %d is %x", cut, i, g.Data)
			}
		}
	}
}

// cooked returns the header before the messages of a packet.
func cooked(protocol byte) []byte {
	return []byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, protocol}
}

// Files of the other byte order, of microseconds, of pcapng; and records of
// which the end was not captured, or which are not netlink.
func TestForeignCaptures(t *testing.T) {
	for _, c := range []struct {
		name  string
		order binary.AppendByteOrder
		o     Order
	}{{"little", binary.LittleEndian, Little}, {"big", binary.BigEndian, Big}} {
		u32 := func(p []byte, vs ...uint32) []byte {
			for _, v := range vs {
				p = c.order.AppendUint32(p, v)
			}
			return p
		}
		message := u32(nil, 16)
		message = c.order.AppendUint16(message, unix.NLMSG_DONE)
		message = c.order.AppendUint16(message, 2)
		message = u32(message, 7, 0)
		record := append(cooked(4), message...)

		pcap := u32(nil, 0xa1b2c3d4)
		pcap = c.order.AppendUint16(c.order.AppendUint16(pcap, 2), 4)
		pcap = u32(pcap, 0, 0, 65535, LinkTypeNetlink)
		pcap = append(u32(pcap, 100, 5, 32, 40), record...) // 8 bytes were not captured
		pcap = append(u32(pcap, 101, 0, 5, 5), 1, 2, 3, 4, 5)

		block := func(typ uint32, body []byte) []byte {
			for len(body)%4 != 0 {
				body = append(body, 0)
			}
			n := uint32(len(body) + 12)
			return u32(append(u32(nil, typ, n), body...), n)
		}
		face := func(link uint16, options ...byte) []byte {
			b := c.order.AppendUint16(c.order.AppendUint16(nil, link), 0)
			return block(1, append(u32(b, 0), options...))
		}
		tsresol := func(v byte) []byte {
			b := c.order.AppendUint16(c.order.AppendUint16(nil, 9), 1)
			return append(b, v, 0, 0, 0, 0, 0, 0, 0)
		}
		ng := block(0x0a0d0d0a, u32(u32(nil, 0x1a2b3c4d), 1, 0xffffffff, 0xffffffff))
		ng = append(ng, face(LinkTypeNetlink)...)
		ng = append(ng, face(LinkTypeNetlink, tsresol(9)...)...)
		ng = append(ng, face(1)...)
		ng = append(ng, face(LinkTypeNetlink, tsresol(0x8a)...)...)                       // 1/1024 s
		ng = append(ng, block(0xbad, []byte{1, 2, 3})...)                                 // unknown
		ng = append(ng, block(6, append(u32(nil, 0, 0, 3000001, 32, 32), record...))...)  // microseconds
		ng = append(ng, block(6, append(u32(nil, 1, 0, 3000001, 32, 33), record...))...)  // nanoseconds
		ng = append(ng, block(6, append(u32(nil, 2, 0, 0, 3, 3), 9, 9, 9))...)            // Ethernet
		ng = append(ng, block(6, append(u32(nil, 3, 0, 1024+512, 32, 32), record...))...) // half a second
		ng = append(ng, block(3, append(u32(nil, 32), record...))...)                     // simple
		ng = append(ng, block(0x0a0d0d0a, u32(u32(nil, 0x1a2b3c4d), 1, 0, 0))...)         // another section
		ng = append(ng, append(face(LinkTypeNetlink), block(3, append(u32(nil, 32), record...))...)...)

		got, err := packets(pcap)
		if err != nil || len(got) != 2 {
			t.Fatalf("pcap, %s: %v, %+v", c.name, err, got)
		}
		g := got[0]
		if g.Time != 100*1e9+5000 || g.Protocol != 4 || !g.Outgoing || g.Cut != 8 || g.Order != c.o || string(g.Data) != string(message) {
			t.Errorf("pcap, %s: %+v", c.name, g)
		}
		if got[1].LinkType == LinkTypeNetlink || len(got[1].Data) != 5 {
			t.Errorf("pcap, %s: %+v", c.name, got[1])
		}
		spans := Spans(g.Data, Options{Order: g.Order, Protocol: g.Protocol})
		if spans[1].Value != "NLMSG_DONE (3)" || spans[3].Value != "7" {
			t.Errorf("pcap, %s: %+v", c.name, spans)
		}
		got, err = packets(ng)
		if err != nil || len(got) != 6 {
			t.Fatalf("pcapng, %s: %v, %+v", c.name, err, got)
		}
		var times []int64
		for i, g := range got {
			times = append(times, g.Time)
			if i != 2 && (string(g.Data) != string(message) || g.Order != c.o || g.Protocol != 4) {
				t.Errorf("pcapng, %s: %+v", c.name, g)
			}
		}
		if want := []int64{3000001000, 3000001, 0, 1500000000, 0, 0}; !slices.Equal(times, want) {
			t.Errorf("pcapng, %s: times %v, want %v", c.name, times, want)
		}
		if got[1].Cut != 1 || got[2].LinkType != 1 {
			t.Errorf("pcapng, %s: %+v", c.name, got[1:3])
		}
		for cut := range ng {
			packets(ng[:cut])
		}
	}
	for _, odd := range []string{"", "abc", "not a capture at all", "\x0a\x0d\x0d\x0a\xff\xff\xff\xff\x4d\x3c\x2b\x1a"} {
		if ks, err := packets([]byte(odd)); err == nil || len(ks) > 0 {
			t.Errorf("%q: %v, %d packets", odd, err, len(ks))
		}
	}
}

func FuzzCapture(f *testing.F) {
	file := AppendPcap(nil)
	n := 0
	for _, p := range golden(f) {
		if n++; n%50 == 0 {
			file = AppendPacket(file, int64(n), 0, true, p)
			f.Add(append([]byte(nil), file...))
		}
	}
	f.Add([]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00\x01\x00\x00\x00\x14\x00\x00\x00\xfd\x00\x00\x00\x00\x00\x00\x00\x14\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, p []byte) {
		total := 0
		ReadCapture(p, func(k *Packet) bool {
			total += len(k.Data)
			checkTiles(t, k.Data, Spans(k.Data, Options{Order: k.Order, Protocol: k.Protocol}))
			return true
		})
		if total > len(p) {
			t.Errorf("%d bytes of data in %d", total, len(p))
		}
	})
}

func TestRequests(t *testing.T) {
	var r Requests
	message := func(seq uint32, flags uint16) []byte {
		p := make([]byte, 16)
		binary.NativeEndian.PutUint32(p, 16)
		binary.NativeEndian.PutUint16(p[4:], unix.RTM_GETLINK)
		binary.NativeEndian.PutUint16(p[6:], flags)
		binary.NativeEndian.PutUint32(p[8:], seq)
		return p
	}
	two := append(message(5, 1), message(6, 1)...)
	r.Note(two, Options{})
	r.Note(message(7, 2), Options{}) // no request
	if got := r.Of(message(6, 0), Options{}); string(got) != string(two[16:]) {
		t.Errorf("of 6: %x", got)
	}
	if r.Of(message(7, 0), Options{}) != nil || r.Of(nil, Options{}) != nil {
		t.Error("of what was no request")
	}
	for i := range uint32(100) {
		r.Note(message(1000+i, 1), Options{})
	}
	if r.Of(message(5, 0), Options{}) != nil || r.Of(message(1099, 0), Options{}) == nil {
		t.Error("the latest are not kept")
	}
}
