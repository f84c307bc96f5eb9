package doctor

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// layout is where things are in struct ipt_entry and ip6t_entry,
// linux/netfilter_ipv4/ip_tables.h, on 64-bit machines.
type layout struct {
	level, ip, ifaces, proto, inv, target, next, entry int
	gotoFlag                                           uint8 // IPT_F_GOTO, in the byte in front of inv
	family                                             uint8
	tool                                               string
}

var (
	layout4 = layout{level: unix.IPPROTO_IP, ip: 4, ifaces: 16, proto: 80, inv: 83, target: 88, next: 90, entry: 112, gotoFlag: 2, family: familyIPv4, tool: "iptables-legacy"}
	layout6 = layout{level: unix.IPPROTO_IPV6, ip: 16, ifaces: 64, proto: 128, inv: 132, target: 140, next: 142, entry: 168, gotoFlag: 4, family: familyIPv6, tool: "ip6tables-legacy"}
)

const (
	iptGetInfo    = 64 // IPT_SO_GET_INFO
	iptGetEntries = 65 // IPT_SO_GET_ENTRIES
	xtHeader      = 32 // struct xt_entry_match, xt_entry_target: size, name, revision
)

// legacyPrio is when a table's chains see a packet, among those of its hook.
func legacyPrio(table string, hook int) int32 {
	switch table {
	case "raw":
		return -300
	case "mangle":
		return -150
	case "security":
		return 50
	case "nat":
		if hook == 0 || hook == 3 { // the destination's
			return -100
		}
		return 100
	}
	return 0
}

// readLegacy reads one table of iptables proper in the calling thread's
// namespace; nil if it cannot.
func readLegacy(name string, v6 bool) *Table {
	if strconv.IntSize == 32 || len(name) > 31 {
		return nil
	}
	l := &layout4
	domain := unix.AF_INET
	if v6 {
		l, domain = &layout6, unix.AF_INET6
	}
	fd, err := unix.Socket(domain, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	// struct ipt_getinfo: name, valid_hooks, hook_entry[5], underflow[5], num_entries, size
	info := make([]byte, 84)
	copy(info, name)
	if getsockopt(fd, l.level, iptGetInfo, info) != nil {
		return nil
	}
	size := int(binary.NativeEndian.Uint32(info[80:]))
	if size <= 0 || size > 64<<20 {
		return nil
	}
	// struct ipt_get_entries: name, size, padding, the entries
	p := make([]byte, 40+size)
	copy(p, name)
	binary.NativeEndian.PutUint32(p[32:], uint32(size))
	if getsockopt(fd, l.level, iptGetEntries, p) != nil {
		return nil
	}
	return l.table(name, info, p[40:])
}

// getsockopt is getsockopt(2) with an argument that goes in and comes back.
func getsockopt(fd, level, opt int, p []byte) error {
	n := uint32(len(p))
	_, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(opt),
		uintptr(unsafe.Pointer(&p[0])), uintptr(unsafe.Pointer(&n)), 0)
	if e != 0 {
		return e
	}
	return nil
}

