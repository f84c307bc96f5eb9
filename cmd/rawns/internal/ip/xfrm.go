//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/xfrm"
)

// xfrmCommands is the object xfrm: IPsec. It has objects of its own.
var xfrmCommands = commands{name: "ip xfrm", wrong: xfrmWrong, rows: []command{
	{name: "state", usage: "...", parse: func(a *args) (*plan, error) { return xfrmStateCommands.parse(a) }, about: helps("security associations")},
	{name: "sa", quiet: true, parse: func(a *args) (*plan, error) { return xfrmStateCommands.parse(a) }},
	{name: "policy", usage: "...", parse: func(a *args) (*plan, error) { return xfrmPolicyCommands.parse(a) }, about: helps("which packets need them")},
	{name: "monitor", quiet: true, parse: func(*args) (*plan, error) {
		return nil, failf(exitMissing, `"ip xfrm monitor" is not implemented`)
	}},
}}

func xfrmWrong(a *args, _ string) { a.fail(a.usage()) }

// xfrmConn connects to NETLINK_XFRM in the namespace that the command is about.
func (r *runner) xfrmConn() (*nl.Conn, error) {
	var c *nl.Conn
	err := r.within(func() (err error) {
		c, err = cli.Dial(unix.NETLINK_XFRM)
		return err
	})
	if err != nil {
		var f *failure
		if errors.As(err, &f) {
			return nil, err
		}
		f = failf(exitMissing, "Cannot open netlink socket: "+cli.Strerror(cli.Errno(err)))
		if cli.Errno(err) == unix.EPROTONOSUPPORT {
			f.hint = "this kernel has no XFRM"
		}
		return nil, f
	}
	r.open = append(r.open, c)
	return c, nil
}

// An xfrmRequest is the step that sends one message; what answers it goes to
// show, which may be nil.
type xfrmRequest struct {
	request
	say  string // on stderr before, with -s -s
	show func(r *runner, m nl.Message) error
}

func (q *xfrmRequest) run(r *runner) error {
	if err := q.resolve(r); err != nil {
		return err
	}
	if q.say != "" && r.g.stats > 1 {
		warning(q.say).run(r)
	}
	c, err := r.xfrmConn()
	if err != nil {
		return err
	}
	var bad error
	err = c.Do(&q.b, func(m nl.Message) {
		if q.show != nil && bad == nil {
			bad = q.show(r, m)
		}
	})
	if err == nil {
		err = bad
	}
	return xfrmRefusal(err)
}

// xfrmRefusal words a refusal: types of this protocol's messages are others in
// rtnetlink, so the hints for those do not fit.
func xfrmRefusal(err error) error {
	var k *nl.Error
	if !errors.As(err, &k) {
		return err
	}
	o := &cli.Out{}
	printRefusal(o, k)
	f := &failure{code: exitKernel, text: string(o.B[:len(o.B)-1])}
	policy := k.Type >= xfrm.MsgNewPolicy && k.Type <= xfrm.MsgGetPolicy || k.Type == xfrm.MsgUpdPolicy
	what := "state"
	if policy {
		what = "policy"
	}
	switch {
	case k.Errno == unix.EPERM:
		f.hint = "this needs CAP_NET_ADMIN in the user namespace that owns this network namespace: try it as root"
	case k.Errno == unix.EEXIST:
		f.hint = `there is one already: "ip xfrm ` + what + ` update" changes it`
	case k.Errno == unix.ESRCH && k.Type == xfrm.MsgUpdSA, k.Errno == unix.ENOENT && k.Type == xfrm.MsgUpdPolicy:
		f.hint = `there is none: "ip xfrm ` + what + ` add" makes it`
	case k.Errno == unix.ESRCH || k.Errno == unix.ENOENT && policy:
		f.hint = `"ip xfrm ` + what + `" lists what there is: all that names one must be said`
	case k.Errno == unix.EPROTONOSUPPORT || k.Errno == unix.ENOSYS || strings.Contains(k.Text, "not found"):
		f.hint = "the kernel lacks this protocol or algorithm, or the module that has it: /proc/crypto lists algorithms"
	}
	return f
}

