package ping

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

const (
	minGap          = 10    // ms: the shortest wait after trouble, and a flood's gap when nothing answers
	minUserInterval = 2     // ms: -i for anyone but the super-user
	minUserCast     = 1000  // ms: the same when many hosts may answer
	maxWindow       = 65536 // sequence numbers: as many replies can be told apart
)

// IP_PMTUDISC_ values, for -M; -1 leaves the system's default.
const pmtuDefault = -1

// options is a command line that was understood.
type options struct {
	name string   // how error messages begin
	args []string // hops and, last, the destination

	family   int   // AF_UNSPEC, AF_INET, AF_INET6
	count    int64 // -c; 0: no end
	interval int   // -i, milliseconds
	linger   int   // -W, milliseconds; 0: for ever
	deadline int   // -w, seconds; 0: none
	preload  int   // -l
	size     int   // -s, bytes of data
	ident    int   // -e; -1: not given
	ttl      int   // -t; -1: not given
	tclass   int   // -Q; 0: not given
	mark     int64 // -m; -1: not given
	sndbuf   int   // -S; 0: not given
	pmtu     int   // -M
	flow     int   // -F; -1: not given
	pattern  string
	stamps   int // -T: the option's flag byte, or -1

	device  string   // -I NAME
	source4 [4]byte  // -I ADDRESS
	source6 [16]byte //

	node *nodeInfo // -N; nil: not given

	hasInterval, hasPattern, strict              bool
	audible, adaptive, broadcast, connect, debug bool
	stamped, flood, noLoop, numeric, outstanding bool
	quiet, direct, recordRoute, latency, verbose bool
	showVersion                                  bool
}

func newOptions(name string) *options {
	o := &options{name: name, interval: 1000, linger: 10000, preload: 1, size: 56,
		ident: -1, ttl: -1, mark: -1, pmtu: pmtuDefault, flow: -1, stamps: -1}
	switch {
	case strings.HasSuffix(name, "4"):
		o.family = unix.AF_INET
	case strings.HasSuffix(name, "6"):
		o.family = unix.AF_INET6
	}
	return o
}

// failure ends the run: text goes to stderr behind the program's name.
type failure struct {
	code  int
	text  string
	usage bool // the usage text follows
}

func (f *failure) Error() string { return f.text }

func fail(code int, text ...string) error { return &failure{code: code, text: strings.Join(text, "")} }

// failErrno is fail with ": " and the errno's text behind what.
func failErrno(what string, err error) error {
	return fail(2, what, ": ", cli.Strerror(cli.Errno(err)))
}

// withArgument are the option letters that take one.
const withArgument = "TFceIilmMNpQsStwW"

// parse reads the arguments as GNU getopt(3) does: options may follow the
// destination, "--" ends them, letters may share a dash, an argument may be
// attached. Warnings go to stderr at once.
func (o *options) parse(args []string) error {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			o.args = append(o.args, args[i+1:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			o.args = append(o.args, a)
			continue
		}
		for j := 1; j < len(a); j++ {
			c, value := a[j], ""
			if strings.IndexByte(withArgument, c) >= 0 {
				switch {
				case j+1 < len(a):
					value = a[j+1:]
				case i+1 < len(args):
					i++
					value = args[i]
				default:
					return &failure{2, "option requires an argument -- '" + string(rune(c)) + "'", true}
				}
				j = len(a)
			}
			if err := o.set(c, value); err != nil {
				return err
			}
			if o.showVersion {
				return nil
			}
		}
	}
	if len(o.args) == 0 {
		return fail(1, "usage error: ", cli.Strerror(unix.EDESTADDRREQ))
	}
	return nil
}

