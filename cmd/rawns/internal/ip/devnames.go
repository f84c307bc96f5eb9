package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A device is what is remembered of an interface.
type device struct {
	index   int32 // 0: there is no such interface
	name    string
	flags   uint32
	typ     uint16 // ARPHRD_
	addrLen int    // bytes of its link-layer address, -1 if it has none
}

// devices remembers interfaces by their indexes, each at a place of its own that
// the next one with the same last bits takes over. So a list of any length fits
// in memory, and what was used lately is found.
type devices struct{ at []device }

const (
	fewDevices  = 64 // room to begin with
	maxDevices  = 8192
	growDevices = 8
)

func (d *devices) add(v device) {
	for len(d.at) < maxDevices {
		if n := len(d.at); n > 0 && (d.at[int(v.index)&(n-1)].index == 0 || d.at[int(v.index)&(n-1)].index == v.index) {
			break
		}
		d.grow()
	}
	d.at[int(v.index)&(len(d.at)-1)] = v
}

func (d *devices) grow() {
	old := d.at
	d.at = make([]device, min(maxDevices, max(fewDevices, len(old)*growDevices)))
	for _, v := range old {
		if v.index != 0 {
			d.at[int(v.index)&(len(d.at)-1)] = v
		}
	}
}

// remove forgets an interface.
func (d *devices) remove(index int32) {
	if _, ok := d.get(index); ok {
		d.at[int(index)&(len(d.at)-1)] = device{}
	}
}

func (d *devices) get(index int32) (v device, ok bool) {
	if len(d.at) > 0 {
		v = d.at[int(index)&(len(d.at)-1)]
	}
	return v, v.index == index && index != 0
}

func deviceOf(l rtnl.Link) device {
	v := device{index: l.Index, name: l.Name(), flags: l.Flags, typ: l.Type, addrLen: -1}
	if a, ok := l.Attrs.MAC(rtnl.IFLA_ADDRESS); ok {
		v.addrLen = len(a)
	}
	return v
}

// remember notes an interface that is in a list. It goes through the attributes
// once, where ParseLink and deviceOf do so three times: lists are long.
func (r *runner) remember(m nl.Message) {
	if len(m) < nl.HeaderLen+unix.SizeofIfInfomsg || m.Type() != unix.RTM_NEWLINK {
		return
	}
	var at [rtnl.IFLA_IFNAME + 1]nl.Attr
	p := m.Payload()
	m.Attrs(unix.SizeofIfInfomsg).Index(at[:])
	v := device{
		index:   int32(binary.NativeEndian.Uint32(p[4:])),
		flags:   binary.NativeEndian.Uint32(p[8:]),
		typ:     binary.NativeEndian.Uint16(p[2:]),
		addrLen: -1,
		name:    string(at[rtnl.IFLA_IFNAME].Str()),
	}
	if a := at[rtnl.IFLA_ADDRESS]; a.Present() {
		v.addrLen = len(a.Bytes())
	}
	r.devs.add(v)
}

const lookMask = rtnl.ExtVF | rtnl.ExtSkipStats // the least that a link can be asked for; as iproute2 asks

// device finds an interface by its name, an alternative name, or "if7", which
// is any interface of that index. The index is 0 if there is none.
func (r *runner) device(name string) (v device, err error) {
	c, err := r.aside()
	if err != nil {
		return v, err
	}
	found := func(l rtnl.Link) {
		v = deviceOf(l)
		r.devs.add(v)
	}
	if canExist(name) {
		err = rtnl.LinkByName(c, name, lookMask, found)
	}
	if n, ok := byIndexName(name); ok && v.index == 0 {
		v.addrLen = -1
		err = rtnl.LinkByIndex(c, n, lookMask, found)
		if v.index == 0 {
			v = device{index: n, name: name, addrLen: -1}
		}
	}
	if isErrno(err, unix.ENODEV) {
		err = nil
	}
	return v, err
}

