package curl

import (
	"io"
	"os"
	"strconv"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// fileMax bounds what -d and -w read of a file: it is kept in memory.
const fileMax = 1 << 30

// readFile reads a whole file, or standard input for "-".
func readFile(name string) (b []byte, wrong string) {
	f, err := os.Stdin, error(nil)
	if name != "-" {
		f, err = os.Open(name)
	}
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(f, fileMax+1))
		f.Close()
	}
	why := cli.Strerror(cli.Errno(err))
	if err == nil {
		if len(b) <= fileMax {
			return b, ""
		}
		why = "more than 1 GiB cannot be kept in memory"
	}
	return nil, "cannot read " + name + ": " + why
}

// addData is -d and those like it: several make one body, '&' between them.
// "@FILE" stands for what the file has, as text without its line ends.
func (o *options) addData(s string, file, text bool) (wrong string) {
	b := []byte(s)
	if file && s != "" && s[0] == '@' {
		if b, wrong = readFile(s[1:]); wrong != "" {
			return wrong
		}
		if text {
			b = oneLine(b)
		}
	}
	if o.data != nil {
		o.data = append(o.data, '&')
	}
	o.data = append(o.data, b...)
	if o.data == nil {
		o.data = []byte{} // an empty body, which is not none
	}
	return ""
}

// oneLine takes line ends, and NUL, out of b.
//
//go:noinline
func oneLine(b []byte) []byte {
	kept := b[:0]
	for _, c := range b {
		if c != '\r' && c != '\n' && c != 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

func (o *options) setFormat(s string) (wrong string) {
	if s != "" && s[0] == '@' {
		var b []byte
		b, wrong = readFile(s[1:])
		s = string(oneLine(b))
	}
	o.format = s
	return wrong
}

func (o *options) setCookie(s string) (wrong string) {
	if !strings.Contains(s, "=") {
		return "expected NAME=VALUE: files of cookies are not read here"
	}
	if o.cookie != "" {
		o.cookie += ";"
	}
	o.cookie += s
	return ""
}

func (o *options) setMaxRedirs(s string) (wrong string) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < -1 {
		return "expected a proper numerical parameter"
	}
	o.maxRedirs = int(n)
	return ""
}

// A resolve is what --resolve says about a host.
type resolve struct {
	host  string // "*": any
	port  uint16
	addrs []httpraw.Addr
}

// addResolve reads "HOST:PORT:ADDR[,ADDR]...", perhaps with a '+' before it,
// and "-HOST:PORT", which takes an earlier one back. A malformed one fails when
// the first URL's turn comes, as with curl.
func (o *options) addResolve(s string) (wrong string) {
	remove := strings.HasPrefix(s, "-")
	host, rest, ok := strings.Cut(strings.TrimLeft(s, "+-"), ":")
	number, list, more := strings.Cut(rest, ":")
	port, err := strconv.ParseUint(number, 10, 16)
	r := resolve{host: host, port: uint16(port)}
	if !ok || err != nil || host == "" || !remove && !more {
		o.badResolve = s
		return ""
	}
	for more && !remove {
		var ip string
		ip, list, more = strings.Cut(list, ",")
		if !strings.HasPrefix(ip, "[") && strings.Contains(ip, ":") {
			ip = "[" + ip + "]"
		}
		a, err := httpraw.ParseAddr(ip + ":" + number)
		if err != nil || ip == "" {
			o.badResolve = s
			return ""
		}
		r.addrs = append(r.addrs, a)
	}
	o.resolve = append(o.resolve, r)
	return ""
}

// lookup finds what --resolve says about a host, the last word counts.
func (o *options) lookup(host string, port uint16) (addrs []httpraw.Addr) {
	any := false
	for i := len(o.resolve) - 1; i >= 0; i-- {
		r := &o.resolve[i]
		if r.port != port {
			continue
		}
		if strings.EqualFold(r.host, host) {
			return r.addrs
		}
		if r.host == "*" && !any {
			any, addrs = true, r.addrs
		}
	}
	return addrs
}

// base64Of is s in the encoding of RFC 4648, section 4.
func base64Of(s string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var b []byte
	for len(s) > 0 {
		var v uint32
		n := min(len(s), 3)
		for i := range 3 {
			v <<= 8
			if i < n {
				v |= uint32(s[i])
			}
		}
		for i := range 4 {
			if i > n {
				b = append(b, '=')
			} else {
				b = append(b, digits[v>>(18-6*i)&63])
			}
		}
		s = s[n:]
	}
	return string(b)
}
