package brctl

import (
	"sort"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// A portName is what show keeps of a port.
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
				only = d.index
			}
			if ports, err = r.portNames(only); err != nil {
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
	bridges, err := r.bridges()
	if err != nil {
		return fail("can't list the bridges: ", reason(err))
	}
	if len(bridges) == 0 {
		return 0
	}
	ports, err := r.portNames(0)
	if err != nil {
		return fail("can't list the ports: ", reason(err))
	}
	sortFunc(bridges, func(a, b *device) bool { return a.name < b.name })
	header := false
	for i := range bridges {
		b := &bridges[i]
		r.showBridge(b.name, b, ports[b.index], &header)
	}
	return 0
}

// portNames returns the ports of one bridge, or for 0 of all, by their bridge's
// index.
func (r *runner) portNames(bridge int32) (ports map[int32][]portName, err error) {
	err = r.ports(bridge, func() { ports = map[int32][]portName{} }, func(p *port) {
		ports[p.master] = append(ports[p.master], portName{p.name, p.number})
	})
	return ports, err
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
	byName := name == d.name
	sortFunc(ports, func(a, b *portName) bool { return portLess(byName, a.name, b.name, a.number, b.number) })
	for i, p := range ports {
		if i > 0 {
			o.S("\n\t\t\t\t\t\t\t")
		}
		o.Safe(p.name)
	}
	o.NL()
}

// portLess sorts by name, as the original does what it finds in sysfs. A bridge
// that is not there under the name that was given, as this is an alternative
// one, the original asks by ioctl: that goes by port number.
func portLess(byName bool, a, b string, numberA, numberB uint16) bool {
	if byName {
		return a < b
	}
	return numberA < numberB
}

// sortFunc sorts and keeps the order of equals. Package sort does it, and not
// slices, which would be in the binary three times over.
func sortFunc[T any](s []T, less func(a, b *T) bool) {
	sort.Stable(order{len(s), func(i, j int) bool { return less(&s[i], &s[j]) }, func(i, j int) { s[i], s[j] = s[j], s[i] }})
}

// order is a sort.Interface.
type order struct {
	n    int
	less func(i, j int) bool
	swap func(i, j int)
}

func (o order) Len() int           { return o.n }
func (o order) Less(i, j int) bool { return o.less(i, j) }
func (o order) Swap(i, j int)      { o.swap(i, j) }

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
