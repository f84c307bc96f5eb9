package httpraw

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Host names, as far as a page in a lab needs them: /etc/hosts, then the name
// servers of /etc/resolv.conf (resolv.conf(5): nameserver, search, domain,
// and the options ndots, timeout and attempts). No nsswitch, no mDNS, no
// cache. The files are read anew for each name, so that what "ip netns exec"
// binds over them is what counts.

// Variables for the tests.
var (
	hostsFile  = "/etc/hosts"
	resolvFile = "/etc/resolv.conf"
	dnsPort    = uint16(53)
)

// fileMax bounds how much of either file is read.
const fileMax = 4 << 20

// Lookup returns the addresses of a host of either family, IPv4 before IPv6,
// with port 0, and the host's proper name: the first of its line in
// /etc/hosts, or what DNS has at the end of aliases. A literal address is its
// own. The look-up ends at the deadline; the zero deadline leaves it at the
// bounds of resolv.conf(5): by default two rounds of five seconds for each
// name server. The files and the servers are those that the calling thread's
// mount and network namespaces show.
//
// Errors are ErrBadName, ErrNoName and ErrNoAddress, which are answers, and
// ErrNameServer or a time-out, after which another attempt may succeed.
func Lookup(host string, deadline time.Time) (addrs []Addr, name string, err error) {
	return lookup(host, limit{deadline: deadline})
}

// lookupWeb is lookup as curl has it: localhost is known without being asked
// for (RFC 6761).
func lookupWeb(host string, l limit) ([]Addr, error) {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		v6 := Addr{set: true}
		v6.IP[15] = 1
		return []Addr{{Is4: true, IP: [16]byte{127, 0, 0, 1}, set: true}, v6}, nil
	}
	addrs, _, err := lookup(host, l)
	return addrs, err
}

func lookup(host string, l limit) ([]Addr, string, error) {
	if a, ok := parseIP(host); ok {
		return []Addr{a}, host, nil
	}
	if !isHost(host) { // nor an address whose zone exists
		return nil, "", ErrBadName
	}
	name := strings.TrimSuffix(host, ".")
	if addrs, proper := inHosts(readFile(hostsFile), name); len(addrs) > 0 {
		return addrs, proper, nil
	}
	conf := parseResolv(readFile(resolvFile))
	var names []string
	dots := strings.Count(name, ".")
	if host[len(host)-1] == '.' || dots >= conf.ndots {
		names = append(names, name)
	}
	if host[len(host)-1] != '.' {
		for _, s := range conf.search {
			names = append(names, name+"."+s)
		}
		if dots < conf.ndots {
			names = append(names, name)
		}
	}
	first := error(nil)
	for _, n := range names {
		addrs, proper, err := conf.ask(n, l, typeA, typeAAAA)
		if err == nil {
			return addrs, proper, nil
		}
		if err != ErrNoName && err != ErrNoAddress && err != ErrBadName {
			return nil, "", err
		}
		if first == nil {
			first = err
		}
	}
	return nil, "", first
}

// readFile returns what can be read of a file; one that is missing is empty.
func readFile(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, fileMax))
	return string(b)
}

// inHosts finds a name's addresses in a hosts(5) file, and the first name of
// the first line that has it.
func inHosts(file, name string) (v []Addr, proper string) {
	var v6 []Addr
	for line := range strings.Lines(file) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		for i := 1; i < len(f); i++ {
			if !strings.EqualFold(strings.TrimSuffix(f[i], "."), name) {
				continue
			}
			a, ok := parseIP(f[0])
			switch {
			case !ok:
				continue
			case a.Is4:
				v = append(v, a)
			default:
				v6 = append(v6, a)
			}
			if proper == "" {
				proper = f[1]
			}
			break
		}
	}
	return append(v, v6...), proper
}

// A resolv is a resolv.conf.
type resolv struct {
	servers  []Addr
	search   []string
	ndots    int
	timeout  time.Duration // for one server to answer
	attempts int           // rounds over the servers
}

// parseResolv reads a resolv.conf(5), with its own defaults and bounds.
func parseResolv(file string) resolv {
	c := resolv{ndots: 1, timeout: 5 * time.Second, attempts: 2}
	for line := range strings.Lines(file) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		switch f[0] {
		case "nameserver":
			if a, ok := parseIP(f[1]); ok && len(c.servers) < 3 {
				a.Port = dnsPort
				c.servers = append(c.servers, a)
			}
		case "search", "domain":
			c.search = c.search[:0]
			for _, s := range f[1:] {
				if s = strings.ToLower(strings.TrimSuffix(s, ".")); s != "" && len(c.search) < 6 {
					c.search = append(c.search, s)
				}
			}
		case "options":
			for _, o := range f[1:] {
				key, value, _ := strings.Cut(o, ":")
				n, err := strconv.Atoi(value)
				if err != nil || n < 0 {
					continue
				}
				switch key {
				case "ndots":
					c.ndots = min(n, 15)
				case "timeout":
					c.timeout = time.Duration(min(max(n, 1), 30)) * time.Second
				case "attempts":
					c.attempts = min(max(n, 1), 5)
				}
			}
		}
	}
	if len(c.servers) == 0 {
		c.servers = []Addr{{Is4: true, IP: [16]byte{127, 0, 0, 1}, Port: dnsPort, set: true}}
	}
	return c
}

