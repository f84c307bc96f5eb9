package arp

import (
	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// An entry is a line of /proc/net/arp.
type entry struct {
	ip                [4]byte
	typ               uint16 // ARPHRD_
	complete          bool   // the hardware address is known
	permanent, public bool
	hw                string
	index             int32
	dev               string
}

const (
	// nudValid is the kernel's NUD_VALID: the states with a hardware address.
	nudValid = unix.NUD_PERMANENT | unix.NUD_NOARP | unix.NUD_REACHABLE | unix.NUD_PROBE | unix.NUD_STALE | unix.NUD_DELAY

	// hwMax is how many bytes of one /proc/net/arp shows.
	hwMax = 9
)

// show lists the table, or what there is for one host.
func (a *arp) show(words []string) int {
	var host string
	if len(words) > 0 {
		ip, trouble := nettools.Etc.Lookup(words[0])
		if trouble != "" {
			nettools.Say(trouble)
			return codeFailed
		}
		host = string(cli.AppendIP(nil, ip[:]))
	}
	list, err := a.entries()
	if err != nil {
		nettools.Perror("arp", err)
		return codeFailed
	}
	o, shown := cli.Stdout, 0
	for i := range list {
		e := &list[i]
		ip := string(cli.AppendIP(nil, e.ip[:]))
		if a.hwSet && e.typ != a.hw.ARPHRD || host != "" && host != ip || a.dev != "" && e.dev != a.dev {
			continue
		}
		if shown++; shown == 1 && a.columns {
			o.S("Address                  HWtype  HWaddress           Flags Mask            Iface\n")
		}
		name := "?"
		if !a.numeric && e.ip != [4]byte{} {
			if n := a.names.Host(e.ip[:]); n != ip {
				name = n
			}
		}
		h := nettools.HWByType(e.typ)
		if h == &nettools.HWUnspec {
			h = nettools.HWByName("ether")
		}
		if a.columns {
			e.line(o, name, ip, h.Name)
		} else {
			e.sentence(o, name, ip, h.Name)
		}
	}
	if a.verbose {
		o.S("Entries: ").D(int64(len(list))).S("\tSkipped: ").D(int64(len(list) - shown)).S("\tFound: ").D(int64(shown)).NL()
	}
	switch {
	case shown > 0:
	case host != "" && !a.bsd:
		o.Safe(words[0]).S(" (", host, ") -- no entry\n")
	case a.hwSet || host != "" || a.dev != "":
		o.S("arp: in ").D(int64(len(list))).S(" entries no match found.\n")
	}
	return 0
}

// left appends s, cut or filled with blanks to n bytes.
func left(o *cli.Out, s string, n int) { o.Left(s[:min(n, len(s))], n) }

func (e *entry) line(o *cli.Out, name, ip, hwName string) {
	if name[0] == '?' {
		name = ip
	}
	left(o, cli.Safe(name), 23)
	o.S("  ")
	switch {
	case e.complete:
		left(o, hwName, 8)
		left(o, e.hw, 20)
	case e.public:
		left(o, "*", 8)
		left(o, "<from_interface>", 20)
	default:
		left(o, "", 8)
		left(o, "(incomplete)", 20)
	}
	flags := ""
	if e.complete {
		flags = "C"
	}
	if e.permanent {
		flags += "M"
	}
	if e.public {
		flags += "P"
	}
	o.Left(flags, 6+15).C(' ').Safe(e.dev).NL()
}

func (e *entry) sentence(o *cli.Out, name, ip, hwName string) {
	o.Safe(name).S(" (", ip, ") at ")
	switch {
	case e.complete:
		o.S(e.hw, " [", hwName, "] ")
	case e.public:
		o.S("<from_interface> ")
	default:
		o.S("<incomplete> ")
	}
	if e.permanent {
		o.S("PERM ")
	}
	if e.public {
		o.S("PUB ")
	}
	o.S("on ").Safe(e.dev).NL()
}

// entries lists what the kernel shows in /proc/net/arp, in its order: the
// neighbours but those that need no resolution, and then the proxies.
func (a *arp) entries() (list []entry, err error) {
	for _, flags := range [...]uint8{0, unix.NTF_PROXY} {
		var b nl.Builder
		rtnl.GetNeigh(&b, rtnl.NdMsg{Family: unix.AF_INET, Flags: flags})
		first := len(list)
		err := a.conn.Repeat(&b, func() { list = list[:first] }, func(m nl.Message) error {
			n, err := rtnl.ParseNeigh(m)
			if err != nil {
				return err
			}
			ip, _ := n.Attrs.IP(rtnl.NDA_DST)
			proxy := n.Flags&unix.NTF_PROXY != 0
			if len(ip) != 4 || n.Family != unix.AF_INET || proxy != (flags != 0) || !proxy && n.State&^unix.NUD_NOARP == 0 {
				return nil
			}
			e := entry{ip: [4]byte(ip), public: proxy, permanent: proxy, index: n.Index, dev: "*"}
			if !proxy {
				e.permanent = n.State&unix.NUD_PERMANENT != 0
				e.complete = e.permanent || n.State&nudValid != 0
			}
			if hw, ok := n.Attrs.MAC(rtnl.NDA_LLADDR); ok {
				e.hw = string(cli.AppendMAC(nil, hw[:min(len(hw), hwMax)]))
			}
			list = append(list, e)
			return nil
		})
		if err != nil && err != nl.ErrDumpInterrupted {
			return nil, err
		}
	}
	for i := range list {
		if d := a.devs.ByIndex(list[i].index); d != nil {
			list[i].typ, list[i].dev = d.Type, d.Name
		}
	}
	return list, nil
}
