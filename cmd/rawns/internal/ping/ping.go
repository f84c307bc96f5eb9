package ping

import (
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// version is what -V prints: the last word is what scripts look for.
const version = "ping from rawns, compatible with iputils 20221126\n"

// Run is the applet. Called by a name that ends in 4 or 6 it speaks that
// family only.
func Run(args []string) int {
	o := newOptions(args[0])
	if err := o.parse(args[1:]); err != nil {
		return o.report(err)
	}
	if o.showVersion {
		cli.Stdout.S(version)
		return 0
	}
	code, err := o.run()
	if err != nil {
		return o.report(err)
	}
	return code
}

func (o *options) run() (code int, err error) {
	pattern, err := parsePattern(o.pattern)
	if err != nil {
		return 0, err
	}
	if o.hasPattern && !o.quiet {
		cli.Stdout.S("PATTERN: 0x")
		for _, b := range pattern {
			cli.Stdout.X(uint64(b), 2)
		}
		cli.Stdout.NL()
	}

	if o.ident == 0 && o.verbose {
		o.warn("WARNING: ident 0 => forcing raw socket")
	}
	// The kernel takes an identifier of 0 for "choose one" on datagram sockets,
	// and sends nothing but echoes.
	raw := o.ident == 0 || o.node != nil
	c4, c6 := &conn{fd: -1}, &conn{fd: -1}
	if o.family != unix.AF_INET6 {
		if err := c4.open(o, unix.AF_INET, unix.IPPROTO_ICMP, raw, o.family == unix.AF_INET); err != nil {
			return 0, err
		}
	}
	if o.family != unix.AF_INET {
		if err := c6.open(o, unix.AF_INET6, unix.IPPROTO_ICMPV6, raw, c4.fd < 0); err != nil {
			return 0, err
		}
	}
	family := o.family
	switch {
	case family != unix.AF_UNSPEC:
	case c4.fd < 0:
		family = unix.AF_INET6
	case c6.fd < 0:
		family = unix.AF_INET
	}
	if o.verbose {
		o.warn("sock4.fd: ", strconv.Itoa(c4.fd), " (socktype: ", c4.typeName(), "), sock6.fd: ", strconv.Itoa(c6.fd),
			" (socktype: ", c6.typeName(), "), hints.ai_family: ", familyName(family))
		cli.Stderr.NL().Flush()
	}
	if o.tclass != 0 {
		if err := setTrafficClass(o, c4, c6); err != nil {
			return 0, err
		}
	}

	name := o.args[len(o.args)-1]
	if a, ok := cli.ParseIPv6(name); ok && c6.typ == unix.SOCK_DGRAM {
		if a := address6(a, 0); a.linkLocal() {
			o.warn("Warning: IPv6 link-local address on ICMP datagram socket may require ifname or scope-id",
				" => use: address%<ifname|scope-id>")
		}
	}
	targets, err := resolve(name, family)
	if err != nil {
		return 0, err
	}
	for i := range targets {
		t := &targets[i]
		if o.verbose {
			cli.Stdout.S("ai->ai_family: ", familyName(t.family), ", ai->ai_canonname: '").Safe(t.canonical).S("'\n")
		}
		s := newSession(o, t, pattern)
		if t.family == unix.AF_INET {
			s.conn, s.proto = c4, &inet4{}
		} else {
			s.conn, s.proto = c6, &inet6{}
		}
		err := s.proto.prepare(s)
		if _, ok := err.(*unreachable); ok && i+1 < len(targets) {
			continue
		}
		if err == nil {
			err = s.start()
		}
		if err != nil {
			return 0, err
		}
		return s.loop(), nil
	}
	return 0, fail(2, name, ": ", notKnown)
}

func setTrafficClass(o *options, c4, c6 *conn) error {
	if c4.fd >= 0 {
		if err := c4.setInt(unix.SOL_IP, unix.IP_TOS, o.tclass); err != nil {
			return failErrno("setsockopt", err)
		}
	}
	if c6.fd >= 0 {
		if err := c6.setInt(unix.SOL_IPV6, unix.IPV6_TCLASS, o.tclass); err != nil {
			return failErrno("setsockopt", err)
		}
	}
	return nil
}

// parsePattern reads -p: up to 16 bytes in hex; a single last digit is a byte.
func parsePattern(s string) ([]byte, error) {
	for i := range len(s) {
		if !isHex(s[i]) {
			return nil, fail(2, "patterns must be specified as hex digits: ", s[i:])
		}
	}
	var p []byte
	for len(s) > 0 && len(p) < 16 {
		n := min(2, len(s))
		v, _ := strconv.ParseUint(s[:n], 16, 8)
		p = append(p, byte(v))
		s = s[n:]
	}
	return p, nil
}

func familyName(f int) string {
	switch f {
	case unix.AF_INET:
		return "AF_INET"
	case unix.AF_INET6:
		return "AF_INET6"
	}
	return "AF_UNSPEC"
}
