package xfrm

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Types of messages.
const (
	MsgNewSA       = 0x10
	MsgDelSA       = 0x11
	MsgGetSA       = 0x12
	MsgNewPolicy   = 0x13
	MsgDelPolicy   = 0x14
	MsgGetPolicy   = 0x15
	MsgAllocSPI    = 0x16
	MsgUpdPolicy   = 0x19
	MsgUpdSA       = 0x1a
	MsgFlushSA     = 0x1c
	MsgFlushPolicy = 0x1d
	MsgNewSADInfo  = 0x22
	MsgGetSADInfo  = 0x23
	MsgNewSPDInfo  = 0x24
	MsgGetSPDInfo  = 0x25
	MsgSetDefault  = 0x27
	MsgGetDefault  = 0x28
)

// Modes, XFRM_MODE_.
const (
	ModeTransport = iota
	ModeTunnel
	ModeRouteOptimization
	ModeInTrigger
	ModeBeet
	ModeIPTFS
)

// Flags of a state, XFRM_STATE_.
const (
	StateNoECN = 1 << iota
	StateDecapDSCP
	StateNoPMTUDisc
	StateWildRecv
	StateICMP
	StateAFUnspec
	StateAlign4
	StateESN
)

// Inf is XFRM_INF: no limit.
const Inf = 1<<64 - 1

// An Address is xfrm_address_t: IPv4 ones are its first four bytes.
type Address [16]byte

// A Selector is struct xfrm_selector: which packets are meant. Ports are in
// host byte order here.
type Selector struct {
	Dst, Src         Address
	DPort, DPortMask uint16
	SPort, SPortMask uint16
	Family           uint16
	DstLen, SrcLen   uint8
	Proto            uint8
	Index            int32 // of an interface, or 0
	User             uint32
}

func (s *Selector) put(p []byte) {
	copy(p, s.Dst[:])
	copy(p[16:], s.Src[:])
	be, ne := binary.BigEndian, binary.NativeEndian
	be.PutUint16(p[32:], s.DPort)
	be.PutUint16(p[34:], s.DPortMask)
	be.PutUint16(p[36:], s.SPort)
	be.PutUint16(p[38:], s.SPortMask)
	ne.PutUint16(p[40:], s.Family)
	p[42], p[43], p[44] = s.DstLen, s.SrcLen, s.Proto
	ne.PutUint32(p[48:], uint32(s.Index))
	ne.PutUint32(p[52:], s.User)
}

func (s *Selector) parse(p []byte) {
	be, ne := binary.BigEndian, binary.NativeEndian
	copy(s.Dst[:], p)
	copy(s.Src[:], p[16:])
	s.DPort, s.DPortMask = be.Uint16(p[32:]), be.Uint16(p[34:])
	s.SPort, s.SPortMask = be.Uint16(p[36:]), be.Uint16(p[38:])
	s.Family = ne.Uint16(p[40:])
	s.DstLen, s.SrcLen, s.Proto = p[42], p[43], p[44]
	s.Index, s.User = int32(ne.Uint32(p[48:])), ne.Uint32(p[52:])
}

// An ID is struct xfrm_id: the destination, and the number by which it knows
// the state.
type ID struct {
	Dst   Address
	SPI   uint32 // host byte order here
	Proto uint8  // IPPROTO_
}

func (d *ID) put(p []byte) {
	copy(p, d.Dst[:])
	binary.BigEndian.PutUint32(p[16:], d.SPI)
	p[20] = d.Proto
}

func (d *ID) parse(p []byte) {
	copy(d.Dst[:], p)
	d.SPI, d.Proto = binary.BigEndian.Uint32(p[16:]), p[20]
}

// Limits are struct xfrm_lifetime_cfg: bytes, packets, seconds since it was
// added and since it was used first; a soft and a hard one of each.
type Limits struct {
	SoftBytes, HardBytes     uint64
	SoftPackets, HardPackets uint64
	SoftAdd, HardAdd         uint64
	SoftUse, HardUse         uint64
}

// NoLimits are the limits that are none.
var NoLimits = Limits{SoftBytes: Inf, HardBytes: Inf, SoftPackets: Inf, HardPackets: Inf}

func (l *Limits) all() [8]*uint64 {
	return [8]*uint64{&l.SoftBytes, &l.HardBytes, &l.SoftPackets, &l.HardPackets, &l.SoftAdd, &l.HardAdd, &l.SoftUse, &l.HardUse}
}

func (l *Limits) put(p []byte) {
	for i, v := range l.all() {
		binary.NativeEndian.PutUint64(p[8*i:], *v)
	}
}

func (l *Limits) parse(p []byte) {
	for i, v := range l.all() {
		*v = binary.NativeEndian.Uint64(p[8*i:])
	}
}

