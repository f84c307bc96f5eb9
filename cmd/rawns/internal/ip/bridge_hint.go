//go:build !tiny

package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// bridgeHint is advice on what the kernel refused bridge, "" if there is none.
func bridgeHint(r *runner, e *nl.Error) string {
	switch e.Type {
	case unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH:
		if n, err := rtnl.ParseNeigh(e.Request); err == nil {
			return fdbHint(r, e, &n)
		}
	case unix.RTM_SETLINK, unix.RTM_DELLINK:
		if l, err := rtnl.ParseLink(e.Request); err == nil {
			return portHint(r, e, &l)
		}
	case unix.RTM_NEWVLAN, unix.RTM_GETVLAN:
		if errors.Is(e, unix.EOPNOTSUPP) {
			return noVLANs
		}
	case unix.RTM_NEWTUNNEL, unix.RTM_DELTUNNEL:
		p, err := rtnl.ParsePort(e.Request, unix.RTM_NEWTUNNEL)
		switch {
		case err != nil:
		case errors.Is(e, unix.EOPNOTSUPP):
			return r.name(p.Index) + ` does not choose: it must be made with "ip link add ... type vxlan external vnifilter"`
		case errors.Is(e, unix.ENOENT):
			return `"bridge vni show dev ` + r.name(p.Index) + `" lists those that there are`
		}
	}
	return ""
}

const noVLANs = "the kernel's bridges may know no VLANs (CONFIG_BRIDGE_VLAN_FILTERING)"

// fdbHint is advice on a forwarding entry.
func fdbHint(r *runner, e *nl.Error, n *rtnl.Neigh) string {
	dev := r.byIndex(n.Index)
	kind, _ := r.kindOf(n.Index)
	vid, hasVID := n.Attrs.U16(rtnl.NDA_VLAN)
	_, hasDst := n.Attrs.IP(rtnl.NDA_DST)
	bulk := e.Type == unix.RTM_DELNEIGH && e.Request.Flags()&unix.NLM_F_BULK != 0
	master := n.Flags&unix.NTF_MASTER != 0
	switch {
	case errors.Is(e, unix.EPERM) && n.State&(unix.NUD_PERMANENT|unix.NUD_NOARP) == 0 && dev.flags&unix.IFF_UP == 0:
		return dev.name + ` is down and learns nothing: "ip link set ` + dev.name + ` up" comes first, or let the entry be "static"`
	case errors.Is(e, unix.EEXIST):
		return `"bridge fdb replace" changes it`
	case errors.Is(e, unix.ENOENT):
		return `"bridge fdb show dev ` + dev.name + `" lists those that there are`
	case errors.Is(e, unix.EOPNOTSUPP) && bulk && kind != "bridge":
		return `the bridge is flushed, and "brport ` + dev.name + `" says that only this port is meant`
	case errors.Is(e, unix.EOPNOTSUPP) && master && kind == "bridge":
		return `an entry of the bridge itself wants "self"`
	case errors.Is(e, unix.EOPNOTSUPP) && master:
		return dev.name + " is no port of a bridge"
	case errors.Is(e, unix.EINVAL) && hasVID:
		return "VLAN " + itoa(int32(vid)) + " must be one of " + dev.name + `'s: "bridge vlan show dev ` + dev.name + `" lists them`
	case errors.Is(e, unix.EINVAL) && kind == "vxlan" && !hasDst:
		return `an entry of a vxlan link wants "dst"`
	}
	return ""
}

// portHint is advice on a port's settings and VLANs.
func portHint(r *runner, e *nl.Error, l *rtnl.Link) string {
	name := r.name(l.Index)
	kind, _ := r.kindOf(l.Index)
	spec := l.Attrs.Nest(rtnl.IFLA_AF_SPEC)
	target, _ := spec.U16(rtnl.IFLA_BRIDGE_FLAGS)
	_, vlan := spec.Get(uint16(rtnl.IFLA_BRIDGE_VLAN_INFO))
	_, tunnel := spec.Get(uint16(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_INFO))
	backup, hasBackup := l.Attrs.Nest(nl.AttrNest(rtnl.IFLA_PROTINFO)).U32(rtnl.IFLA_BRPORT_BACKUP_PORT)
	switch {
	case errors.Is(e, unix.ENOENT) && hasBackup:
		return r.name(int32(backup)) + " must be a port of the same bridge as " + name
	case !errors.Is(e, unix.EOPNOTSUPP):
	case kind == "bridge" && (vlan || tunnel) && target&rtnl.BridgeFlagSelf == 0:
		return `VLANs of the bridge itself want "self"`
	case target&rtnl.BridgeFlagSelf != 0 && kind != "bridge":
		return name + ` has no bridge of its own: leave "self" out for the bridge that it is a port of`
	case kind == "bridge" && !vlan && !tunnel:
		return name + ` is a bridge: "ip link set ` + name + ` type bridge ..." changes it`
	case !r.isPort(l.Index):
		return name + " is no port of a bridge"
	case vlan || tunnel:
		return noVLANs
	}
	return ""
}

// isPort tells whether an interface is a bridge's port.
func (r *runner) isPort(index int32) (is bool) {
	if c, err := r.aside(); err == nil {
		rtnl.LinkByIndex(c, index, lookMask, func(l rtnl.Link) {
			k, _ := l.Attrs.Nest(rtnl.IFLA_LINKINFO).StrN(rtnl.IFLA_INFO_SLAVE_KIND)
			is = string(k) == "bridge"
		})
	}
	return is
}
