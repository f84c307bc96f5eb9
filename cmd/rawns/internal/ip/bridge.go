package ip

import (
	"errors"
	"math"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// bridgeTool is bridge. Whatever fails in it, or is refused, is exit code 255.
var bridgeTool = tool{name: "bridge", version: "bridge utility, 6.1.0, rawns\n", globals: bridgeGlobals, hint: "bridge help", options: bridgeGlobalOptions, failed: exitUsage, objects: []object{
	{"link", &bridgeLinkCommands, "ports of bridges"},
	{"fdb", &fdbCommands, "forwarding tables"},
	{"mdb", &mdbCommands, "multicast groups"},
	{"vlan", &vlanCommands, "VLANs of ports"},
	{"vni", &vniCommands, "network identifiers that vxlan links take"},
	{"monitor", &bridgeMonitorCommands, "what changes"},
	{"help", nil, ""},
}}

// RunBridge is the applet bridge.
func RunBridge(argv []string) int { return bridgeTool.main(argv) }

const bridgeGlobalOptions = ` }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -o[neline] |
                    -t[imestamp] | -f[amily] { inet | inet6 } | -4 | -6 |
                    -n[etns] name | -com[pressvlans] | -c[olor] |
                    -p[retty] | -j[son] }`

// bridgeGlobals are the options before the object.
var bridgeGlobals = []global{
	{name: "-help", set: setHelp},
	{name: "-Version", set: setVersion},
	{name: "-stats", set: setStats},
	{name: "-statistics", set: setStats},
	{name: "-details", set: setDetails},
	{name: "-oneline", set: setOneline},
	{name: "-timestamp", set: setStamp},
	{name: "-family", value: true, set: setBridgeFamily},
	{name: "-4", exact: true, set: setInet},
	{name: "-6", exact: true, set: setInet6},
	{name: "-netns", missing: true, value: true, set: setNetns},
	{name: "-color", equals: true, set: setColor},
	{name: "-compressvlans", set: setRanges},
	{name: "-force", set: setForce},
	{name: "-json", set: setJSON},
	{name: "-pretty", set: setPretty},
	{name: "-batch", value: true, set: setBatch},
}

func setBridgeFamily(a *args, v string) {
	switch v {
	case "inet", "inet6", "help":
		setFamily(a, v)
	default:
		a.wrong(v, "invalid protocol family")
	}
}

// A bridgePrinter writes what bridge lists, and leaves out what a command does
// not ask for.
type bridgePrinter struct {
	linkPrinter
	index   int32  // of the one interface that is meant; 0 for all
	vlan    uint32 // likewise a VLAN
	master  int32  // likewise the bridge that a port is in
	state   uint32 // NUD_ bits, of which an entry must have one; 0 for any
	dynamic bool   // entries that stay for good are left out
	monitor bool   // announcements are shown, as they come
	banners bool   // and what each is of
}

func (r *runner) bridgePrinter() *bridgePrinter {
	return &bridgePrinter{linkPrinter: linkPrinter{printer: r.g.printer(r.out), r: r, g: r.g}}
}

// find looks an interface up by its name, if there is one.
func (r *runner) find(name string, has bool, missing *failure) (int32, error) {
	if !has {
		return 0, nil
	}
	d, err := r.device(name)
	if err == nil && d.index == 0 {
		return 0, missing
	}
	return d.index, err
}

// rememberAll notes all interfaces: in one list they cost less than one by one.
func (r *runner) rememberAll() error {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	err := r.dump(&b, r.remember, func(nl.Message) error { return nil })
	if err == nl.ErrDumpInterrupted {
		err = nil
	}
	return err
}

// list asks for a list and hands its messages to show.
func (p *bridgePrinter) list(b *nl.Builder, show func(nl.Message) error) error {
	err := p.r.dump(b, nil, show)
	var k *nl.Error
	if errors.As(err, &k) {
		f := p.r.refused(k, exitMissing, "Dump terminated")
		f.goesOn = false
		return f
	}
	return err
}

// listLinks asks for AF_BRIDGE's view of all links. mask is IFLA_EXT_MASK, 0 for
// none.
func (p *bridgePrinter) listLinks(mask uint32, show func(rtnl.Link) error) error {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{Family: unix.AF_BRIDGE})
	if mask != 0 {
		b.U32(rtnl.IFLA_EXT_MASK, mask)
	}
	return p.list(&b, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err == nil {
			err = show(l)
		}
		return err
	})
}

