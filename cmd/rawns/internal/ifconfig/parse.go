package ifconfig

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl/rtnl"
)

// An op says which members of its step mean something.
type op uint8

const (
	opFlags   op = iota // set, clear, still
	opInet              // request, addr: an ioctl with an IPv4 address
	opMTU               // n
	opTxqlen            // n
	opHW                // arphrd, hw
	opName              // word: the new name
	opMap               // field, n
	opPrivate           // request, n: an ioctl with a number, for SLIP
	opAdd4              // addr
	opDel4              // addr
	opAdd6              // addr6, prefixLen
	opDel6              // addr6, prefixLen
	opTunnel            // addr6
)

// A mapField is one of an interface's I/O settings, struct ifmap.
type mapField uint8

const (
	mapMem mapField = iota
	mapIO
	mapIRQ
	mapPort
)

// A step is one change to the interface that the plan is for.
type step struct {
	_          [0]func() // nobody compares them: Go would make 800 bytes of code for it
	op         op
	what       string // what an error's text begins with: SIOCSIFMTU
	set, clear uint16 // IFF_ bits
	still      string // what to warn of if a cleared bit is still set
	request    uint   // of an ioctl: SIOC...
	addr       [4]byte
	addr6      [16]byte
	prefixLen  uint8
	n          uint64
	field      mapField
	arphrd     uint16
	hw         string // a hardware address, as bytes
	word       string
}

// A plan is what a command line asks for. Where code is not 0 there are things
// to say instead, and nothing is done.
type plan struct {
	name  string // of the interface, or of an alias: eth0:1
	steps []step
	say   []string
	code  int
	usage bool // the help belongs behind what is to be said
	final bool // the original would have ended at once
}

// flagWords are the words that set or clear flags and take no argument.
var flagWords = [...]struct {
	word       string
	set, clear uint16
	still      string
}{
	{"arp", 0, unix.IFF_NOARP, ""},
	{"-arp", unix.IFF_NOARP, 0, ""},
	{"trailers", 0, unix.IFF_NOTRAILERS, ""},
	{"-trailers", unix.IFF_NOTRAILERS, 0, ""},
	{"promisc", unix.IFF_PROMISC, 0, ""},
	{"-promisc", 0, unix.IFF_PROMISC, "promisc mode... maybe other application is running?"},
	{"multicast", unix.IFF_MULTICAST, 0, ""},
	{"-multicast", 0, unix.IFF_MULTICAST, "MULTICAST mode."},
	{"allmulti", unix.IFF_ALLMULTI, 0, ""},
	{"-allmulti", 0, unix.IFF_ALLMULTI, "ALLMULTI mode."},
	{"dynamic", unix.IFF_DYNAMIC, 0, ""},
	{"-dynamic", 0, unix.IFF_DYNAMIC, "DYNAMIC mode."},
	{"up", unix.IFF_UP | unix.IFF_RUNNING, 0, ""},
	{"down", 0, unix.IFF_UP, ""},
	{"-broadcast", 0, unix.IFF_BROADCAST, "BROADCAST mode."},
	{"-pointopoint", 0, unix.IFF_POINTOPOINT, "POINTOPOINT mode."},
	{"-pointtopoint", 0, unix.IFF_POINTOPOINT, "POINTOPOINT mode."},
}

// numberWords are the words that take a number. base 0 is C's: 10, 012, 0xa.
var numberWords = [...]struct {
	word string
	base int
	max  uint64
	step step
}{
	{"mtu", 10, math.MaxInt32, step{op: opMTU, what: "SIOCSIFMTU"}},
	{"txqueuelen", 10, math.MaxInt32, step{op: opTxqlen, what: "SIOCSIFTXQLEN"}},
	{"mem_start", 0, math.MaxUint64, step{op: opMap, what: "mem_start: SIOCSIFMAP", field: mapMem}},
	{"io_addr", 0, math.MaxUint16, step{op: opMap, what: "io_addr: SIOCSIFMAP", field: mapIO}},
	{"irq", 10, math.MaxUint8, step{op: opMap, what: "irq: SIOCSIFMAP", field: mapIRQ}},
	// The two of SLIP, linux/if_slip.h: SIOCDEVPRIVATE and that plus 2.
	{"keepalive", 10, math.MaxInt32, step{op: opPrivate, what: "SIOCSKEEPALIVE", request: unix.SIOCDEVPRIVATE}},
	{"outfill", 10, math.MaxInt32, step{op: opPrivate, what: "SIOCSOUTFILL", request: unix.SIOCDEVPRIVATE + 2}},
}

// parser walks the words behind the interface's name.
type parser struct {
	*plan
	words   []string
	inet6   bool
	netmask bool   // one was given
	late    []step // a prefix length's netmask, which is set last
}

