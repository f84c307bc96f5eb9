package arp

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// A request is what a line asks for behind -s or -d.
type request struct {
	ip                  [4]byte
	host                string // as it was given
	typ                 uint16 // of hw, ARPHRD_
	hw                  []byte
	dev                 string
	mask                [4]byte
	masked              bool // a netmask other than 255.255.255.255 was given
	temp, pub, priv, no bool // no is "dontpub"
}

var hostMask = [4]byte{255, 255, 255, 255}

// words reads what stands behind the addresses, and returns the exit code, 0
// for none.
func (a *arp) words(r *request, words []string, del bool) int {
	r.dev, r.mask = a.dev, hostMask
	for len(words) > 0 {
		w := words[0]
		words = words[1:]
		if del && a.verbose {
			nettools.Say("args=", w)
		}
		switch w {
		case "pub":
			r.pub = true
		case "priv":
			r.priv = true
			r.pub = r.pub && del // the last of both counts for -s
		case "temp":
			r.temp = true
		case "trail", "auto": // the kernel no longer looks at these
		case "dontpub":
			r.no = true
		case "dev", "netmask":
			if len(words) == 0 {
				return codeUsage
			}
			arg := words[0]
			words = words[1:]
			if w == "dev" {
				r.dev = arg
				continue
			}
			if arg == "255.255.255.255" {
				continue
			}
			m, trouble := nettools.Etc.Lookup(arg)
			if trouble != "" {
				nettools.Say(trouble)
				return codeFailed
			}
			r.mask, r.masked = m, true
		default:
			return codeUsage
		}
	}
	return 0
}

// address reads the host that -s and -d begin with.
func (r *request) address(words []string) bool {
	if len(words) == 0 {
		nettools.Say("arp: need host name")
		return false
	}
	r.host = words[0]
	ip, trouble := nettools.Etc.Lookup(words[0])
	if trouble != "" {
		nettools.Say(trouble)
	}
	r.ip = ip
	return trouble == ""
}

// set adds an entry.
func (a *arp) set(words []string) int {
	var r request
	if !r.address(words) {
		return codeFailed
	}
	if len(words) < 2 {
		nettools.Say("arp: need hardware address")
		return codeFailed
	}
	if a.device {
		if !a.hwOfDevice(&r, words[1]) {
			return codeFailed
		}
	} else {
		r.typ = a.hw.ARPHRD
		if a.hw.Set > 0 {
			var ok bool
			if r.hw, ok = nettools.ParseHW(words[1], int(a.hw.Set)); !ok {
				nettools.Say("arp: invalid hardware address")
				nettools.Hint("`", words[1], "' is not one of type ", a.hw.Name, ": ", strconv.Itoa(int(a.hw.Set)), " hexadecimal bytes, separated by colons")
				return codeFailed
			}
		}
	}
	if code := a.words(&r, words[2:], false); code != 0 {
		return code
	}
	if a.verbose {
		nettools.Say("arp: SIOCSARP()")
	}
	if err := a.first(a.add(&r)); err != nil {
		nettools.Perror("SIOCSARP", err)
		return codeFailed
	}
	return 0
}

// hwOfDevice takes the hardware address of an interface.
func (a *arp) hwOfDevice(r *request, name string) bool {
	d, err := a.devs.ByName(name)
	if err != nil {
		nettools.Say("arp: cant get HW-Address for `", name, "': ", cli.Strerror(cli.Errno(err)), ".")
		return false
	}
	if a.hwSet && d.Type != a.hw.ARPHRD {
		nettools.Say("arp: protocol type mismatch.")
		return false
	}
	r.typ, r.hw = d.Type, d.HW
	if a.verbose {
		h := nettools.HWByType(d.Type)
		if !h.Shows() {
			h = &nettools.HWUnspec
		}
		var p [16]byte
		copy(p[:8], d.HW)
		nettools.Say("arp: device `", name, "' has HW address ", h.Name, " `", strings.TrimPrefix(string(h.AppendAddr(nil, p)), " "), "'.")
	}
	return true
}

// add carries out SIOCSARP, as the kernel's arp_req_set does.
func (a *arp) add(r *request) error {
	d, err := a.target(r)
	switch {
	case err != nil:
		return err
	case d != nil && d.Type != r.typ:
		return unix.EINVAL
	case !r.pub:
		state := uint16(unix.NUD_PERMANENT)
		if r.temp {
			state = unix.NUD_STALE
		}
		var b nl.Builder
		rtnl.NewNeigh(&b, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, rtnl.NdMsg{Family: unix.AF_INET, Index: d.Index, State: state})
		b.IP(rtnl.NDA_DST, r.ip[:])
		b.MAC(rtnl.NDA_LLADDR, r.hw)
		return a.conn.Do(&b, nil)
	case r.mask != hostMask && r.mask != [4]byte{}:
		return unix.EINVAL
	}
	if d == nil {
		// The interface that has the address is meant.
		err := a.devs.All(func(x *nettools.Device) bool {
			if x.Type == r.typ && string(x.HW) == string(r.hw) {
				d = x
			}
			return d == nil
		})
		if d == nil {
			if err == nil {
				err = unix.ENODEV
			}
			return err
		}
	}
	if r.mask == [4]byte{} {
		return a.proxyAll(d, 1)
	}
	var b nl.Builder
	rtnl.NewNeigh(&b, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, rtnl.NdMsg{Family: unix.AF_INET, Index: d.Index, State: unix.NUD_PERMANENT, Flags: unix.NTF_PROXY})
	b.IP(rtnl.NDA_DST, r.ip[:])
	return a.conn.Do(&b, nil)
}