// set takes one option. Adding an option is a case here, and its letter in
// withArgument if it takes an argument.
func (o *options) set(c byte, v string) (err error) {
	switch c {
	case '4', '6':
		f := unix.AF_INET
		if c == '6' {
			f = unix.AF_INET6
		}
		if o.family != unix.AF_UNSPEC && o.family != f {
			return fail(2, "only one -4 or -6 option may be specified")
		}
		o.family = f
	case 'a':
		o.audible = true
	case 'A':
		o.adaptive = true
	case 'b':
		o.broadcast = true
	case 'B':
		o.strict = true
	case 'c':
		o.count, err = integer(v, 1, math.MaxInt)
	case 'C':
		o.connect = true
	case 'd':
		o.debug = true
	case 'D':
		o.stamped = true
	case 'e':
		err = o.int(&o.ident, v, 0, 0xffff)
	case 'f':
		o.flood, o.numeric = true, true
	case 'F':
		n, ok := flexible(v)
		if !ok {
			return fail(2, "bad value for flowinfo: ", v)
		}
		if n&^0xfffff != 0 {
			return fail(2, "flow value is greater than 20 bits: ", v)
		}
		o.flow = int(n)
	case 'i':
		o.hasInterval = true
		o.interval, err = o.seconds(v, "bad timing interval")
	case 'I':
		return o.setSource(v)
	case 'l':
		err = o.int(&o.preload, v, 1, maxWindow)
		if err == nil && o.preload > 3 && unix.Getuid() != 0 {
			return fail(2, "cannot set preload to value greater than 3: ", v)
		}
	case 'L':
		o.noLoop = true
	case 'm':
		o.mark, err = integer(v, 0, math.MaxUint32)
	case 'M':
		switch v {
		case "do":
			o.pmtu = unix.IP_PMTUDISC_DO
		case "dont":
			o.pmtu = unix.IP_PMTUDISC_DONT
		case "want":
			o.pmtu = unix.IP_PMTUDISC_WANT
		default:
			return fail(2, "invalid -M argument: ", v)
		}
	case 'n':
		o.numeric = true
	case 'N':
		if o.node == nil {
			o.node = &nodeInfo{}
		}
		return o.node.set(v, o.warn)
	case 'O':
		o.outstanding = true
	case 'p':
		o.pattern, o.hasPattern = v, true
	case 'q':
		o.quiet = true
	case 'Q':
		n, ok := flexible(v)
		if !ok {
			return fail(2, "bad TOS value: ", v)
		}
		if n > 255 {
			return fail(2, "the decimal value of TOS bits must be in range 0-255: ", strconv.FormatInt(n, 10))
		}
		o.tclass = int(n)
	case 'r':
		o.direct = true
	case 'R':
		if o.stamps >= 0 {
			return fail(2, "only one of -T or -R may be used")
		}
		o.recordRoute = true
	case 's':
		err = o.int(&o.size, v, 0, math.MaxInt32)
	case 'S':
		err = o.int(&o.sndbuf, v, 1, math.MaxInt32)
	case 't':
		err = o.int(&o.ttl, v, 0, 255)
	case 'T':
		if o.recordRoute {
			return fail(2, "only one of -T or -R may be used")
		}
		switch v {
		case "tsonly":
			o.stamps = stampsOnly
		case "tsandaddr":
			o.stamps = stampsAndAddresses
		case "tsprespec":
			o.stamps = stampsPrespecified
		default:
			return fail(2, "invalid timestamp type: ", v)
		}
	case 'U':
		o.latency = true
	case 'v':
		o.verbose = true
	case 'V':
		o.showVersion = true
	case 'w':
		err = o.int(&o.deadline, v, 0, math.MaxInt32)
	case 'W':
		o.linger, err = o.seconds(v, "bad linger time")
	case 'h', '?':
		return &failure{code: 2, usage: true}
	default:
		return &failure{2, "invalid option -- '" + string(rune(c)) + "'", true}
	}
	return err
}

// setSource takes -I: an address to send from or the name of an interface; it
// may be given twice, once for each.
func (o *options) setSource(v string) error {
	if strings.IndexByte(v, ':') >= 0 {
		addr, zone, _ := strings.Cut(v, "%")
		a, ok := cli.ParseIPv6(addr)
		if !ok {
			return fail(2, "invalid source address: ", v)
		}
		o.source6, o.strict = a, true
		if zone != "" {
			o.device = zone
		}
		return nil
	}
	if a, ok := cli.ParseIPv4(v); ok {
		o.source4, o.strict = a, true
		return nil
	}
	o.device = v
	return nil
}

func (o *options) int(dst *int, v string, lo, hi int64) error {
	n, err := integer(v, lo, hi)
	*dst = int(n)
	return err
}

