package explain

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// A pretence answers requests in the kernel's place, just so that a command
// goes on: what is looked up is found, lists are empty, changes succeed.
type pretence struct {
	tell func(m nl.Message, protocol int, lookUp string) // hears of every request; lookUp is what is looked up with it
	note func(words ...string)

	names map[int32]string  // of the interfaces that were looked up
	kinds map[string]string // of interfaces, as the command's words say
	b     nl.Builder
}

// madeUp is the first index of interfaces that are not there.
const madeUp = 1001

// ifName returns the name of an interface that was looked up.
func (k *pretence) ifName(index int32) string { return k.names[index] }

func (k *pretence) conn(protocol int) *nl.Conn {
	return nl.Pretend(protocol, func(p []byte, reply func([]byte)) {
		for m := range nl.Messages(p) {
			k.answer(m, protocol, reply)
		}
	})
}

func (k *pretence) answer(m nl.Message, protocol int, reply func([]byte)) {
	get := protocol == unix.NETLINK_ROUTE && m.Type() >= unix.RTM_BASE && m.Type()&3 == 2
	dump := m.Flags()&unix.NLM_F_DUMP == unix.NLM_F_DUMP && (get || protocol != unix.NETLINK_ROUTE)
	lookUp := get && !dump && (m.Type() == unix.RTM_GETLINK || m.Type() == unix.RTM_GETNSID)
	of := ""
	if lookUp {
		of = k.lookedUp(m)
	}
	k.tell(m, protocol, of)
	k.b.Reset()
	switch {
	case dump:
		k.b.Message(unix.NLMSG_DONE, unix.NLM_F_MULTI)
		k.b.Extend(4)
		k.send(m, reply)
		return
	case m.Type() == unix.RTM_GETLINK && lookUp:
		k.link(m)
		k.send(m, reply)
	case m.Type() == unix.RTM_GETROUTE && get:
		k.route(m)
		k.send(m, reply)
	case lookUp:
		k.b.Message(unix.RTM_NEWNSID, 0)
		k.b.Extend(4)
		k.b.S32(rtnl.NETNSA_NSID, 0)
		k.send(m, reply)
	}
	k.b.Reset()
	k.b.Message(unix.NLMSG_ERROR, unix.NLM_F_CAPPED)
	copy(k.b.Extend(4 + nl.HeaderLen)[4:], m[:nl.HeaderLen])
	k.send(m, reply)
}

// send replies with what the Builder holds, to the request m.
func (k *pretence) send(m nl.Message, reply func([]byte)) {
	p, err := k.b.Bytes()
	if err != nil || len(p) == 0 {
		return
	}
	binary.NativeEndian.PutUint32(p[8:], m.Seq())
	reply(p)
}

// lookedUp says what a look-up is about.
func (k *pretence) lookedUp(m nl.Message) string {
	if m.Type() != unix.RTM_GETLINK {
		return "the number of a namespace"
	}
	name, index := k.asked(m)
	return "index " + strconv.Itoa(int(index)) + ", " + cli.Safe(name)
}

// asked returns the interface that is asked for.
func (k *pretence) asked(m nl.Message) (name string, index int32) {
	l, err := rtnl.ParseLink(m)
	if err != nil {
		return "", 0
	}
	if name = l.Name(); name == "" {
		long, _ := l.Attrs.Str(rtnl.IFLA_ALT_IFNAME)
		name = string(long)
	}
	index = l.Index
	if name != "" {
		index = k.index(name)
	} else if name = k.names[index]; name == "" {
		name = "if" + strconv.Itoa(int(index))
	}
	k.names[index] = name
	return name, index
}

// link describes the interface that is asked for.
func (k *pretence) link(m nl.Message) {
	name, index := k.asked(m)
	k.b.Message(unix.RTM_NEWLINK, 0)
	rtnl.PutIfInfomsg(&k.b, rtnl.IfInfomsg{Type: unix.ARPHRD_ETHER, Index: index, Flags: unix.IFF_UP | unix.IFF_BROADCAST | unix.IFF_MULTICAST})
	k.b.Str(rtnl.IFLA_IFNAME, name)
	k.b.U32(rtnl.IFLA_MTU, 1500)
	k.b.MAC(rtnl.IFLA_ADDRESS, []byte{2, 0, 0, 0, byte(index >> 8), byte(index)})
	if kind := k.kinds[name]; kind != "" {
		info := k.b.Nest(rtnl.IFLA_LINKINFO)
		k.b.StrN(rtnl.IFLA_INFO_KIND, kind)
		if kind == "vrf" {
			data := k.b.Nest(rtnl.IFLA_INFO_DATA)
			k.b.U32(rtnl.IFLA_VRF_TABLE, uint32(index))
			k.b.End(data)
		}
		k.b.End(info)
	}
}

// expect learns from a command's words of which kind an interface will be.
func (k *pretence) expect(args []string) {
	k.kinds = map[string]string{}
	if len(args) > 2 && args[0] == "brctl" {
		k.kinds[args[2]] = "bridge"
	}
	for i, w := range args[:len(args)-1] {
		if w == "vrf" {
			k.kinds[args[i+1]] = "vrf"
		}
	}
}

// route answers RTM_GETROUTE: whatever it is, it is on the link that was looked
// up last, or on one that is made up.
func (k *pretence) route(m nl.Message) {
	r, err := rtnl.ParseRoute(m)
	if err != nil {
		return
	}
	dst, _ := r.Attrs.IP(rtnl.RTA_DST)
	oif, ok := r.Attrs.U32(rtnl.RTA_OIF)
	if !ok {
		for i := range k.names {
			oif = max(oif, uint32(i))
		}
		if oif == 0 {
			oif = madeUp
			k.names[madeUp] = "eth0"
			k.note("the route is said to go through index ", strconv.Itoa(madeUp), ": made up")
		}
	}
	rtnl.NewRoute(&k.b, 0, rtnl.RtMsg{Family: r.Family, DstLen: r.DstLen, Table: unix.RT_TABLE_MAIN, Scope: unix.RT_SCOPE_LINK, Type: unix.RTN_UNICAST})
	k.b.IP(rtnl.RTA_DST, dst)
	k.b.U32(rtnl.RTA_OIF, oif)
}

// index returns the number of an interface, which it finds in /sys, or makes up.
func (k *pretence) index(name string) int32 {
	for i, n := range k.names {
		if n == name {
			return i
		}
	}
	if rtnl.ValidIfName(name) {
		if text, err := file.Read("/sys/class/net/" + name + "/ifindex"); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 31); err == nil && n > 0 {
				return int32(n)
			}
		}
	}
	index := int32(madeUp)
	for k.names[index] != "" {
		index++
	}
	k.note("index ", strconv.Itoa(int(index)), " stands for ", cli.Safe(name), ", which is not here: made up")
	return index
}