// failed is failf for what goes wrong in a command of bridge.
func (a *args) failed(parts ...string) { a.fail(a.tool.failf(parts...)) }

// noDev is noDevice, as bridge has it.
func (a *args) noDev(name string) *failure {
	return a.tool.failf(`Cannot find device "`, name, `"`)
}

// noBridge is what some commands say instead.
func (a *args) noBridge(name string) *failure {
	return a.tool.failf(`Cannot find bridge device "`, name, `"`)
}

// mustBeOnOff reads "on" or "off".
func (a *args) mustBeOnOff(keyword string) uint8 {
	w := a.next()
	if w != "on" && w != "off" && a.err == nil {
		f := a.tool.failf(`Error: argument of "`+keyword+`" must be one of "off", "on", not "`, w, `"`)
		f.code = 256 - int(unix.EINVAL)
		a.fail(f)
	}
	return bit(w == "on")
}

// scanInt reads the number that s begins with as strtoul(3) does: white space,
// a sign, 0x or 0 for a base of 0, digits. rest is what follows; all of s if
// there is no number. over tells that it is too large.
func scanInt(s string, base uint64) (v uint64, neg, over bool, rest string) {
	t := strings.TrimLeft(s, " \t\n\v\f\r")
	if t != "" && (t[0] == '-' || t[0] == '+') {
		neg = t[0] == '-'
		t = t[1:]
	}
	if len(t) > 2 && t[0] == '0' && t[1]|0x20 == 'x' && hexDigit(t[2]) < 16 && (base == 0 || base == 16) {
		base, t = 16, t[2:]
	}
	if base == 0 {
		base = 10
		if t != "" && t[0] == '0' {
			base = 8
		}
	}
	n := 0
	for ; n < len(t) && hexDigit(t[n]) < base; n++ {
		d := hexDigit(t[n])
		over = over || v > (math.MaxUint64-d)/base
		v = v*base + d
	}
	if n == 0 {
		return 0, false, false, s
	}
	return v, neg, over, t[n:]
}

// hexDigit returns the value of a digit, 16 for what is none.
func hexDigit(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return uint64(c|0x20-'a') + 10
	}
	return 16
}

// strtoul is the function of that name in C, with a base of 0.
func strtoul(s string) (v uint64, rest string) {
	v, neg, over, rest := scanInt(s, 0)
	switch {
	case over:
		return math.MaxUint64, rest
	case neg:
		return -v, rest
	}
	return v, rest
}

// atoi is the function of that name in C: what is no number is 0, what follows
// one does not count.
func atoi(s string) int32 {
	v, neg, over, _ := scanInt(s, 10)
	switch {
	case neg && (over || v > 1<<63):
		v = 1 << 63
	case neg:
		v = -v
	case over || v > math.MaxInt64:
		v = math.MaxInt64
	}
	return int32(v)
}

// scanMAC reads a MAC as sscanf(3) with %hhx six times: any number of hex
// digits, of which the last two count; what follows is not looked at.
func scanMAC(s string) (mac [6]byte, ok bool) {
	for i := range mac {
		if i > 0 {
			if s == "" || s[0] != ':' {
				return mac, false
			}
			s = s[1:]
		}
		v, neg, over, rest := scanInt(s, 16)
		if len(rest) == len(s) {
			return mac, false
		}
		if over {
			v = math.MaxUint64
		} else if neg {
			v = -v
		}
		mac[i], s = byte(v), rest
	}
	return mac, true
}

// udpPort returns the port of a service, from /etc/services.
func udpPort(name string) (uint16, bool) {
	text, _ := file.Read("/etc/services")
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		ws := strings.Fields(line)
		if len(ws) < 2 {
			continue
		}
		number, proto, _ := strings.Cut(ws[1], "/")
		if proto != "udp" {
			continue
		}
		ws[1] = ws[0]
		for _, w := range ws[1:] {
			if w == name {
				n, ok := parseUint(number, 16)
				return uint16(n), ok
			}
		}
	}
	return 0, false
}
