package explain

import (
	"encoding/binary"

	"rawns/nl"
)

// Captures: files of the formats pcap (draft-ietf-opsawg-pcap) and pcapng
// (draft-ietf-opsawg-pcapng), as nlmon devices give them to tcpdump, and as
// AppendPcap writes them.

// LinkTypeNetlink is LINKTYPE_NETLINK: packets begin with 16 bytes in network
// byte order, of which the last two are the netlink protocol; what follows is in
// the byte order of the machine that captured.
const LinkTypeNetlink = 253

// A Packet is one record of a capture.
type Packet struct {
	Time     int64  // nanoseconds since 1970
	LinkType int    // LinkTypeNetlink, or another, of which Data is all
	Protocol int    // NETLINK_ROUTE, ...
	Outgoing bool   // to the kernel, if whoever captured says so
	Order    Order  // of Data's integers, Little or Big
	Data     []byte // messages; a part of what was read
	Cut      int    // bytes that were not captured
}

// ErrCapture: a file is neither pcap nor pcapng, or breaks off.
var (
	ErrNoCapture error = nl.Const("neither pcap nor pcapng")
	ErrCutOff    error = nl.Const("the capture breaks off")
)

const (
	netlinkHeader = 16 // before the messages of a packet
	arphrdNetlink = 824
	outgoing      = 4 // LINUX_SLL_OUTGOING
)

// ReadCapture calls each with the packets of a file; it ends when each returns
// false. What is wrong in the middle of a file is ErrCutOff, behind the packets
// before it.
func ReadCapture(p []byte, each func(*Packet) bool) error {
	if len(p) < 4 {
		return ErrNoCapture
	}
	switch binary.LittleEndian.Uint32(p) {
	case 0xa1b2c3d4:
		return readPcap(p, Little, 1000, each)
	case 0xa1b23c4d:
		return readPcap(p, Little, 1, each)
	case 0xd4c3b2a1:
		return readPcap(p, Big, 1000, each)
	case 0x4d3cb2a1:
		return readPcap(p, Big, 1, each)
	case 0x0a0d0d0a:
		return readPcapng(p, each)
	}
	return ErrNoCapture
}

func u16(p []byte, o Order) uint16 {
	if o == Big {
		return binary.BigEndian.Uint16(p)
	}
	return binary.LittleEndian.Uint16(p)
}

func u32(p []byte, o Order) uint32 {
	if o == Big {
		return binary.BigEndian.Uint32(p)
	}
	return binary.LittleEndian.Uint32(p)
}

// readPcap: a header of 24 bytes, then records of 16 bytes and data.
func readPcap(p []byte, o Order, unit int64, each func(*Packet) bool) error {
	if len(p) < 24 {
		return ErrCutOff
	}
	k := Packet{LinkType: int(u32(p[20:], o) & 0xffff), Order: o}
	for p = p[24:]; len(p) > 0; {
		if len(p) < 16 {
			return ErrCutOff
		}
		n, whole := int64(u32(p[8:], o)), int64(u32(p[12:], o))
		k.Time = int64(u32(p, o))*1e9 + int64(u32(p[4:], o))*unit
		if p = p[16:]; n > int64(len(p)) {
			return ErrCutOff
		}
		if !k.deliver(p[:n], whole, each) {
			return nil
		}
		p = p[n:]
	}
	return nil
}

// deliver hands on what a record holds, of whole bytes originally.
func (k *Packet) deliver(p []byte, whole int64, each func(*Packet) bool) bool {
	k.Cut = int(min(max(whole-int64(len(p)), 0), 1<<30))
	link := k.LinkType
	k.Data, k.Protocol, k.Outgoing = p, 0, false
	if link == LinkTypeNetlink && len(p) >= netlinkHeader {
		k.Outgoing = binary.BigEndian.Uint16(p) == outgoing
		k.Protocol = int(binary.BigEndian.Uint16(p[14:]))
		k.Data = p[netlinkHeader:]
	} else if link == LinkTypeNetlink {
		k.LinkType = -1 // not what it says
	}
	more := each(k)
	k.LinkType = link
	return more
}

// maxInterfaces bounds how many descriptions of interfaces are kept.
const maxInterfaces = 1 << 12

// An iface is what an Interface Description Block says.
type iface struct {
	link   int
	exp    uint8 // of the unit of time: 10 to the minus that, or 2 with the top bit
	hasExp bool
}

