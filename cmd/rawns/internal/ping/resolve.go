package ping

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// target is one address that a name stands for.
type target struct {
	address
	canonical string // the name's proper spelling; "" behind the first target
}

// The words of gai_strerror(3).
const (
	notKnown    = "Name or service not known"
	noAddress   = "No address associated with hostname"
	tryAgain    = "Temporary failure in name resolution"
	wrongFamily = "Address family for hostname not supported"
)

// resolveTime bounds the look-up of one name, whatever resolv.conf(5) says.
const resolveTime = time.Minute

// resolve turns a literal or a name into addresses, the one to prefer first.
// family is AF_UNSPEC, AF_INET or AF_INET6; as with iputils it is not asked
// for, but chosen from what is found.
func resolve(name string, family int) ([]target, error) {
	var found []target
	if a, ok := parseLiteral(name); ok {
		found = []target{{a, name}}
	} else if strings.ContainsAny(name, ":%") || strings.HasPrefix(name, "-") { // Lookup takes more zones and names than iputils
		return nil, fail(2, name, ": ", notKnown)
	} else {
		addrs, proper, err := httpraw.Lookup(name, time.Now().Add(resolveTime))
		switch err {
		case nil:
		case httpraw.ErrNoName, httpraw.ErrBadName:
			return nil, fail(2, name, ": ", notKnown)
		case httpraw.ErrNoAddress:
			return nil, fail(2, name, ": ", noAddress)
		default:
			return nil, fail(2, name, ": ", tryAgain)
		}
		found = targets(addrs, proper)
		sortTargets(found, usable)
	}
	if family == unix.AF_UNSPEC {
		return found, nil
	}
	var of []target
	for _, t := range found {
		if t.family == family {
			of = append(of, t)
		}
	}
	if len(of) == 0 {
		return nil, fail(2, name, ": ", wrongFamily)
	}
	return of, nil
}

// targets converts what Lookup found; the first carries the proper name.
func targets(addrs []httpraw.Addr, proper string) []target {
	found := make([]target, len(addrs))
	for i, a := range addrs {
		found[i].address = address{unix.AF_INET6, a.IP, a.Zone}
		if a.Is4 {
			found[i].family = unix.AF_INET
		}
	}
	found[0].canonical = proper
	return found
}

// parseLiteral reads an IPv4 address in any form of inet_aton(3), or an IPv6
// address, with a zone if it is link-local.
func parseLiteral(s string) (a address, ok bool) {
	if ip, ok := parseIPv4Aton(s); ok {
		return address4(ip), true
	}
	s, zone, hasZone := strings.Cut(s, "%")
	ip, ok := cli.ParseIPv6(s)
	if !ok {
		return a, false
	}
	a = address6(ip, 0)
	if hasZone {
		a.zone, ok = parseZone(zone, a.linkLocal())
	}
	return a, ok
}

// parseZone reads what stands behind '%': an interface's name, which only
// link-local addresses may have, or an index.
func parseZone(s string, name bool) (uint32, bool) {
	if name {
		if i := interfaceIndex(s); i != 0 {
			return i, true
		}
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && isDigit(s[0])
}

// parseIPv4Aton reads one to four numbers with dots between them, decimal,
// octal (0...) or hex (0x...); the last fills the bytes that are left.
func parseIPv4Aton(s string) (a [4]byte, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return a, false
	}
	var v uint64
	for i, p := range parts {
		if p == "" || !isDigit(p[0]) {
			return a, false
		}
		base := 10
		switch {
		case len(p) > 2 && p[0] == '0' && p[1]|0x20 == 'x':
			p, base = p[2:], 16
		case len(p) > 1 && p[0] == '0':
			base = 8
		}
		n, err := strconv.ParseUint(p, base, 32)
		if err != nil {
			return a, false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return a, false
			}
			v |= n << (24 - 8*i)
		} else {
			if n >= 1<<(32-8*i) {
				return a, false
			}
			v |= n
		}
	}
	return [4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}, true
}

const (
	hostsFile = "/etc/hosts"
	hostsMax  = 16 << 20 // bytes; a longer file is not one that a person wrote
)

func readHosts() string {
	if st, err := file.Stat(hostsFile); err != nil || st.Size > hostsMax {
		return ""
	}
	b, err := file.Read(hostsFile)
	if err != nil {
		return ""
	}
	return string(b)
}