// xfrmProtos are the protocols of states.
var xfrmProtos = [...]struct {
	name string
	num  uint8
}{
	{"esp", unix.IPPROTO_ESP}, {"ah", unix.IPPROTO_AH}, {"comp", unix.IPPROTO_COMP}, {"route2", unix.IPPROTO_ROUTING}, {"hao", unix.IPPROTO_DSTOPTS}, {"ipsec-any", 255},
}

func xfrmProtoName(num uint8) string {
	for i := range xfrmProtos {
		if xfrmProtos[i].num == num {
			return xfrmProtos[i].name
		}
	}
	return itoa(int32(num))
}

// xfrmProto takes the name of such a protocol.
func (a *args) xfrmProto() uint8 {
	w := a.next()
	for i := range xfrmProtos {
		if xfrmProtos[i].name == w {
			return xfrmProtos[i].num
		}
	}
	if a.err == nil {
		a.wrong(w, "XFRM-PROTO value is invalid")
	}
	return 0
}

func isIPsec(proto uint8) bool {
	return proto == unix.IPPROTO_ESP || proto == unix.IPPROTO_AH || proto == unix.IPPROTO_COMP
}

func isMobile(proto uint8) bool {
	return proto == unix.IPPROTO_ROUTING || proto == unix.IPPROTO_DSTOPTS
}

// xfrmModes are the modes in the order in which abbreviations are tried.
var xfrmModes = [...]struct {
	name string
	num  uint8
}{
	{"transport", xfrm.ModeTransport}, {"tunnel", xfrm.ModeTunnel}, {"ro", xfrm.ModeRouteOptimization}, {"in_trigger", xfrm.ModeInTrigger}, {"beet", xfrm.ModeBeet},
}

func (a *args) xfrmMode() uint8 {
	w := a.next()
	for i := range xfrmModes {
		if matches(w, xfrmModes[i].name) {
			return xfrmModes[i].num
		}
	}
	if a.err == nil {
		a.wrong(w, "MODE value is invalid")
	}
	return 0
}

// An xfrmFlag is the name of a bit.
type xfrmFlag struct {
	name string
	bit  uint32
}

func itoa32(v uint32) string { return strconv.FormatUint(uint64(v), 10) }

// words16 is numbers in host byte order, one behind the other.
func words16(vs ...uint16) (b []byte) {
	for _, v := range vs {
		b = binary.NativeEndian.AppendUint16(b, v)
	}
	return b
}

// xfrmFlags takes names of flags, as many as follow, or one number in hex.
func (a *args) xfrmFlags(fs []xfrmFlag, bits int, wrong string) (v uint32) {
	if !a.need() {
		return 0
	}
	if w := a.peek(); len(w) > 2 && w[:2] == "0x" {
		n, ok := parseUint(a.next(), bits)
		if !ok {
			a.wrong(w, wrong)
		}
		return uint32(n)
	}
next:
	for a.more() {
		for i := range fs {
			if a.take(fs[i].name) {
				v |= fs[i].bit
				continue next
			}
		}
		break
	}
	return v
}

// xfrmWords is what the words for parts of states and policies share: the
// family that addresses must have by now.
type xfrmWords struct{ family uint8 }

// address takes an address behind keyword, of the family that is set so far.
func (x *xfrmWords) address(a *args, keyword string) prefix {
	w := a.peek()
	p := a.prefix(x.family)
	if a.err == nil && p.family == unix.AF_UNSPEC {
		a.wrong(w, `value after "`+keyword+`" has an unrecognized address family`)
	}
	return p
}

func mustBeSameFamily(a *args, src, dst *prefix, last string) {
	if a.err == nil && src.family != 0 && dst.family != 0 && src.family != dst.family {
		a.wrong(last, `the same address family is required between values after "src" and "dst"`)
	}
}

// An xfrmIDWords is what names a state, as far as words have said it.
type xfrmIDWords struct {
	xfrm.ID
	src              prefix
	dst              prefix
	hasProto, hasSPI bool
}