// readPcapng: blocks of a type, a length, a body and the length again.
func readPcapng(p []byte, each func(*Packet) bool) error {
	var o Order
	var faces []iface
	for len(p) > 0 {
		if len(p) < 12 {
			return ErrCutOff
		}
		typ := binary.LittleEndian.Uint32(p)
		if typ == 0x0a0d0d0a { // a section begins, perhaps of the other byte order
			switch binary.LittleEndian.Uint32(p[8:]) {
			case 0x1a2b3c4d:
				o = Little
			case 0x4d3c2b1a:
				o = Big
			default:
				return ErrCutOff
			}
			faces = faces[:0]
		}
		typ = u32(p, o)
		n := int64(u32(p[4:], o))
		if n < 12 || n%4 != 0 || n > int64(len(p)) {
			return ErrCutOff
		}
		body := p[8 : n-4]
		p = p[n:]
		switch {
		case typ == 1 && len(body) >= 8 && len(faces) < maxInterfaces:
			f := iface{link: int(u16(body, o))}
			f.options(body[8:], o)
			faces = append(faces, f)
		case typ == 6 && len(body) >= 20: // Enhanced Packet Block
			i := int64(u32(body, o))
			n := int64(u32(body[12:], o))
			if i >= int64(len(faces)) || n > int64(len(body)-20) {
				return ErrCutOff
			}
			f := &faces[i]
			k := Packet{LinkType: f.link, Order: o, Time: f.time(uint64(u32(body[4:], o))<<32 | uint64(u32(body[8:], o)))}
			if !k.deliver(body[20:20+n], int64(u32(body[16:], o)), each) {
				return nil
			}
		case typ == 3 && len(body) >= 4 && len(faces) > 0: // Simple Packet Block
			whole := int64(u32(body, o))
			k := Packet{LinkType: faces[0].link, Order: o}
			if !k.deliver(body[4:4+min(whole, int64(len(body)-4))], whole, each) {
				return nil
			}
		}
	}
	return nil
}

// options reads if_tsresol, the only one of interest.
func (f *iface) options(p []byte, o Order) {
	for len(p) >= 4 {
		code, n := u16(p, o), int(u16(p[2:], o))
		if n > len(p)-4 || code == 0 {
			return
		}
		if code == 9 && n == 1 {
			f.exp, f.hasExp = p[4], true
		}
		p = p[min(4+align(n), len(p)):]
	}
}

// time returns nanoseconds.
func (f *iface) time(v uint64) int64 {
	if !f.hasExp {
		return int64(v * 1000)
	}
	if f.exp&0x80 != 0 {
		s := f.exp & 0x7f
		if s > 62 {
			return 0
		}
		seconds, part := v>>s, v&(1<<s-1)
		if s > 32 { // so that the product has room
			part, s = part>>(s-32), 32
		}
		return int64(seconds)*1e9 + int64(part*1e9>>s)
	}
	e := f.exp
	for ; e < 9; e++ {
		v *= 10
	}
	for ; e > 9 && v > 0; e-- {
		v /= 10
	}
	return int64(v)
}

// AppendPcap appends the beginning of a file of packets of type
// LinkTypeNetlink, in the host's byte order, with times in nanoseconds.
func AppendPcap(dst []byte) []byte {
	u32 := binary.NativeEndian.AppendUint32
	dst = u32(dst, 0xa1b23c4d)
	dst = binary.NativeEndian.AppendUint16(dst, 2) // the format's version, 2.4
	dst = binary.NativeEndian.AppendUint16(dst, 4)
	dst = u32(u32(dst, 0), 0) // reserved
	return u32(u32(dst, 1<<18), LinkTypeNetlink)
}

// AppendPacket appends a record: messages that went to the kernel (out), or
// came from it.
func AppendPacket(dst []byte, ns int64, protocol int, out bool, p []byte) []byte {
	dst = binary.NativeEndian.AppendUint32(dst, uint32(ns/1e9))
	dst = binary.NativeEndian.AppendUint32(dst, uint32(ns%1e9))
	n := uint32(netlinkHeader + len(p))
	dst = binary.NativeEndian.AppendUint32(dst, n)
	dst = binary.NativeEndian.AppendUint32(dst, n)
	way := uint16(0)
	if out {
		way = outgoing
	}
	dst = binary.BigEndian.AppendUint16(dst, way)
	dst = binary.BigEndian.AppendUint16(dst, arphrdNetlink)
	dst = append(dst, make([]byte, 10)...) // a length of 0, and no address
	dst = binary.BigEndian.AppendUint16(dst, uint16(protocol))
	return append(dst, p...)
}
