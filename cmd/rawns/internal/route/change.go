package route

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// interfaceIoctl is the ioctl that looks an interface up for IPv6, which anyone
// may.
const interfaceIoctl = "SIOGIFINDEX"

// carryOut asks the kernel for the change. what is the name of the original's
// ioctl that failed.
func (t *tool) carryOut(r *change) (what string, err error) {
	what = "SIOCADDRT"
	if r.del {
		what = "SIOCDELRT"
	}
	h := rtnl.RtMsg{Family: unix.AF_INET, DstLen: r.length, Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_BOOT, Type: unix.RTN_UNICAST}
	if r.del {
		h.Protocol = unix.RTPROT_UNSPEC
	}
	var dev *nettools.Device
	name, _, alias := strings.Cut(r.dev, ":")
	if r.dev != "" && !(r.reject && !r.inet6) { // a route that rejects has none
		if dev, err = t.devs.ByName(name); err != nil {
			if r.inet6 {
				what = interfaceIoctl
			}
			return what, err
		}
	}
	var b nl.Builder
	var source []byte
	if r.inet6 {
		if r.del && r.gw == nil {
			if err := t.firstHop(r, dev); err != nil {
				return what, err
			}
		}
		h.Family, h.Type = unix.AF_INET6, 0
		if !r.del {
			h.Type = unix.RTN_UNICAST
			if r.host {
				// The ioctl's RTF_HOST has the same bit, and the kernel takes
				// it for this.
				h.Flags = unix.RTNH_F_ONLINK
			}
		}
	} else {
		switch {
		case r.reject:
			h.Type, h.Scope = unix.RTN_UNREACHABLE, unix.RT_SCOPE_HOST
			r.gw = nil
		case r.gw != nil && [4]byte(r.gw) == [4]byte{}:
			if !r.del {
				return what, unix.EINVAL
			}
			r.gw = nil
			h.Scope = unix.RT_SCOPE_NOWHERE
		case r.gw != nil && t.isUnicast([4]byte(r.gw), dev):
			h.Scope = unix.RT_SCOPE_UNIVERSE
		case r.del:
			h.Scope = unix.RT_SCOPE_NOWHERE
		default:
			h.Scope = unix.RT_SCOPE_LINK
		}
		if alias && dev != nil {
			if source, err = t.aliasAddress(dev, r.dev); err != nil {
				return what, err
			}
		}
	}
	if r.del {
		rtnl.DelRoute(&b, h)
	} else {
		rtnl.NewRoute(&b, unix.NLM_F_CREATE, h)
	}
	b.IP(rtnl.RTA_DST, r.dst)
	if r.gw != nil {
		b.IP(rtnl.RTA_GATEWAY, r.gw)
	}
	if source != nil {
		b.IP(rtnl.RTA_PREFSRC, source)
	}
	if dev != nil {
		b.U32(rtnl.RTA_OIF, uint32(dev.Index))
		if dev.Table != 0 {
			b.U32(rtnl.RTA_TABLE, dev.Table)
		}
	}
	if r.metric != 0 {
		b.U32(rtnl.RTA_PRIORITY, r.metric)
	}
	if !r.del && !r.reject && (r.mss != 0 || r.window != 0 || r.hasIrtt) {
		m := b.Nest(rtnl.RTA_METRICS)
		if r.mss != 0 {
			b.U32(rtnl.RTAX_ADVMSS, r.mss-ipHeaders)
		}
		if r.window != 0 {
			b.U32(rtnl.RTAX_WINDOW, r.window)
		}
		if r.hasIrtt {
			b.U32(rtnl.RTAX_RTT, r.irtt<<rttShift)
		}
		b.End(m)
	}
	return what, t.conn.Do(&b, nil)
}

const (
	ipHeaders = 40 // bytes of IP and TCP, the difference of "mss" and the kernel's advmss
	rttShift  = 3  // the kernel counts eighths of a millisecond
)