func (d *xfrmIDWords) family() uint8 {
	if d.dst.family != 0 {
		return d.dst.family
	}
	return d.src.family
}

// id reads what names a state: as many of its keywords as follow. Unless loose
// the protocol must be among them.
func (x *xfrmWords) id(a *args, loose bool) (d xfrmIDWords) {
	last := ""
words:
	for a.more() {
		switch {
		case a.take("src"):
			last = a.peek()
			d.src = x.address(a, "src")
		case a.take("dst"):
			last = a.peek()
			d.dst = x.address(a, "dst")
			d.Dst = d.dst.b
		case a.take("proto"):
			last = a.peek()
			d.Proto, d.hasProto = a.xfrmProto(), true
		case a.take("spi"):
			last = a.peek()
			d.SPI, d.hasSPI = a.uint32("SPI value is invalid"), true
		default:
			break words
		}
	}
	mustBeSameFamily(a, &d.src, &d.dst, last)
	switch name := xfrmProtoName(d.Proto); {
	case a.err != nil || d.SPI == 0 || d.Proto == 0:
	case isMobile(d.Proto):
		a.failf(exitMissing, `"spi" is invalid with XFRM-PROTO value "`+name+`"`)
	case d.Proto == unix.IPPROTO_COMP && d.SPI >= 0x10000:
		a.failf(exitMissing, `SPI value is too large with XFRM-PROTO value "`+name+`"`)
	}
	if !loose && d.Proto == 0 {
		a.missing("XFRM-PROTO")
	}
	return d
}

// missing says that something had to be said.
func (a *args) missing(what string) {
	a.failf(exitUsage, `Error: argument "`+what+`" is required`)
}

// An xfrmSel is a selector, as far as words have said it.
type xfrmSel struct {
	xfrm.Selector
	src, dst                             prefix
	dev                                  string // whose index it wants
	hasDev, hasProto, hasSPort, hasDPort bool
}

// selector reads which packets are meant: as many of its keywords as follow.
func (x *xfrmWords) selector(a *args) (s xfrmSel) {
	last := ""
	upper := false
	for a.more() {
		w := a.peek()
		switch {
		case a.take("src"):
			last = a.peek()
			s.src = x.address(a, w)
			s.Src, s.SrcLen, s.Family = s.src.b, uint8(s.src.bits), uint16(s.src.family)
		case a.take("dst"):
			last = a.peek()
			s.dst = x.address(a, w)
			s.Dst, s.DstLen, s.Family = s.dst.b, uint8(s.dst.bits), uint16(s.dst.family)
		case a.take("dev"):
			last = a.next()
			s.dev, s.hasDev = last, true
		default:
			if upper || !s.upper(a) {
				mustBeSameFamily(a, &s.src, &s.dst, last)
				return s
			}
			upper = true
		}
	}
	mustBeSameFamily(a, &s.src, &s.dst, last)
	return s
}

