package brctl

import (
	"cmp"
	"slices"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// A portName is what show and showmacs keep of a port.
type portName struct {
	name   string
	number uint16
}

func (s *show) run(r *runner) int {
	if len(s.names) == 0 {
		return r.showAll()
	}
	code, header := 0, false
	var ports map[int32][]portName
	for _, name := range s.names {
		d, err := r.bridge(name)
		if err != nil {
			code = notBridge(name, err)
			continue
		}
		if ports == nil {
			only := int32(0)
			if len(s.names) == 1 {
				only = d.index // several at once are cheaper from one list of all
			}
			if ports, _, err = r.listPorts(only); err != nil {
				return fail("can't list the ports: ", reason(err))
			}
		}
		r.showBridge(name, &d, ports[d.index], &header)
	}
	return code
}

// notBridge says what a name is instead of a bridge's.
func notBridge(name string, err error) (code int) {
	switch cli.Errno(err) {
	case unix.ENODEV:
		return fail("bridge ", name, " does not exist!")
	case unix.EOPNOTSUPP:
		return fail("device ", name, " is not a bridge!")
	}
	return fail("can't look up ", name, ": ", reason(err))
}

func (r *runner) showAll() int {
	ports, bridges, err := r.listPorts(0)
	if err != nil {
		return fail("can't list the links: ", reason(err))
	}
	slices.SortFunc(bridges, func(a, b device) int { return cmp.Compare(a.name, b.name) })
	header := false
	for i := range bridges {
		b := &bridges[i]
		r.showBridge(b.name, b, ports[b.index], &header)
	}
	return 0
}

// listPorts returns the ports of one bridge, or for 0 of all by their bridge's
// index, and the bridges among what it went through.
func (r *runner) listPorts(bridge int32) (ports map[int32][]portName, bridges []device, err error) {
	err = r.devices(bridge, func() { ports, bridges = map[int32][]portName{}, nil }, func(d *device) {
		if d.isBridge {
			bridges = append(bridges, *d)
		}
		if d.isPort {
			ports[d.master] = append(ports[d.master], portName{d.name, d.port.number})
		}
	})
	return ports, bridges, err
}

// showBridge prints a bridge by the name that it was asked for.
func (r *runner) showBridge(name string, d *device, ports []portName, header *bool) {
	o := r.out
	if !*header {
		o.S("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n")
		*header = true
	}
	o.Safe(name).S("\t\t")
	o.B = appendID(o.B, d.bridge.id)
	if d.bridge.stp {
		o.S("\tyes\t\t")
	} else {
		o.S("\tno\t\t")
	}
	sortPorts(ports, name == d.name, func(p *portName) (string, uint16) { return p.name, p.number })
	for i, p := range ports {
		if i > 0 {
			o.S("\n\t\t\t\t\t\t\t")
		}
		o.Safe(p.name)
	}
	o.NL()
}

// sortPorts sorts by name, as the original does what it finds in sysfs. A
// bridge that is not there under the name that was given, as this is an
// alternative one, the original asks by ioctl: that goes by port number.
func sortPorts[P any](ports []P, byName bool, key func(*P) (name string, number uint16)) {
	slices.SortFunc(ports, func(a, b P) int {
		an, ai := key(&a)
		bn, bi := key(&b)
		if byName {
			return cmp.Compare(an, bn)
		}
		return cmp.Compare(ai, bi)
	})
}

const hexdigits = "0123456789abcdef"

// appendID appends priority, point, and address.
func appendID(dst []byte, v id) []byte {
	for i, c := range v {
		if i == 2 {
			dst = append(dst, '.')
		}
		dst = append(dst, hexdigits[c>>4], hexdigits[c&15])
	}
	return dst
}