// maxNames bounds how many names a batch remembers.
const maxNames = 1 << 16

// knowName notes what a name means, for the next commands of a batch. "if7" is
// not noted: an interface that is made later may be called so.
func (r *runner) knowName(name string, index int32) {
	if _, byIndex := byIndexName(name); byIndex || !r.inBatch {
		return
	}
	if len(r.names) >= maxNames {
		clear(r.names)
	}
	r.names[strings.Clone(name)] = index
}

// keepsNames tells whether, after a request, each name that was known means the
// interface that it meant. It may not if one is deleted, renamed or moved to
// another namespace; a new one takes no name that is in use.
func keepsNames(m nl.Message) bool {
	switch m.Type() {
	case unix.RTM_NEWADDR, unix.RTM_DELADDR, unix.RTM_NEWROUTE, unix.RTM_DELROUTE, unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH,
		unix.RTM_NEWRULE, unix.RTM_DELRULE, unix.RTM_NEWNEXTHOP, unix.RTM_DELNEXTHOP, unix.RTM_NEWADDRLABEL, unix.RTM_DELADDRLABEL:
		return true
	case unix.RTM_NEWLINK:
		if m.Flags()&unix.NLM_F_EXCL != 0 {
			return true
		}
		for a := range m.Attrs(unix.SizeofIfInfomsg).All() {
			switch a.Type() {
			case uint16(rtnl.IFLA_IFNAME), uint16(rtnl.IFLA_NET_NS_FD), uint16(rtnl.IFLA_NET_NS_PID), uint16(rtnl.IFLA_TARGET_NETNSID):
				return false
			}
		}
		return m.Flags()&unix.NLM_F_CREATE == 0
	}
	return false
}

// byIndexName reads "if7".
func byIndexName(name string) (int32, bool) {
	if len(name) < 3 || name[:2] != "if" || name[2] < '0' || name[2] > '9' {
		return 0, false
	}
	n, ok := parseUint(name[2:], 31)
	return int32(n), ok && n != 0
}

// byIndex finds an interface by its index. One that is not there is called
// "if7", and counts as up: it is in another namespace, most likely, and nothing
// is known of it.
func (r *runner) byIndex(index int32) device {
	if v, ok := r.devs.get(index); ok {
		return v
	}
	v := device{index: index, name: "if" + itoa(index), flags: unix.IFF_UP, addrLen: -1}
	if c, err := r.aside(); err == nil {
		rtnl.LinkByIndex(c, index, lookMask, func(l rtnl.Link) { v = deviceOf(l) })
	}
	r.devs.add(v)
	return v
}

// name returns what an interface is called.
//
//go:noinline
func (r *runner) name(index int32) string {
	if index == 0 {
		return "*"
	}
	return r.byIndex(index).name
}

// validIfName tells whether iproute2 lets a word pass as a name for an
// interface. The kernel looks closer.
func validIfName(s string) bool { return len(s) < unix.IFNAMSIZ && validName(s) }

// validName is validIfName for a name that an interface may have besides.
func validName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '/' || c == ' ' || c >= '\t' && c <= '\r' {
			return false
		}
	}
	return s != ""
}

// canExist tells whether the kernel can be asked for an interface of a name.
func canExist(name string) bool { return validName(name) && len(name) < altNameSize }

// altNameSize is ALTIFNAMSIZ, linux/if.h: an alternative name and its NUL.
const altNameSize = 128

// kindOf returns the type of an interface, "" for one without.
func (r *runner) kindOf(index int32) (kind string, ok bool) {
	if c, err := r.aside(); err == nil {
		ok = rtnl.LinkByIndex(c, index, lookMask, func(l rtnl.Link) { kind = string(l.Kind()) }) == nil
	}
	return kind, ok
}

// isVRF tells whether an interface is a VRF.
func (r *runner) isVRF(index int32) bool {
	kind, _ := r.kindOf(index)
	return kind == "vrf"
}