// first returns what the ioctls would have said first: that one may not.
func (a *arp) first(err error) error {
	if err != nil && !rtnl.Permitted(a.conn) {
		return unix.EPERM
	}
	return err
}

// target is the interface that a request is for: nil for a published entry
// that names none.
func (a *arp) target(r *request) (*nettools.Device, error) {
	switch {
	case !r.pub && (r.masked || r.no):
		return nil, unix.EINVAL
	case r.dev != "":
		return a.devs.ByName(r.dev[:min(len(r.dev), rtnl.IfNameMax)])
	case r.pub:
		return nil, nil
	}
	return a.deviceFor(r.ip)
}

// proxyAll makes an interface answer for all addresses, or no longer: what a
// netmask of 0.0.0.0 means.
func (a *arp) proxyAll(d *nettools.Device, on uint32) error {
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: d.Index})
	spec := b.Nest(rtnl.IFLA_AF_SPEC)
	inet := b.NestF(unix.AF_INET)
	conf := b.NestF(1) // IFLA_INET_CONF
	b.U32(ipv4DevconfProxyARP, on)
	b.End(conf)
	b.End(inet)
	b.End(spec)
	return a.conn.Do(&b, nil)
}

// ipv4DevconfProxyARP is IPV4_DEVCONF_PROXY_ARP, linux/ip.h.
const ipv4DevconfProxyARP nl.AttrU32 = 3

// allProxyARP is the switch of all interfaces, which has no message.
const allProxyARP = "/proc/sys/net/ipv4/conf/all/proxy_arp"

// del deletes an entry: a neighbour, or else one that is published.
func (a *arp) del(words []string) int {
	var r request
	if !r.address(words) {
		return codeFailed
	}
	if code := a.words(&r, words[1:], true); code != 0 {
		return code
	}
	// Which of the two is to be tried: the words for either, or both.
	tries := [...]struct {
		want, pub bool
		name      string
	}{{r.priv || !r.pub, false, "dontpub"}, {r.pub || !r.priv, true, "pub"}}
	for _, t := range tries {
		if !t.want {
			continue
		}
		if a.verbose {
			nettools.Say("arp: SIOCDARP(", t.name, ")")
		}
		r.pub = t.pub
		err := a.first(a.remove(&r))
		switch cli.Errno(err) {
		case 0:
			if err == nil {
				return 0
			}
		case unix.ENXIO, unix.ENOENT:
			continue
		}
		nettools.Perror("SIOCDARP("+t.name+")", err)
		return codeFailed
	}
	cli.Stdout.S("No ARP entry for ").Safe(r.host).NL()
	return codeFailed
}

// remove carries out SIOCDARP, as the kernel's arp_req_delete does.
func (a *arp) remove(r *request) error {
	d, err := a.target(r)
	if err != nil {
		return err
	}
	h := rtnl.NdMsg{Family: unix.AF_INET}
	if r.pub {
		switch {
		case r.mask == [4]byte{} && d != nil:
			return a.proxyAll(d, 0)
		case r.mask == [4]byte{}:
			if cli.Dry != nil {
				cli.Dry.Note("no netlink: 0 is written to ", allProxyARP)
				return nil
			}
			return file.Write(allProxyARP, []byte("0"), 0)
		case r.mask != hostMask:
			return unix.EINVAL
		}
		h.Flags = unix.NTF_PROXY
	}
	if d != nil {
		h.Index = d.Index
	}
	var b nl.Builder
	rtnl.DelNeigh(&b, h)
	b.IP(rtnl.NDA_DST, r.ip[:])
	return a.conn.Do(&b, nil)
}

// file adds the entries of a file, an entry a line: HOST HWADDR WORD..., the
// first two in either order.
func (a *arp) file(name string) int {
	text, err := file.Read(name)
	if err != nil {
		nettools.Say("arp: cannot open etherfile ", name, " !")
		return codeFailed
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSuffix(line, "\n")
		if a.verbose {
			nettools.Say(">> ", line)
		}
		if line == "" || line[0] == '#' {
			continue
		}
		where := " on line " + strconv.Itoa(n) + " of etherfile " + name + " !"
		words := strings.Fields(strings.ReplaceAll(line, `"`, " "))
		if len(words) < 2 {
			nettools.Say("arp: format error", where)
			continue
		}
		if strings.Contains(words[0], ":") {
			words[0], words[1] = words[1], words[0]
		}
		switch a.set(words) {
		case 0:
		case codeUsage:
			usage(cli.Stderr)
			return codeUsage
		default:
			nettools.Say("arp: cannot set entry", where)
		}
	}
	return 0
}
