//go:build !tiny

package ip

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

const gatewayHint = `the gateway is in no network of a link that is up: "ip address" shows them; "dev DEVICE onlink" takes it on trust`

// addrHint is about a change of addresses.
func addrHint(r *runner, e *nl.Error) string {
	a, err := rtnl.ParseAddr(e.Request)
	if err != nil {
		return ""
	}
	dev := r.name(a.Index)
	_, hasLocal := a.Attrs.IP(rtnl.IFA_LOCAL)
	switch e.Errno {
	case unix.EEXIST:
		return dev + ` has this address already: "ip address replace" changes it`
	case unix.EADDRNOTAVAIL:
		return dev + ` has no such address: its length (/24) and peer must be named as "ip address show dev ` + dev + `" shows them`
	case unix.EACCES:
		if a.Family == unix.AF_INET6 {
			return "IPv6 is switched off there: sysctl -w net.ipv6.conf." + dev + ".disable_ipv6=0 turns it on"
		}
	case unix.EOPNOTSUPP:
		if !hasLocal && a.Family == unix.AF_UNSPEC {
			return "no address was named"
		}
	case unix.ENOBUFS:
		return "the link's MTU may be too small for this protocol"
	}
	return ""
}

// downHint is about a link that is not up, or that has nothing at its other
// end.
func downHint(name string, e *nl.Error) string {
	if strings.HasPrefix(e.Text, "Carrier ") {
		return name + " has no carrier: what is at its other end must be up, too"
	}
	return `"ip link set ` + name + ` up" comes first`
}

// encapHint is about an encap that the kernel does not know.
func encapHint(e *nl.Error) string {
	if strings.HasPrefix(e.Text, "lwt encapsulation type not supported") {
		return "this kernel lacks that kind of encap, or the module that brings it is not loaded (mpls_iptunnel, ila, xfrm_interface)"
	}
	return ""
}

// routeHint is about a change of routes.
func routeHint(r *runner, e *nl.Error) string {
	v, err := rtnl.ParseRoute(e.Request)
	if err != nil {
		return ""
	}
	if h := encapHint(e); h != "" {
		return h
	}
	del := e.Type == unix.RTM_DELROUTE
	_, hasDev := v.Attrs.U32(rtnl.RTA_OIF)
	_, hasGateway := v.Attrs.IP(rtnl.RTA_GATEWAY)
	switch {
	case v.Family == unix.AF_MPLS && e.Errno == unix.EOPNOTSUPP:
		return "this kernel has no MPLS, or its module is not loaded (modprobe mpls_router)"
	case v.Family == unix.AF_MPLS && e.Errno == unix.EINVAL && strings.Contains(e.Text, "platform_labels"):
		return "sysctl -w net.mpls.platform_labels=1000 makes room for labels up to 999"
	case e.Text == "Nexthop id does not exist":
		return `"ip nexthop" lists the next hops that there are`
	case e.Errno == unix.ESRCH && del:
		return `no route has all that was named: "ip route show table all" lists those that there are`
	case e.Errno == unix.EEXIST:
		return `there is a route to it already: "ip route replace" changes it, another metric adds a second one`
	case e.Errno == unix.ENOENT && !del && e.Request.Flags()&unix.NLM_F_CREATE == 0:
		return `there is no such route: "ip route replace" makes or changes it`
	case hasGateway && (e.Errno == unix.ENETUNREACH || e.Errno == unix.EHOSTUNREACH || e.Text == "Nexthop has invalid gateway"):
		return gatewayHint
	case e.Errno == unix.ENETDOWN && hasDev:
		dev, _ := v.Attrs.U32(rtnl.RTA_OIF)
		return downHint(r.name(int32(dev)), e)
	case e.Errno == unix.ENODEV && !hasDev && !hasGateway:
		return "a way must be named: via GATEWAY or dev DEVICE"
	case e.Errno == unix.EINVAL && v.Family == unix.AF_INET:
		return prefixHint(&v)
	}
	return ""
}

// prefixHint says which network was probably meant, if bits behind its length
// are set: the kernel refuses these for IPv4.
func prefixHint(v *rtnl.Route) string {
	dst, ok := v.Attrs.IP(rtnl.RTA_DST)
	if !ok || len(dst) != 4 || v.DstLen > 32 {
		return ""
	}
	p := prefix{family: unix.AF_INET, n: 4, bits: int(v.DstLen)}
	copy(p.b[:], dst)
	setHostBits(&p, false)
	if p.covers(dst, 32) {
		return ""
	}
	b := cli.AppendIP([]byte("bits behind the network are set: perhaps "), p.addr())
	return string(append(b, "/"+itoa(int32(v.DstLen))+" is meant"...))
}
