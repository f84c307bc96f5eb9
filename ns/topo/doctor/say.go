package doctor

import "rawns/ns/topo"

// network is the network of an address, as text.
type network struct{ *topo.Prefix }

// route is what a route leads to, as text.
type route struct{ *topo.Prefix }

// say is format, where each "%" is the next of args: a string, a number, or what
// a pointer shows, an address, a prefix, the name of a link or of a namespace of
// st. Pointers, because texts are made at a hundred places, and a pointer takes
// the least code there.
//
//go:noinline
func say(st *topo.State, format string, args ...any) string {
	var b []byte
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b = append(b, format[i])
			continue
		}
		t := ""
		switch a := args[0].(type) {
		case string:
			t = a
		case *topo.LinkState:
			t = a.Name
		case *topo.SpaceState:
			t = SpaceName(st, a)
		case *[]byte:
			t = ipString(*a)
		case *topo.Prefix:
			t = a.String()
		case network:
			t = a.Network().String()
		case route:
			t = prefixText(*a.Prefix)
		case *uint32:
			t = itoa(int(*a))
		case *uint16:
			t = itoa(int(*a))
		case *uint8:
			t = itoa(int(*a))
		case *int:
			t = itoa(*a)
		}
		b = append(b, t...)
		args = args[1:]
	}
	return string(b)
}