// integer reads a decimal number as strtol(3) does: blanks and a sign may
// stand in front.
func integer(v string, lo, hi int64) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimLeft(v, " \t\n\v\f\r"), 10, 64)
	switch {
	case err != nil && err.(*strconv.NumError).Err == strconv.ErrRange:
		return 0, fail(1, "invalid argument: '", v, "': ", cli.Strerror(unix.ERANGE))
	case err != nil:
		return 0, fail(1, "invalid argument: '", v, "'")
	case n < lo || n > hi:
		return 0, fail(1, "invalid argument: '", v, "': out of range: ", strconv.FormatInt(lo, 10),
			" <= value <= ", strconv.FormatInt(hi, 10))
	}
	return n, nil
}

// flexible reads a decimal number, or hex behind 0x; nothing at all is 0.
func flexible(v string) (int64, bool) {
	base := 10
	if len(v) >= 2 && v[0] == '0' && v[1]|0x20 == 'x' {
		v, base = v[2:], 16
	}
	if v == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(v, base, 32)
	return n, err == nil
}

// seconds reads a fraction of seconds into milliseconds. Garbage behind the
// number is ignored with the warning that iputils gives. A negative time is
// refused, as by later versions: 20221126 takes it for -i and floods.
func (o *options) seconds(v, what string) (ms int, err error) {
	if v == "" {
		return 0, fail(2, what, ": ")
	}
	f, rest, inRange := floatPrefix(v)
	if rest != "" || !inRange {
		o.warn("option argument contains garbage: ", rest)
		o.warn("this will become fatal error in the future")
	}
	if !inRange || math.IsNaN(f) || math.IsInf(f, 0) || f != 0 && math.Abs(f) < 0x1p-1022 {
		return 0, fail(2, what, ": ", v, ": ", cli.Strerror(unix.ERANGE))
	}
	if f < 0 || f > math.MaxInt32/1000 {
		return 0, fail(2, what, ": ", v)
	}
	return int(f * 1000), nil
}

// floatPrefix reads what strtod(3) would in the C locale and returns what
// follows. inRange is false if the number does not fit.
func floatPrefix(s string) (f float64, rest string, inRange bool) {
	t := strings.TrimLeft(s, " \t\n\v\f\r")
	i := 0
	if i < len(t) && (t[i] == '+' || t[i] == '-') {
		i++
	}
	for _, word := range [...]string{"infinity", "inf", "nan"} {
		if len(t) >= i+len(word) && strings.EqualFold(t[i:i+len(word)], word) {
			f, _ = strconv.ParseFloat(t[:i+len(word)], 64)
			if word == "nan" { // ParseFloat knows no signed one
				f = math.NaN()
			}
			return f, t[i+len(word):], true
		}
	}
	digit, exponent, hex := isDigit, byte('e'), false
	if len(t) > i+2 && t[i] == '0' && t[i+1]|0x20 == 'x' {
		if d := t[i+2]; isHex(d) || d == '.' && len(t) > i+3 && isHex(t[i+3]) {
			digit, exponent, hex = isHex, 'p', true
			i += 2
		}
	}
	digits := 0
	for dot := false; i < len(t); i++ {
		if t[i] == '.' && !dot {
			dot = true
		} else if digit(t[i]) {
			digits++
		} else {
			break
		}
	}
	if digits == 0 {
		return 0, s, true
	}
	number := t[:i]
	hasExponent := false
	if i < len(t) && t[i]|0x20 == exponent {
		j := i + 1
		if j < len(t) && (t[j] == '+' || t[j] == '-') {
			j++
		}
		k := j
		for k < len(t) && isDigit(t[k]) {
			k++
		}
		if k > j {
			i, number, hasExponent = k, t[:k], true
		}
	}
	if hex && !hasExponent {
		number += "p0"
	}
	f, err := strconv.ParseFloat(number, 64)
	return f, t[i:], err == nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// warn prints a line on stderr and goes on.
func (o *options) warn(what ...string) { cli.Fail(0, o.name, what...) }

// warnErrno is warn with the errno's text.
func (o *options) warnErrno(what string, err error) {
	o.warn(what, ": ", cli.Strerror(cli.Errno(err)))
}

// report prints an error that ends the run and returns the exit code.
func (o *options) report(err error) int {
	f, ok := err.(*failure)
	if !ok {
		return cli.Fail(2, o.name, err.Error())
	}
	if f.text != "" {
		cli.Fail(0, o.name, f.text)
	}
	if f.usage {
		cli.Stdout.Flush()
		cli.Stderr.S(usage).Flush()
	}
	return f.code
}

// usage is iputils' own text.
const usage = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
`
