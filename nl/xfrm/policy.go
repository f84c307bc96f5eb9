package xfrm

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Directions, XFRM_POLICY_. Those of a socket's policies are by DirMax more.
const (
	DirIn = iota
	DirOut
	DirFwd
	DirMax
)

// What a policy may do, XFRM_POLICY_.
const (
	Allow = iota
	Block
)

// Flags of a policy, XFRM_POLICY_.
const (
	PolicyLocalOK = 1 << iota
	PolicyICMP
)

// What happens by default, XFRM_USERPOLICY_.
const (
	DefaultUnspec = iota
	DefaultBlock
	DefaultAccept
)

// PolicyInfo is struct xfrm_userpolicy_info, the fixed header of a policy.
type PolicyInfo struct {
	Sel                       Selector
	Limits                    Limits
	Usage                     Usage
	Priority, Index           uint32
	Dir, Action, Flags, Share uint8
}

// Put encodes it.
func (q *PolicyInfo) Put(p []byte) {
	q.Sel.put(p)
	q.Limits.put(p[56:])
	binary.NativeEndian.PutUint32(p[152:], q.Priority)
	binary.NativeEndian.PutUint32(p[156:], q.Index)
	p[160], p[161], p[162], p[163] = q.Dir, q.Action, q.Flags, q.Share
}

// A Policy is a received message about a policy.
type Policy struct {
	PolicyInfo
	Attrs nl.Attrs
}

// ParsePolicy reads XFRM_MSG_NEWPOLICY or XFRM_MSG_UPDPOLICY.
func ParsePolicy(m nl.Message) (q Policy, err error) {
	q.Attrs, err = parse(m, PolicyInfoLen, MsgNewPolicy, MsgUpdPolicy)
	if err != nil {
		return q, err
	}
	p := m.Payload()
	q.Sel.parse(p)
	q.Limits.parse(p[56:])
	q.Usage.parse(p[120:])
	q.Priority, q.Index = binary.NativeEndian.Uint32(p[152:]), binary.NativeEndian.Uint32(p[156:])
	q.Dir, q.Action, q.Flags, q.Share = p[160], p[161], p[162], p[163]
	return q, nil
}

// SetPolicy begins a message that adds or updates a policy: MsgNewPolicy or
// MsgUpdPolicy.
func SetPolicy(b *nl.Builder, typ uint16, q *PolicyInfo) {
	b.Message(typ, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	q.Put(b.Extend(PolicyInfoLen))
}

// PolicyID is struct xfrm_userpolicy_id: which policy is meant.
type PolicyID struct {
	Sel   Selector
	Index uint32
	Dir   uint8
}

// PolicyIDLen is the size of struct xfrm_userpolicy_id.
const PolicyIDLen = 64

// Put encodes it.
func (q *PolicyID) Put(p []byte) {
	q.Sel.put(p)
	binary.NativeEndian.PutUint32(p[56:], q.Index)
	p[60] = q.Dir
}

// OnePolicy begins XFRM_MSG_GETPOLICY or XFRM_MSG_DELPOLICY for one policy.
func OnePolicy(b *nl.Builder, typ uint16, q *PolicyID) {
	b.Message(typ, unix.NLM_F_REQUEST)
	q.Put(b.Extend(PolicyIDLen))
}

// ListPolicies begins XFRM_MSG_GETPOLICY for Conn.Dump.
func ListPolicies(b *nl.Builder) { b.Message(MsgGetPolicy, unix.NLM_F_REQUEST) }

// FlushPolicies begins XFRM_MSG_FLUSHPOLICY; XFRMA_POLICY_TYPE may follow.
func FlushPolicies(b *nl.Builder) {
	b.Message(MsgFlushPolicy, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
}

// Defaults begins XFRM_MSG_SETDEFAULT or XFRM_MSG_GETDEFAULT: what happens to
// packets without a policy, DefaultBlock or DefaultAccept; DefaultUnspec
// changes nothing.
func Defaults(b *nl.Builder, typ uint16, in, fwd, out uint8) {
	b.Message(typ, unix.NLM_F_REQUEST)
	copy(b.Extend(3), []byte{in, fwd, out})
}

// A Tmpl is struct xfrm_user_tmpl: the state that a policy asks for.
type Tmpl struct {
	ID
	Family                uint16
	Src                   Address
	ReqID                 uint32
	Mode, Share, Optional uint8
	Auths, Encs, Comps    uint32 // which algorithms are allowed
}

// TmplLen is the size of struct xfrm_user_tmpl.
const TmplLen = 64

// Put encodes it.
func (t *Tmpl) Put(p []byte) {
	t.ID.put(p)
	ne := binary.NativeEndian
	ne.PutUint16(p[24:], t.Family)
	copy(p[28:], t.Src[:])
	ne.PutUint32(p[44:], t.ReqID)
	p[48], p[49], p[50] = t.Mode, t.Share, t.Optional
	ne.PutUint32(p[52:], t.Auths)
	ne.PutUint32(p[56:], t.Encs)
	ne.PutUint32(p[60:], t.Comps)
}

// ParseTmpls reads XFRMA_TMPL: as many as there are whole ones.
func ParseTmpls(p []byte) (ts []Tmpl) {
	ne := binary.NativeEndian
	for ; len(p) >= TmplLen; p = p[TmplLen:] {
		var t Tmpl
		t.ID.parse(p)
		t.Family = ne.Uint16(p[24:])
		copy(t.Src[:], p[28:])
		t.ReqID = ne.Uint32(p[44:])
		t.Mode, t.Share, t.Optional = p[48], p[49], p[50]
		t.Auths, t.Encs, t.Comps = ne.Uint32(p[52:]), ne.Uint32(p[56:]), ne.Uint32(p[60:])
		ts = append(ts, t)
	}
	return ts
}

// ErrType: the message is not of the type that was to be read.
var ErrType error = nl.Const("xfrm: a message of another type than expected")

// parse checks that m is of one of two types, long enough for its fixed header,
// and that its attributes' lengths are true.
func parse(m nl.Message, header int, types ...uint16) (nl.Attrs, error) {
	err := error(ErrType)
	for _, t := range types {
		if len(m) >= nl.HeaderLen && m.Type() == t {
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	if len(m) < nl.HeaderLen+header {
		return nil, &nl.LengthError{What: "message", Offset: 0, Claim: nl.HeaderLen + header, Have: len(m)}
	}
	as := m.Attrs(header)
	return as, as.Check()
}

// ParseCount reads XFRM_MSG_NEWSADINFO or XFRM_MSG_NEWSPDINFO.
func ParseCount(m nl.Message) (nl.Attrs, error) {
	return parse(m, 4, MsgNewSADInfo, MsgNewSPDInfo)
}

// ParseDefaults reads XFRM_MSG_GETDEFAULT.
func ParseDefaults(m nl.Message) (in, fwd, out uint8, err error) {
	if _, err = parse(m, 3, MsgGetDefault, MsgSetDefault); err != nil {
		return 0, 0, 0, err
	}
	p := m.Payload()
	return p[0], p[1], p[2], nil
}
