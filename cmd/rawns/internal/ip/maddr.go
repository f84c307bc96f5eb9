//go:build !tiny

package ip

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
	"rawns/ns/file"
)

// maddrCommands is the object maddress: rtnetlink does not know of multicast
// addresses; /proc lists them, and an ioctl joins and leaves those of the link
// layer.
var maddrCommands = commands{name: "ip maddr", none: parseMaddrList, rows: []command{
	{name: "add", usage: "[ address ] LLADDR dev DEVICE", parse: parseMaddrModify, flags: unix.SIOCADDMULTI, about: helps("join a link-layer group")},
	{name: "delete", usage: "[ address ] LLADDR dev DEVICE", parse: parseMaddrModify, flags: unix.SIOCDELMULTI, about: helps("leave it")},
	{name: "list", quiet: true, parse: parseMaddrList},
	{name: "show", usage: "[ [ dev ] DEVICE ]", parse: parseMaddrList, about: helps("list the groups of all protocols")},
	{name: "lst", quiet: true, parse: parseMaddrList},
}}

// A maddrModify is the step that joins or leaves.
type maddrModify struct {
	req uint
	hwIfreq
}

const macLen = 6 // ETH_ALEN

func parseMaddrModify(a *args) (*plan, error) {
	s := &maddrModify{req: uint(a.cmd.flags)}
	dev := ""
	for a.more() {
		if a.take("dev") {
			w := a.next()
			switch {
			case a.err != nil:
			case dev != "":
				a.twice("dev", w)
			case !validIfName(w):
				a.wrong(w, `"dev" not a valid ifname`)
			}
			dev = w
			continue
		}
		if matches(a.peek(), "address") {
			if a.next(); !a.need() {
				break
			}
		}
		w := a.next()
		if matches(w, "help") {
			return nil, a.usage()
		}
		if s.addr[0] != 0 {
			a.twice("address", w)
			break
		}
		m := a.lladdr(w)
		if a.err == nil && len(m) != macLen {
			a.failf(exitMissing, "Error: Invalid address length "+strconv.Itoa(min(len(m), len(s.addr)+1))+" - must be "+strconv.Itoa(macLen)+" bytes")
		}
		copy(s.addr[:], m)
	}
	if a.err == nil && dev == "" {
		a.failf(exitUsage, `Not enough information: "dev" is required.`)
	}
	copy(s.name[:], dev)
	return &plan{[]step{s}}, a.err
}

func (s *maddrModify) run(r *runner) error {
	return r.within(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return failf(exitMissing, "Cannot create socket: "+cli.Strerror(cli.Errno(err)))
		}
		defer unix.Close(fd)
		err = s.ioctl(fd, s.req)
		if err == nil {
			return nil
		}
		f := failf(exitMissing, "ioctl: "+cli.Strerror(cli.Errno(err)))
		if err == unix.ENOENT {
			f.hint = cli.Safe("nobody has added it: \"ip -f link maddress show dev " + unix.ByteSliceToString(s.name[:]) + "\" marks those that can be deleted as static")
		}
		return f
	})
}

// within runs f on a thread in the namespace that the command is about.
func (r *runner) within(f func() error) error {
	if r.g.netns == "" || cli.Dry != nil {
		return f()
	}
	n, err := r.openNetns(r.g.netns)
	if err != nil {
		return err
	}
	defer n.Close()
	err = n.Do(f)
	if e, ok := err.(*ns.Error); ok {
		return notStarted(r.g.netns, e)
	}
	return err
}

// A maddrList is the step that lists multicast addresses.
type maddrList struct {
	dev    string
	hasDev bool
	found  []*maddr // pointers, as all that is sorted here: the code of sorting is there once
}

// A maddr is one of them.
type maddr struct {
	index  int32
	name   string
	family uint8 // AF_PACKET for link-layer ones
	addr   []byte
	users  int
	static bool
}

func parseMaddrList(a *args) (*plan, error) {
	s := &maddrList{}
	for a.more() {
		w := a.next()
		if w == "dev" {
			w = a.next()
		} else if matches(w, "help") {
			return nil, a.usage()
		}
		if s.hasDev && a.err == nil {
			a.garbage("dev", w)
		}
		s.dev, s.hasDev = w, true
	}
	return &plan{[]step{s}}, a.err
}