// parse reads a command line. It never fails: see plan.code.
func parse(name string, words []string) *plan {
	p := &parser{plan: &plan{name: name}, words: words}
	if len(name) > rtnl.IfNameMax {
		p.bad(1, name+": error fetching interface information: Device not found")
		p.bad(1, "  hint: the name of an interface or alias has at most 15 bytes")
		p.final = true
		return p.plan
	}
	for _, f := range nettools.Families {
		if f.Name != words[0] {
			continue
		}
		p.words = words[1:]
		p.inet6 = f.Name == "inet6"
		if !p.inet6 && f.Name != "inet" && len(p.words) > 0 {
			p.bad(1, "ifconfig: Cannot configure address family `"+f.Name+"': only inet and inet6.")
			p.final = true
			return p.plan
		}
		break
	}
	for len(p.words) > 0 && !p.final {
		p.word(p.next())
	}
	p.steps = append(p.steps, p.late...)
	return p.plan
}

func (p *parser) next() string {
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// arg returns the next word; without one, the help is due.
func (p *parser) arg() (string, bool) {
	if len(p.words) == 0 {
		p.help()
		return "", false
	}
	return p.next(), true
}

func (p *parser) add(s step) { p.steps = append(p.steps, s) }

func (p *parser) bad(code int, text string) {
	p.say = append(p.say, text)
	p.code = code
}

// help ends the line with exit code 3 and the help.
func (p *parser) help() { p.code, p.usage, p.final = 3, true, true }

func (p *parser) word(w string) {
	for _, f := range flagWords {
		if f.word == w {
			p.add(step{op: opFlags, set: f.set, clear: f.clear, still: f.still})
			return
		}
	}
	for i := range numberWords {
		if n := &numberWords[i]; n.word == w {
			if w, ok := p.arg(); ok {
				p.number(n.step, w, n.base, n.max)
			}
			return
		}
	}
	switch w {
	case "media", "port":
		p.media()
	case "broadcast":
		if len(p.words) > 0 && !p.inet("SIOCSIFBRDADDR", unix.SIOCSIFBRDADDR) {
			return
		}
		p.add(step{op: opFlags, set: unix.IFF_BROADCAST})
	case "pointopoint", "pointtopoint":
		if len(p.words) > 0 && !p.inet("SIOCSIFDSTADDR", unix.SIOCSIFDSTADDR) {
			return
		}
		p.add(step{op: opFlags, set: unix.IFF_POINTOPOINT})
	case "dstaddr":
		if len(p.words) == 0 {
			p.help()
			return
		}
		p.inet("SIOCSIFDSTADDR", unix.SIOCSIFDSTADDR)
	case "netmask":
		if len(p.words) == 0 || p.netmask {
			p.help()
			return
		}
		p.netmask = true
		p.inet("SIOCSIFNETMASK", unix.SIOCSIFNETMASK)
	case "name":
		if w, ok := p.arg(); ok {
			// The kernel also takes a pattern, "eth%d".
			if !rtnl.ValidIfName(w) {
				p.bad(1, "SIOCSIFNAME: Invalid argument")
				p.bad(1, "  hint: a name has 1 to 15 bytes, without '/', ':' and white space")
				return
			}
			p.add(step{op: opName, what: "SIOCSIFNAME", word: w})
		}
	case "hw":
		p.hw()
	case "add":
		p.addDel(opAdd4, opAdd6, "SIOCSIFADDR")
	case "del":
		p.addDel(opDel4, opDel6, "SIOCDIFADDR")
	case "tunnel":
		if w, ok := p.arg(); ok {
			a, ok := cli.ParseIPv6(w)
			if !ok {
				p.bad(1, w+": "+nettools.NoResolver)
				return
			}
			p.add(step{op: opTunnel, what: "SIOCSIFDSTADDR", addr6: a})
		}
	default:
		p.address(w)
	}
}

func (p *parser) number(s step, w string, base int, max uint64) {
	n, err := strconv.ParseUint(w, base, 64)
	ok := err == nil
	if base == 0 {
		n, ok = nettools.ParseC(w)
	}
	if !ok || n > max {
		p.bad(1, s.what+": Invalid argument")
		p.bad(1, "  hint: `"+w+"' is not a number from 0 to "+strconv.FormatUint(max, 10))
		return
	}
	s.n = n
	p.add(s)
}

func (p *parser) media() {
	w, ok := p.arg()
	if !ok {
		return
	}
	if strings.EqualFold(w, "auto") {
		p.add(step{op: opFlags, set: unix.IFF_AUTOMEDIA})
		return
	}
	port, ok := nettools.ParsePort(w)
	if !ok {
		p.bad(1, "Unknown media type.")
		return
	}
	p.add(step{op: opMap, what: "port: SIOCSIFMAP", field: mapPort, n: uint64(port)})
}

// inet adds an ioctl with the IPv4 address that is the next word.
func (p *parser) inet(what string, request uint) bool {
	w := p.next()
	if p.inet6 {
		// What the kernel says to such an ioctl on an AF_INET6 socket.
		text := "Inappropriate ioctl for device"
		if request == unix.SIOCSIFDSTADDR {
			text = "No such device"
		}
		p.bad(1, p.inet6Trouble(w, what+": "+text))
		return false
	}
	a, trouble := nettools.Etc.Lookup(w)
	if trouble != "" {
		p.bad(1, trouble)
		p.lookupHint(trouble)
		return false
	}
	p.add(step{op: opInet, what: what, request: request, addr: a})
	return true
}

// inet6Trouble says why a word of the family inet6 is of no use.
func (p *parser) inet6Trouble(w, valid string) string {
	_, say := nettools.Resolve6(w)
	if say == nil {
		return valid
	}
	p.say = append(p.say, say[0])
	return say[1]
}

func (p *parser) lookupHint(trouble string) {
	if strings.HasSuffix(trouble, nettools.LookupFailure) {
		p.say = append(p.say, "  hint: the name is not in /etc/hosts or /etc/networks, and no name server of /etc/resolv.conf answers; give an address")
	}
}

func (p *parser) hw() {
	w, ok := p.arg()
	if !ok {
		return
	}
	h := nettools.HWByName(w)
	if h == nil {
		p.help()
		return
	}
	if w, ok = p.arg(); !ok {
		return
	}
	if h.Set == 0 {
		p.bad(1, "hw address type `"+h.Name+"' has no handler to set address. failed.")
		return
	}
	a, ok := nettools.ParseHW(w, int(h.Set))
	if !ok {
		p.bad(1, w+": invalid "+h.Name+" address.")
		p.say = append(p.say, "  hint: "+strconv.Itoa(int(h.Set))+" hexadecimal bytes, separated by colons")
		return
	}
	p.add(step{op: opHW, what: "SIOCSIFHWADDR", arphrd: h.ARPHRD, hw: string(a)})
}

func (p *parser) addDel(op4, op6 op, what string) {
	w, ok := p.arg()
	if !ok {
		return
	}
	if !strings.Contains(w, ":") {
		a, trouble := nettools.Etc.Lookup(w)
		if trouble != "" {
			p.bad(1, trouble)
			p.lookupHint(trouble)
			return
		}
		p.add(step{op: op4, what: what, addr: a})
		return
	}
	host, length, found := strings.Cut(w, "/")
	n := uint64(128)
	if found {
		var err error
		if n, err = strconv.ParseUint(length, 10, 8); err != nil || n > 128 {
			p.help()
			return
		}
	}
	a, ok := cli.ParseIPv6(host)
	if !ok {
		p.bad(1, host+": "+nettools.NoResolver)
		p.say = append(p.say, "  hint: this is not an IPv6 address")
		return
	}
	p.add(step{op: op6, what: what, addr6: a, prefixLen: uint8(n)})
}

// address takes any other word for an address, and ends the line if it is none.
func (p *parser) address(w string) {
	p.final = true
	host, length, found := strings.Cut(w, "/")
	if p.inet6 {
		p.bad(1, p.inet6Trouble(w, "Don't know how to set addresses for family 10."))
		_, ok := cli.ParseIPv6(host)
		if !ok || found {
			p.say = append(p.say, tryHelp)
		}
		if ok {
			if !found {
				w += "/64"
			}
			p.say = append(p.say, "  hint: ifconfig "+p.name+" add "+w)
		}
		return
	}
	var late step
	if found {
		n, ok := nettools.ParseC(length)
		if !ok || p.netmask {
			p.help()
			return
		}
		if n > 32 {
			p.bad(1, "SIOCSIFNETMASK: Invalid argument")
			p.bad(1, "  hint: an IPv4 prefix has 0 to 32 bits, not "+length)
			return
		}
		late = step{op: opInet, what: "SIOCSIFNETMASK", request: unix.SIOCSIFNETMASK, addr: nettools.Mask(int(n))}
	}
	a, trouble := nettools.Etc.Lookup(host)
	if trouble != "" {
		p.bad(1, trouble)
		p.bad(1, tryHelp)
		p.lookupHint(trouble)
		return
	}
	p.final = false
	if found {
		p.late = []step{late}
	}
	p.add(step{op: opInet, what: "SIOCSIFADDR", request: unix.SIOCSIFADDR, addr: a})
	// An alias that ends in "-", or that has just been taken away by
	// 0.0.0.0, has no flags to set.
	if strings.Contains(p.name, ":") && (strings.HasSuffix(p.name, "-") || a == [4]byte{}) {
		return
	}
	p.add(step{op: opFlags, set: unix.IFF_UP | unix.IFF_RUNNING})
}
