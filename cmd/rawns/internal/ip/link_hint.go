//go:build !tiny

package ip

import (
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// linkHint is advice on a link that could not be made, changed or deleted:
// where says which namespace it was about. What the kernel leaves open is
// looked up.
func linkHint(r *runner, e *nl.Error, where string) string {
	l, err := rtnl.ParseLink(e.Request)
	if err != nil {
		return ""
	}
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	kind := string(l.Kind())
	_, hasOptions := info.Get(uint16(rtnl.IFLA_INFO_DATA))
	_, hasAddress := l.Attrs.MAC(rtnl.IFLA_ADDRESS)
	switch e.Errno {
	case unix.EEXIST:
		return takenHint(r, l, where)
	case unix.EOPNOTSUPP:
		switch {
		case e.Type == unix.RTM_DELLINK:
			return "lo and links of hardware cannot be deleted"
		case e.Text == "Unknown device type":
			text := "this kernel has no links of type " + kind
			if config, _ := rtnl.KindOrigin(kind); config != "" {
				text += " (CONFIG_" + config + ")"
			}
			return text + ", or the module that brings them is not loaded (modprobe rtnl-link-" + kind + ")"
		case kind != "" && hasOptions && l.Index != 0:
			if is, ok := r.kindOf(l.Index); ok && is != kind {
				if is == "" {
					is = "none"
				}
				return r.name(l.Index) + " is of type " + is + ", not " + kind
			}
		}
		if m, ok := l.Attrs.U32(rtnl.IFLA_MASTER); ok && m != 0 {
			return r.name(int32(m)) + " takes no ports: bridges, bonds, teams and VRFs do"
		}
		if kind == "bridge" && vlanOption(info.Nest(rtnl.IFLA_INFO_DATA)) {
			return "the bridge of this kernel may be built without VLANs (CONFIG_BRIDGE_VLAN_FILTERING)"
		}
	case unix.EINVAL:
		if k := findKind(kind); k != nil && k.tunnel != nil && k.tunnel.encapsulates(info.Nest(rtnl.IFLA_INFO_DATA)) {
			return "to put packets into UDP, the kernel needs its module fou, or for IPv6 fou6 (modprobe fou)"
		}
		if name := l.Name(); name != "" && !rtnl.ValidIfName(name) {
			return `"` + name + `" is no name for a link: 1 to 15 bytes without '/', ':' and blanks, and not "." or ".."`
		}
	case unix.ESRCH:
		if pid, ok := l.Attrs.U32(rtnl.IFLA_NET_NS_PID); ok {
			n := strconv.FormatUint(uint64(pid), 10)
			return "neither a namespace nor a process is called " + n
		}
	case unix.EADDRNOTAVAIL:
		if hasAddress {
			return "the address of a link is neither all zeros nor a group's, whose first byte is odd"
		}
	case unix.EBUSY:
		if l.Index != 0 && (l.Name() != "" || hasAddress) {
			return r.name(l.Index) + " may have to be down for this"
		}
	case unix.ENODEV:
		if _, ok := l.Attrs.U32(rtnl.IFLA_GROUP); ok && l.Index == 0 {
			return "no link is in this group"
		}
	case unix.ERANGE:
		if kind == "bridge" {
			return "times of a bridge are in hundredths of a second: forward_delay from 200 to 3000, hello_time from 100 to 1000, max_age from 600 to 4000"
		}
	}
	return ""
}

// takenHint says which of a new link's names or indexes is in use.
func takenHint(r *runner, l rtnl.Link, where string) string {
	if name := l.Name(); name != "" {
		if d, err := r.device(name); err == nil && d.index != 0 && d.index != l.Index {
			return where + " has a link called " + name + " already"
		}
	}
	if peer := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA).Nest(rtnl.VETH_INFO_PEER); string(l.Kind()) == "veth" && len(peer) > ifmSize {
		as := peer[ifmSize:]
		name, _ := as.Str(rtnl.IFLA_IFNAME)
		_, byFd := as.U32(rtnl.IFLA_NET_NS_FD)
		_, byPid := as.U32(rtnl.IFLA_NET_NS_PID)
		if byFd || byPid {
			return "the namespace of the peer may have a link of its name or index already"
		}
		if d, err := r.device(string(name)); err == nil && d.index != 0 {
			return where + " has a link called " + string(name) + ", as the peer shall be, already"
		}
	}
	if k := findKind(string(l.Kind())); k != nil && k.tunnel != nil && l.Index == 0 {
		return where + " has a " + k.name + " of the same addresses and keys already (" + k.name + "0, or its like, is that of any address)"
	}
	if l.Index != 0 && l.Name() != "" {
		return "the index " + itoa(l.Index) + " may be in use in " + where
	}
	return ""
}

// vlanOption tells whether options of a bridge are about VLANs.
func vlanOption(data nl.Attrs) bool {
	for a := range data.All() {
		switch a.Type() {
		case uint16(rtnl.IFLA_BR_VLAN_FILTERING), uint16(rtnl.IFLA_BR_VLAN_PROTOCOL), uint16(rtnl.IFLA_BR_VLAN_DEFAULT_PVID),
			uint16(rtnl.IFLA_BR_VLAN_STATS_ENABLED), uint16(rtnl.IFLA_BR_VLAN_STATS_PER_PORT), uint16(rtnl.IFLA_BR_MULTI_BOOLOPT):
			return true
		}
	}
	return false
}