// hostsByAddress returns an address's name in hosts(5), or "".
func hostsByAddress(text string, ip []byte) string {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		a, ok := parseLiteral(fields[0])
		if _, plain := cli.ParseIPv4(fields[0]); ok && (plain || a.family == unix.AF_INET6) && string(a.bytes()) == string(ip) {
			return fields[1]
		}
	}
	return ""
}

// sortTargets moves those that can be reached to the front and IPv6 before
// IPv4, the two rules of RFC 6724 that matter to a host with one link. The
// canonical name stays with the first.
func sortTargets(ts []target, usable func(*address) bool) {
	rank := func(t *target) int {
		r := 0
		if !usable(&t.address) {
			r = 2
		}
		if t.family == unix.AF_INET {
			r++
		}
		return r
	}
	canonical := ts[0].canonical
	ts[0].canonical = ""
	for i := range ts {
		for j := i; j > 0 && rank(&ts[j]) < rank(&ts[j-1]); j-- {
			ts[j], ts[j-1] = ts[j-1], ts[j]
		}
	}
	ts[0].canonical = canonical
}

// usable asks the kernel for a route, by connecting a UDP socket: nothing is
// sent.
func usable(a *address) bool {
	fd, err := unix.Socket(a.family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	return unix.Connect(fd, a.sockaddr(probePort)) == nil
}

// interfaceIndex returns 0 if there is none of that name.
func interfaceIndex(name string) uint32 {
	r, err := interfaceRequest(name, 0, unix.SIOCGIFINDEX)
	if err != nil {
		return 0
	}
	return r.Uint32()
}

// interfaceName returns "" if there is none of that index.
func interfaceName(index uint32) string {
	r, err := interfaceRequest("", index, unix.SIOCGIFNAME)
	if err != nil {
		return ""
	}
	return r.Name()
}

func interfaceRequest(name string, index uint32, request uint) (*unix.Ifreq, error) {
	r, err := unix.NewIfreq(name)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if request == unix.SIOCGIFNAME {
		r.SetUint32(index)
	}
	return r, unix.IoctlIfreq(fd, request, r)
}

// deviceHasAddress tells whether a is one of the device's own addresses.
func deviceHasAddress(device string, a *address) (bool, error) {
	index := interfaceIndex(device)
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return false, err
	}
	defer c.Close()
	var b nl.Builder
	rtnl.GetAddr(&b, uint8(a.family), int32(index))
	found := false
	for m, err := range c.Dump(&b) {
		if err != nil {
			return found, err
		}
		h, err := rtnl.ParseAddr(m)
		if err != nil {
			return found, err
		}
		ip, ok := h.Attrs.IP(rtnl.IFA_LOCAL)
		if !ok {
			ip, _ = h.Attrs.IP(rtnl.IFA_ADDRESS)
		}
		// Kernels without strict checking list every interface's.
		if uint32(h.Index) == index && string(ip) == string(a.bytes()) {
			found = true
		}
	}
	return found, nil
}

// namer writes addresses for people. It remembers the last one, so that a
// reply costs no look-up and no memory when the one before came from the same
// host.
type namer struct {
	reverse bool                                   // look names up
	ask     func(ip []byte) (name string, ok bool) // asks DNS; not ok: there is no time left to
	hosts   string
	ip      [16]byte
	n       int // bytes of ip in use
	zone    uint32
	text    string
}

func (r *namer) name(ip []byte, zone uint32) string {
	if r.n == len(ip) && r.zone == zone && string(r.ip[:r.n]) == string(ip) {
		return r.text
	}
	r.n, r.zone = copy(r.ip[:], ip), zone
	r.text = numeric(ip, zone)
	if r.reverse {
		if r.hosts == "" {
			r.hosts = readHosts()
		}
		n, ok := hostsByAddress(r.hosts, ip), true
		if n == "" && r.ask != nil {
			n, ok = r.ask(ip)
		}
		if n == "" {
			n = r.text
		}
		if ok {
			r.text = n + " (" + r.text + ")"
		}
	}
	return r.text
}

// numeric is an address as getnameinfo(3) writes it: link-local ones with the
// name of the interface.
func numeric(ip []byte, zone uint32) string {
	var room [64]byte
	s := string(cli.AppendIP(room[:0], ip))
	if zone == 0 {
		return s
	}
	if len(ip) == 16 {
		if a := address6([16]byte(ip), zone); a.linkLocal() {
			if name := interfaceName(zone); name != "" {
				return s + "%" + name
			}
		}
	}
	return s + "%" + strconv.FormatUint(uint64(zone), 10)
}
