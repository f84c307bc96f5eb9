package brctl

import (
	"slices"
	"strings"

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
	for _, name := range s.names {
		d, err := r.bridge(name)
		if err != nil {
			code = notBridge(name, err)
			continue
		}
		ports, err := r.portNames(&d)
		if err != nil {
			return fail("can't list the ports: ", reason(err))
		}
		r.showBridge(name, &d, ports, &header)
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
	header := false
	for _, b := range sorted(bridges, func(a, b *device) int { return strings.Compare(a.name, b.name) }) {
		ports, err := r.portNames(b)
		if err != nil {
			return fail("can't list the ports: ", reason(err))
		}
		r.showBridge(b.name, b, ports, &header)
	}
	return 0
}

// portNames returns the ports of a bridge. A kernel without the old ioctls has
// messages: one list of all bridges' ports, which is kept.
func (r *runner) portNames(bridge *device) ([]portName, error) {
	if r.listed == nil {
		if ports, err := r.oldPorts(bridge.name); err == nil {
			return ports, nil
		}
		err := r.ports(0, func() { r.listed = map[int32][]portName{} }, func(p *port) {
			r.listed[p.master] = append(r.listed[p.master], portName{p.name, p.number})
		})
		if err != nil {
			return nil, err
		}
	}
	return r.listed[bridge.index], nil
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
	for i, p := range sorted(ports, func(a, b *portName) int { return comparePorts(byName, a.name, b.name, a.number, b.number) }) {
		if i > 0 {
			o.S("\n\t\t\t\t\t\t\t")
		}
		o.Safe(p.name)
	}
	o.NL()
}

// comparePorts sorts by name, as the original does what it finds in sysfs. A
// bridge that is not there under the name that was given, as this is an
// alternative one, the original asks by ioctl: that goes by port number.
func comparePorts(byName bool, a, b string, numberA, numberB uint16) int {
	if byName {
		return strings.Compare(a, b)
	}
	return int(numberA) - int(numberB)
}

// sorted returns pointers to what s holds, in order. Sorting pointers is in the
// binary once for all types.
func sorted[T any](s []T, compare func(a, b *T) int) []*T {
	order := make([]*T, len(s))
	for i := range s {
		order[i] = &s[i]
	}
	slices.SortFunc(order, compare)
	return order
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