// Usage is struct xfrm_lifetime_cur; times are seconds since 1970, 0 for never.
type Usage struct{ Bytes, Packets, Added, Used uint64 }

func (u *Usage) parse(p []byte) {
	for i, v := range [4]*uint64{&u.Bytes, &u.Packets, &u.Added, &u.Used} {
		*v = binary.NativeEndian.Uint64(p[8*i:])
	}
}

// SAInfo is struct xfrm_usersa_info, the fixed header of a state.
type SAInfo struct {
	Sel Selector
	ID
	Src    Address
	Limits Limits
	Usage  Usage
	// struct xfrm_stats
	StatWindow, Replayed, Failed uint32
	Seq                          uint32 // as the kernel keeps it
	ReqID                        uint32
	Family                       uint16
	Mode, ReplayWindow, Flags    uint8
}

// Put encodes it.
func (s *SAInfo) Put(p []byte) {
	s.Sel.put(p)
	s.ID.put(p[56:])
	copy(p[80:], s.Src[:])
	s.Limits.put(p[96:])
	ne := binary.NativeEndian
	ne.PutUint32(p[204:], s.Seq)
	ne.PutUint32(p[208:], s.ReqID)
	ne.PutUint16(p[212:], s.Family)
	p[214], p[215], p[216] = s.Mode, s.ReplayWindow, s.Flags
}

// A State is a received message about a state.
type State struct {
	SAInfo
	Attrs nl.Attrs
}

// ParseState reads XFRM_MSG_NEWSA or XFRM_MSG_UPDSA.
func ParseState(m nl.Message) (s State, err error) {
	s.Attrs, err = parse(m, SAInfoLen, MsgNewSA, MsgUpdSA)
	if err != nil {
		return s, err
	}
	p := m.Payload()
	ne := binary.NativeEndian
	s.Sel.parse(p)
	s.ID.parse(p[56:])
	copy(s.Src[:], p[80:])
	s.Limits.parse(p[96:])
	s.Usage.parse(p[160:])
	s.StatWindow, s.Replayed, s.Failed = ne.Uint32(p[192:]), ne.Uint32(p[196:]), ne.Uint32(p[200:])
	s.Seq, s.ReqID, s.Family = ne.Uint32(p[204:]), ne.Uint32(p[208:]), ne.Uint16(p[212:])
	s.Mode, s.ReplayWindow, s.Flags = p[214], p[215], p[216]
	return s, nil
}

// SetSA begins a message that adds or updates a state: MsgNewSA or MsgUpdSA.
func SetSA(b *nl.Builder, typ uint16, s *SAInfo) {
	b.Message(typ, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	s.Put(b.Extend(SAInfoLen))
}

// AllocSPI begins XFRM_MSG_ALLOCSPI, which is answered by the new state.
func AllocSPI(b *nl.Builder, s *SAInfo, least, most uint32) {
	b.Message(MsgAllocSPI, unix.NLM_F_REQUEST)
	p := b.Extend(SAInfoLen + 8)
	s.Put(p)
	binary.NativeEndian.PutUint32(p[SAInfoLen:], least)
	binary.NativeEndian.PutUint32(p[SAInfoLen+4:], most)
}

// SAID is struct xfrm_usersa_id: which state is meant; XFRMA_SRCADDR may
// follow.
type SAID struct {
	ID
	Family uint16
}

// SAIDLen is the size of struct xfrm_usersa_id.
const SAIDLen = 24

// Put encodes it.
func (s *SAID) Put(p []byte) {
	copy(p, s.Dst[:])
	binary.BigEndian.PutUint32(p[16:], s.SPI)
	binary.NativeEndian.PutUint16(p[20:], s.Family)
	p[22] = s.Proto
}

// OneSA begins XFRM_MSG_GETSA or XFRM_MSG_DELSA for one state.
func OneSA(b *nl.Builder, typ uint16, s *SAID) {
	b.Message(typ, unix.NLM_F_REQUEST)
	s.Put(b.Extend(SAIDLen))
}

// ListSAs begins XFRM_MSG_GETSA for Conn.Dump; XFRMA_ADDRESS_FILTER may follow.
func ListSAs(b *nl.Builder) { b.Message(MsgGetSA, unix.NLM_F_REQUEST) }

// FlushSAs begins XFRM_MSG_FLUSHSA: all states of a protocol; 0, or 255 for
// those of IPsec.
func FlushSAs(b *nl.Builder, proto uint8) {
	b.Message(MsgFlushSA, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	b.Extend(1)[0] = proto
}

// Count begins XFRM_MSG_GETSADINFO or XFRM_MSG_GETSPDINFO, which ask how much
// there is, or MsgNewSPDInfo.
func Count(b *nl.Builder, typ uint16) {
	b.Message(typ, unix.NLM_F_REQUEST)
	binary.NativeEndian.PutUint32(b.Extend(4), 1<<32-1)
}