// isUnicast tells whether a gateway's address is neither the host's own nor one
// of many: only then does the route lead beyond the link.
func (t *tool) isUnicast(ip [4]byte, dev *nettools.Device) bool {
	if ip[0] == 0 || ip[0]&0xf0 == 0xe0 || ip == [4]byte{255, 255, 255, 255} {
		return false
	}
	var b nl.Builder
	rtnl.GetRoute(&b, rtnl.RtMsg{Family: unix.AF_INET, DstLen: 32})
	b.IP(rtnl.RTA_DST, ip[:])
	if dev != nil && dev.Table != 0 {
		b.U32(rtnl.RTA_OIF, uint32(dev.Index))
	}
	typ := uint8(unix.RTN_UNICAST)
	t.conn.Do(&b, func(m nl.Message) {
		if r, err := rtnl.ParseRoute(m); err == nil {
			typ = r.Type
		}
	})
	return typ == unix.RTN_UNICAST
}

// aliasAddress finds the address whose label is an alias: what is sent through
// the route shall come from there.
func (t *tool) aliasAddress(dev *nettools.Device, alias string) (source []byte, err error) {
	var b nl.Builder
	rtnl.GetAddr(&b, unix.AF_INET, dev.Index)
	err = t.conn.Repeat(&b, func() { source = nil }, func(m nl.Message) error {
		a, err := rtnl.ParseAddr(m)
		if err != nil {
			return err
		}
		label, _ := a.Attrs.Str(rtnl.IFA_LABEL)
		local, ok := a.Attrs.IP(rtnl.IFA_LOCAL)
		if ok && source == nil && a.Index == dev.Index && string(label) == alias {
			source = append([]byte(nil), local...)
		}
		return nil
	})
	if err == nil && source == nil {
		err = unix.ENODEV
	}
	return source, err
}

// firstHop makes deleting a route of several next hops one of the first alone:
// of a message without a gateway the kernel takes all of them for meant, of the
// ioctl that one.
func (t *tool) firstHop(r *change, dev *nettools.Device) error {
	table := uint32(unix.RT_TABLE_MAIN)
	if dev != nil && dev.Table != 0 {
		table = dev.Table
	}
	var b nl.Builder
	rtnl.GetRoute(&b, rtnl.RtMsg{Family: unix.AF_INET6, Table: unix.RT_TABLE_MAIN})
	if table != unix.RT_TABLE_MAIN {
		b.U32(rtnl.RTA_TABLE, table)
	}
	var gw []byte
	found := false
	err := t.conn.Repeat(&b, func() { gw, found = nil, false }, func(m nl.Message) error {
		x, err := rtnl.ParseRoute(m)
		if err != nil {
			return err
		}
		if found || x.Family != unix.AF_INET6 || x.Table() != table || x.DstLen != r.length {
			return nil
		}
		var dst [16]byte
		ip, _ := x.Attrs.IP(rtnl.RTA_DST)
		copy(dst[:], ip)
		if !samePrefix(dst[:], r.dst, int(r.length)) {
			return nil
		}
		metric, _ := x.Attrs.U32(rtnl.RTA_PRIORITY)
		if r.metric != 0 && metric != r.metric {
			return nil
		}
		hops, several := x.Attrs.Blob(rtnl.RTA_MULTIPATH)
		if !several {
			oif, _ := x.Attrs.U32(rtnl.RTA_OIF)
			found = dev == nil || dev.Index == int32(oif)
			return nil
		}
		eachHop(hops, func(index int32, as nl.Attrs) {
			if !found && (dev == nil || dev.Index == index) {
				found = true
				ip, _ := as.IP(rtnl.RTA_GATEWAY)
				gw = append(gw, ip...)
			}
		})
		return nil
	})
	if err == nl.ErrDumpInterrupted {
		err = nil
	}
	if err == nil && len(gw) > 0 {
		r.gw = gw
	}
	return err
}

func samePrefix(a, b []byte, n int) bool {
	for i := 0; i < len(a) && n > 0; i, n = i+1, n-8 {
		m := byte(0xff)
		if n < 8 {
			m <<= 8 - n
		}
		if (a[i]^b[i])&m != 0 {
			return false
		}
	}
	return true
}

// eachHop walks RTA_MULTIPATH: struct rtnexthop (linux/rtnetlink.h: length,
// flags, hops, interface index), its attributes behind each.
func eachHop(p []byte, f func(index int32, as nl.Attrs)) {
	const header = 8
	for len(p) >= header {
		n := int(binary.NativeEndian.Uint16(p))
		if n < header || n > len(p) {
			return
		}
		f(int32(binary.NativeEndian.Uint32(p[4:])), nl.Attrs(p[header:n]))
		p = p[min((n+3)&^3, len(p)):]
	}
}