// table turns the kernel's blob into chains.
func (l *layout) table(name string, info, blob []byte) *Table {
	t := &Table{Family: l.family, Name: name, Tool: l.tool}
	hooks := binary.NativeEndian.Uint32(info[32:])
	at := func(i, hook int) int { return int(binary.NativeEndian.Uint32(info[36+20*i+4*hook:])) }
	chains := map[int]string{} // by the offset of the first rule
	l.entries(blob, func(off int, e []byte, target []byte) {
		if cstring(target[2:31]) == "ERROR" && len(target) >= xtHeader+1 {
			chains[off+len(e)] = cstring(target[xtHeader:])
		}
	})
	var c *Chain
	l.entries(blob, func(off int, e []byte, target []byte) {
		for h := range 5 {
			if hooks&(1<<h) != 0 && at(0, h) == off {
				n := [...]string{"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}[h]
				c = &Chain{Name: n, Base: true, Hook: Hook(h), Prio: legacyPrio(name, h)}
				c.Accept = []string{l.tool, "-t", name, "-P", n, "ACCEPT"}
				t.Chains = append(t.Chains, c)
			}
		}
		kind := cstring(target[2:31])
		if kind == "ERROR" {
			c = &Chain{Name: cstring(target[xtHeader:])}
			t.Chains = append(t.Chains, c)
			return
		}
		if c == nil {
			return
		}
		for h := range 5 {
			if c.Base && c.Hook == Hook(h) && hooks&(1<<h) != 0 && at(1, h) == off {
				if len(target) >= xtHeader+4 {
					c.Drop = int32(binary.NativeEndian.Uint32(target[xtHeader:])) == -1
				}
				return
			}
		}
		n := strconv.Itoa(len(c.Rule) + 1)
		o := l.targetOf(kind, target, chains)
		if o.Verdict == Jump && e[l.inv-1]&l.gotoFlag != 0 {
			o.Verdict = Goto
		}
		e = slices.Clone(e)
		c.Rule = append(c.Rule, &FilterRule{
			Text: "rule " + n + " of " + c.Name,
			Del:  []string{l.tool, "-t", name, "-D", c.Name, n},
			Eval: func(h *Headers) *Outcome {
				ok, unsure := l.matches(e, h)
				if !ok {
					return &Outcome{}
				}
				got := *o
				got.Unsure = got.Unsure || unsure
				return &got
			},
		})
	})
	return t
}

// entries walks the blob.
func (l *layout) entries(blob []byte, each func(off int, entry, target []byte)) {
	for off := 0; off+l.entry <= len(blob); {
		e := blob[off:]
		target, next := int(native16(e[l.target:])), int(native16(e[l.next:]))
		if next < l.entry+xtHeader || next > len(e) || target < l.entry || target+xtHeader > next {
			return
		}
		each(off, e[:next], e[target:next])
		off += next
	}
}

func (l *layout) targetOf(kind string, target []byte, chains map[int]string) *Outcome {
	switch kind {
	case "":
		if len(target) < xtHeader+4 {
			return &Outcome{Unsure: true}
		}
		v := int32(binary.NativeEndian.Uint32(target[xtHeader:]))
		switch {
		case v == -1:
			return &Outcome{Verdict: Drop}
		case v == -2:
			return &Outcome{Verdict: Accept}
		case v == -5:
			return &Outcome{Verdict: Return}
		case v >= 0 && chains[int(v)] != "":
			return &Outcome{Verdict: Jump, Chain: chains[int(v)]}
		}
		return &Outcome{} // to the next rule
	case "REJECT":
		return &Outcome{Verdict: Drop}
	case "MASQUERADE":
		return &Outcome{Verdict: SNAT}
	case "SNAT", "DNAT":
		o := &Outcome{Verdict: SNAT}
		if kind == "DNAT" {
			o.Verdict = DNAT
		}
		// struct nf_nat_ipv4_multi_range_compat; other revisions are not read
		if l.ip == 4 && target[31] == 0 && len(target) >= xtHeader+12 {
			o.To = slices.Clone(target[xtHeader+8 : xtHeader+12])
			return o
		}
		o.Unsure = true
		return o
	case "LOG", "NFLOG", "TRACE", "MARK", "CONNMARK", "CHECKSUM", "TCPMSS", "CT":
		return &Outcome{}
	}
	return &Outcome{Verdict: Drop, Unsure: true}
}

// matches tells whether an entry is about a packet; unsure if one of its
// matches is not known here.
func (l *layout) matches(e []byte, h *Headers) (ok, unsure bool) {
	inv := e[l.inv]
	src, dst := h.IP[12:16], h.IP[16:20]
	if l.ip == 16 {
		src, dst = h.IP[8:24], h.IP[24:40]
	}
	field := func(i int) []byte { return e[i*l.ip : (i+1)*l.ip] }
	masked := func(a, want, mask []byte) bool {
		for i := range a {
			if a[i]&mask[i] != want[i] {
				return false
			}
		}
		return true
	}
	iface := func(name string, at int) bool {
		n := make([]byte, 16)
		copy(n, name)
		for i, c := range e[at : at+16] {
			if (c^n[i])&e[at+32+i] != 0 { // of "eth+" the mask leaves out the '+'
				return false
			}
		}
		return true
	}
	if l.ip == 4 && e[l.inv-1]&1 != 0 && inv&32 == 0 {
		return false, false // IPT_F_FRAG: about later parts of packets
	}
	// IPT_INV_: 1 in, 2 out, 8 source, 16 destination, 32 later parts, 64 protocol
	if iface(h.In, l.ifaces) == (inv&1 != 0) || iface(h.Out, l.ifaces+16) == (inv&2 != 0) {
		return false, false
	}
	if masked(src, field(0), field(2)) == (inv&8 != 0) || masked(dst, field(1), field(3)) == (inv&16 != 0) {
		return false, false
	}
	if proto := native16(e[l.proto:]); proto != 0 && (proto == uint16(h.Proto)) == (inv&64 != 0) {
		return false, false
	}
	target := int(native16(e[l.target:]))
	for off := l.entry; off+xtHeader <= target; {
		size := int(native16(e[off:]))
		if size < xtHeader || off+size > target {
			return true, true
		}
		d := e[off+xtHeader : off+size]
		switch name := cstring(e[off+2 : off+31]); {
		case name == "comment":
		case (name == "icmp" || name == "icmp6") && len(d) >= 4:
			typ, code := h.IP[h.L4], h.IP[h.L4+1]
			in := (d[0] == 255 && name == "icmp" || d[0] == typ) && code >= d[1] && code <= d[2]
			if in == (d[3]&1 != 0) {
				return false, false
			}
		case name == "state" && len(d) >= 4:
			if binary.NativeEndian.Uint32(d)&ctState(h) == 0 {
				return false, false
			}
		case name == "conntrack" && len(d) >= 152 && native16(d[146:]) == 1: // the state alone
			in := uint32(native16(d[150:]))&ctState(h) != 0
			if in == (native16(d[148:])&1 != 0) {
				return false, false
			}
		default:
			unsure = true
		}
		off += size
	}
	return true, unsure
}

// ctState is the connection's state as a bit: new for a request, established
// for a reply.
func ctState(h *Headers) uint32 {
	if h.Reply {
		return 2
	}
	return 8
}

// cstring is the text up to the first NUL.
func cstring(p []byte) string {
	if i := bytes.IndexByte(p, 0); i >= 0 {
		p = p[:i]
	}
	return string(p)
}