func (s *maddrList) run(r *runner) error {
	s.found = nil
	wanted := func(family uint8) bool { return r.g.family == unix.AF_UNSPEC || r.g.family == family }
	err := r.within(func() error {
		if wanted(unix.AF_PACKET) {
			s.read("dev_mcast", s.link)
		}
		if wanted(unix.AF_INET) {
			s.readIGMP()
		}
		if wanted(unix.AF_INET6) {
			s.read("igmp6", s.inet6)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(s.found, func(a, b *maddr) int { return int(a.index) - int(b.index) })
	s.print(r.g.printer(r.out), r.g.oneline)
	return nil
}

// read calls line with each line of a file, which may be absent, and with its
// words. The thread's own view counts: it may be in another namespace than the
// process.
func (s *maddrList) read(name string, line func(l string, w []string)) {
	text, _ := file.Read("/proc/thread-self/net/" + name)
	for l := range strings.Lines(string(text)) {
		line(l, strings.Fields(l))
	}
}

// add notes an address of the interface that is asked for.
func (s *maddrList) add(m maddr, index, users string) {
	i, ok1 := parseInt(index)
	n, ok2 := parseInt(users)
	if ok1 && ok2 && (!s.hasDev || s.dev == m.name) {
		m.index, m.users = i, int(n)
		s.found = append(s.found, &m)
	}
}

// link reads a line of dev_mcast: "11 v0 1 0 333300000001".
func (s *maddrList) link(_ string, w []string) {
	if len(w) < 5 {
		return
	}
	if b, ok := unhexString(w[4]); ok {
		s.add(maddr{name: w[1], family: unix.AF_PACKET, addr: b, static: w[3] != "0"}, w[0], w[2])
	}
}

// inet6 reads a line of igmp6: "11 v0 ff020000000000000000000000000001 1 0000000C 0".
func (s *maddrList) inet6(_ string, w []string) {
	if len(w) < 4 {
		return
	}
	if b, ok := unhexString(w[2]); ok {
		s.add(maddr{name: w[1], family: unix.AF_INET6, addr: b}, w[0], w[3])
	}
}

// readIGMP reads igmp: a line for each interface, "11	v0        :     1      V3",
// and one for each of its groups, indented: "010000E0     1 0:00000000	0". The
// group is a number in host byte order of the four bytes.
func (s *maddrList) readIGMP() {
	index, name := "", ""
	s.read("igmp", func(l string, w []string) {
		switch {
		case len(w) < 2:
		case l[0] != '\t':
			index, name = w[0], strings.TrimSuffix(w[1], ":")
		default:
			v, err := strconv.ParseUint(w[0], 16, 32)
			if err != nil {
				return
			}
			s.add(maddr{name: name, family: unix.AF_INET, addr: binary.NativeEndian.AppendUint32(nil, uint32(v))}, index, w[1])
		}
	})
}

// unhexString reads pairs of hex digits.
func unhexString(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s)/2)
	for ; len(s) >= 2; s = s[2:] {
		v, err := strconv.ParseUint(s[:2], 16, 8)
		if err != nil {
			return nil, false
		}
		b = append(b, byte(v))
	}
	return b, s == ""
}

func (s *maddrList) print(p *printer, oneline bool) {
	p.open()
	index := int32(0)
	for _, m := range s.found {
		if m.index != index || oneline {
			if index != 0 {
				p.EndArr("")
				p.EndObj()
			}
			p.Obj("")
			p.Int("ifindex", "", int64(m.index), ":")
			p.in(colIfname).Str("ifname", "\t", m.name, "")
			p.NL()
			index = m.index
			p.Arr("maddr", "")
		}
		m.print(p)
	}
	if index != 0 {
		p.EndArr("")
		p.EndObj()
	}
	p.close()
}

func (m *maddr) print(p *printer) {
	p.Obj("")
	if m.family == unix.AF_PACKET {
		p.T("\tlink  ")
		p.in(colMAC).Str("link", "", string(cli.AppendMAC(nil, m.addr)), "")
	} else {
		p.T("\t")
		p.Str("family", "", familyName(m.family), " ")
		if m.family == unix.AF_INET {
			p.T(" ")
		}
		p.in(familyColor(m.family)).addrText("address", m.family, m.addr, "")
	}
	if m.users != 1 {
		p.Int("users", " users ", int64(m.users), "")
	}
	if m.static {
		p.Str("features", " ", "static", "")
	}
	p.End()
	p.EndObj()
	p.o.S() // write what there is of it: JSON alone does not
}