// LookupAddr returns the name of an address of 4 or 16 bytes: the first of its
// line in /etc/hosts, or what DNS has for it. Otherwise it is as Lookup.
func LookupAddr(ip []byte, deadline time.Time) (string, error) {
	for line := range strings.Lines(readFile(hostsFile)) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		if a, ok := parseIP(f[0]); ok && a.Is4 == (len(ip) == 4) && string(a.IP[:len(ip)]) == string(ip) {
			return f[1], nil
		}
	}
	conf := parseResolv(readFile(resolvFile))
	_, name, err := conf.ask(reverseName(ip), limit{deadline: deadline}, typePTR)
	if err == nil && !isHost(name) {
		err = ErrBadName
	}
	if err != nil {
		return "", err
	}
	return name, nil
}

// reverseName is where DNS keeps an address's name (RFC 1035, section 3.5; RFC
// 3596, section 2.5).
func reverseName(ip []byte) string {
	var b []byte
	for i := len(ip) - 1; i >= 0; i-- {
		if len(ip) == 4 {
			b = append(strconv.AppendUint(b, uint64(ip[i]), 10), '.')
		} else {
			const digits = "0123456789abcdef"
			b = append(b, digits[ip[i]&15], '.', digits[ip[i]>>4], '.')
		}
	}
	if len(ip) == 4 {
		return string(b) + "in-addr.arpa"
	}
	return string(b) + "ip6.arpa"
}

// ask asks the servers for one name, with a question of each type, until one
// gives an answer that counts.
func (c *resolv) ask(name string, l limit, types ...uint16) ([]Addr, string, error) {
	for range c.attempts {
		for _, server := range c.servers {
			until := time.Now().Add(c.timeout)
			if !l.deadline.IsZero() && l.deadline.Before(until) {
				until = l.deadline
			}
			addrs, proper, err := query(server, name, limit{until, l.idle}, types)
			if err == nil || err == ErrNoName || err == ErrNoAddress || err == ErrBadName {
				return addrs, proper, err
			}
			if !l.deadline.IsZero() && !time.Now().Before(l.deadline) {
				return nil, "", errDeadline
			}
		}
	}
	return nil, "", ErrNameServer
}

// query asks one server for a name's records of some types, all at once as the
// C library does, from one socket: connected, so that the kernel drops what
// others send, and with a port of the kernel's choice, which together with the
// id is what an outsider would have to guess.
func query(server Addr, name string, l limit, types []uint16) (addrs []Addr, proper string, err error) {
	asked := make([][]byte, len(types))
	for i, t := range types {
		var id [2]byte
		if _, err := unix.Getrandom(id[:], 0); err != nil {
			return nil, "", err
		}
		var ok bool
		if asked[i], ok = appendQuery(nil, id, name, t); !ok {
			return nil, "", ErrBadName
		}
	}
	fd, err := open(server, unix.SOCK_DGRAM)
	if err != nil {
		return nil, "", err
	}
	defer unix.Close(fd)
	for _, q := range asked {
		if err := writeAll(fd, q, l); err != nil {
			return nil, "", err
		}
	}
	found := make([][]Addr, len(types))
	errs := make([]error, len(types))
	buf := make([]byte, 4096)
	for open := len(types); open > 0; {
		n, err := readSome(fd, buf, l)
		if err != nil {
			return nil, "", err
		}
		for i, q := range asked {
			if q == nil || !answers(buf[:n], q) {
				continue // not to this question: a late one, or a forgery
			}
			reply := buf[:n]
			if reply[2]&flagTC != 0 { // too long for UDP
				if reply, err = queryTCP(server, q, l); err != nil {
					return nil, "", err
				}
			}
			var name string
			if found[i], name, errs[i] = parseReply(reply, len(q), types[i]); errs[i] == nil {
				proper = name
			}
			asked[i] = nil
			open--
			break
		}
	}
	for _, f := range found {
		addrs = append(addrs, f...)
	}
	if len(addrs) > 0 || proper != "" {
		return addrs, proper, nil
	}
	for _, err := range errs { // a server that failed may not know better
		if err != ErrNoName && err != ErrNoAddress {
			return nil, "", err
		}
	}
	return nil, "", errs[0]
}

// queryTCP asks again over TCP, where each message has its length before it.
func queryTCP(server Addr, q []byte, l limit) ([]byte, error) {
	fd, _, err := dial(server, l)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if err := writeAll(fd, append([]byte{byte(len(q) >> 8), byte(len(q))}, q...), l); err != nil {
		return nil, err
	}
	buf := make([]byte, 2+1<<16)
	have, need := 0, 2
	for have < need {
		n, err := readSome(fd, buf[have:need], l)
		if err != nil || n == 0 {
			return nil, ErrNameServer
		}
		if have += n; have == 2 {
			need = 2 + int(buf[0])<<8 + int(buf[1])
		}
	}
	if reply := buf[2:need]; answers(reply, q) {
		return reply, nil
	}
	return nil, ErrNameServer
}
