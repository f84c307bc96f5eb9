package ifconfig

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl/rtnl"
)

// maxAliases is how many numbered aliases an interface may have.
const maxAliases = 256

// alias is "add" and "del" for IPv4: they give an address to the first free
// alias "eth0:N", with the netmask and broadcast address of eth0's own, or take
// away the alias that has the address. What has the address already, or has it
// not, is left alone, and so is eth0's own.
func (r *runner) alias(s step) {
	c, err := r.dial()
	t := table{conn: c}
	var self *iface
	if err == nil {
		self, err = t.one(r.name)
	}
	if err != nil {
		notFetched(r.name, err)
		r.code = 1
		return
	}
	var used [maxAliases]bool
	for i := range t.aliases {
		a := &t.aliases[i]
		if !strings.HasPrefix(a.name, r.name) {
			continue
		}
		if a.inet.local == s.addr {
			if s.op == opDel4 {
				r.flags(a.name, step{clear: unix.IFF_UP})
			}
			return
		}
		_, number, _ := strings.Cut(a.name, ":")
		number = number[:len(number)-len(strings.TrimLeft(number, "0123456789"))]
		if n, err := strconv.Atoi(number); err == nil && n < maxAliases {
			used[n] = true
		}
	}
	if s.op == opDel4 {
		return
	}
	n := 0
	for used[n] {
		if n++; n == maxAliases {
			nettools.Say("ifconfig: all ", itoa(maxAliases), " aliases of ", r.name, " are in use")
			r.code = 1
			return
		}
	}
	name := r.name + ":" + itoa(n)
	if len(name) > rtnl.IfNameMax {
		nettools.Say("SIOCSIFADDR: ", cli.Strerror(unix.EINVAL))
		nettools.Hint("\"", name, "\" is too long for an alias: at most ", itoa(rtnl.IfNameMax), " bytes")
		r.code = 1
		return
	}
	for _, c := range [...]struct {
		what    string
		request uint
		addr    [4]byte
	}{
		{"SIOCSIFADDR", unix.SIOCSIFADDR, s.addr},
		{"SIOCSIFNETMASK", unix.SIOCSIFNETMASK, nettools.Mask(int(self.inet.prefixLen))},
		{"SIOCSIFBRDADDR", unix.SIOCSIFBRDADDR, self.inet.broadcast},
	} {
		q := newIfreq(name)
		q.setInet(c.addr)
		if !r.check(c.what, r.ioctl(c.request, q)) {
			return
		}
	}
}