// upper reads the protocol above IP and what it has; it reports whether there
// was anything of that.
func (s *xfrmSel) upper(a *args) bool {
	any, ports, types, key := false, false, false, false
words:
	for ; a.more(); any = true {
		w := a.peek()
		switch {
		case a.take("proto"):
			w = a.next()
			n, ok := ipProtocolNamed(w)
			if v, isNumber := parseUint(w, 8); !ok && isNumber {
				n, ok = uint8(v), true
			}
			if !ok && w != "any" && a.err == nil {
				a.wrong(w, "PROTO value is invalid")
			}
			s.Proto, s.hasProto = n, true
		case a.take("sport"):
			s.SPort = a.port(`value after "sport" is invalid`)
			s.SPortMask = allIf(s.SPort != 0)
			s.hasSPort, ports = true, true
		case a.take("dport"):
			s.DPort = a.port(`value after "dport" is invalid`)
			s.DPortMask = allIf(s.DPort != 0)
			s.hasDPort, ports = true, true
		case a.take("type"), a.take("code"):
			v := a.next()
			n, ok := parseUint(v, 8)
			if !ok && a.err == nil {
				a.wrong(v, `value after "`+w+`" is invalid`)
			}
			types = true
			if w == "type" {
				s.SPort, s.SPortMask, s.hasSPort = uint16(n), 0xffff, true
			} else {
				s.DPort, s.DPortMask, s.hasDPort = uint16(n), 0xffff, true
			}
		case a.take("key"):
			n := a.greKey()
			s.SPort, s.DPort, s.SPortMask, s.DPortMask = uint16(n>>16), uint16(n), 0xffff, 0xffff
			s.hasDPort, key = true, true
		default:
			break words
		}
	}
	name := xfrmUpperName(s.Proto)
	switch p := s.Proto; {
	case a.err != nil:
	case ports && p != unix.IPPROTO_TCP && p != unix.IPPROTO_UDP && p != unix.IPPROTO_SCTP && p != unix.IPPROTO_DCCP:
		a.failf(exitMissing, `"sport" and "dport" are invalid with PROTO value "`, name, `"`)
	case types && p != unix.IPPROTO_ICMP && p != unix.IPPROTO_ICMPV6 && p != unix.IPPROTO_MH:
		a.failf(exitMissing, `"type" and "code" are invalid with PROTO value "`, name, `"`)
	case key && p != unix.IPPROTO_GRE:
		a.failf(exitMissing, `"key" is invalid with PROTO value "`, name, `"`)
	}
	return any
}

// xfrmUpperName is the name of a protocol above IP, or its number.
func xfrmUpperName(num uint8) string {
	if s := ipProtocolName(num); s != "" {
		return s
	}
	return itoa(int32(num))
}

func allIf(on bool) uint16 {
	if on {
		return 0xffff
	}
	return 0
}

// greKey takes a number, or four with dots between them.
func (a *args) greKey() uint32 {
	w := a.peek()
	if strings.IndexByte(w, '.') < 0 {
		return a.uint32(`value after "key" is invalid`)
	}
	b := a.addr(unix.AF_INET).b
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// fixDev notes that the index of the selector's interface stands at an offset
// of the message; "none" is none.
func (s *xfrmSel) fixDev(q *request, off int) {
	if s.hasDev && s.dev != "none" {
		q.devAt(off, s.dev, failf(exitUsage, `Error: argument "`, s.dev, `" is wrong: DEV value is invalid`))
	}
}

// selIndexOff is where in a struct xfrm_selector the interface stands.
const selIndexOff = 48

// mark takes a mark, and a mask that may follow.
func (a *args) mark() (m [2]uint32) {
	m[0], m[1] = a.uint32("MARK value is invalid\n"), 1<<32-1
	if a.take("mask") {
		m[1] = a.uint32("MASK value is invalid\n")
	}
	return m
}

// limit reads one limit.
func (a *args) limit(l *xfrm.Limits) {
	w := a.next()
	for _, k := range [...]struct {
		name string
		v    *uint64
	}{
		{"time-soft", &l.SoftAdd}, {"time-hard", &l.HardAdd}, {"time-use-soft", &l.SoftUse}, {"time-use-hard", &l.HardUse},
		{"byte-soft", &l.SoftBytes}, {"byte-hard", &l.HardBytes}, {"packet-soft", &l.SoftPackets}, {"packet-hard", &l.HardPackets},
	} {
		if w != k.name {
			continue
		}
		n, neg, ok := parseNumber(a.peek())
		if w := a.next(); !ok && a.err == nil {
			a.wrong(w, `value after "`+k.name+`" is invalid`)
		}
		if neg {
			n = -n
		}
		*k.v = n
		return
	}
	if a.err == nil {
		a.wrong(w, "LIMIT value is invalid")
	}
}

// putContext appends XFRMA_SEC_CTX.
func putContext(q *request, context string) {
	n := len(context) + 1
	b := append(words16(uint16(8+n), uint16(xfrm.XFRMA_SEC_CTX)), 1, 1)
	b = append(append(b, words16(uint16(n))...), context...)
	q.b.Blob(xfrm.XFRMA_SEC_CTX, append(b, 0))
}
