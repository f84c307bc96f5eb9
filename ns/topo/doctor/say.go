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
		switch a := args[0].(type) {
		case string:
			b = append(b, a...)
		case *topo.LinkState:
			b = append(b, a.Name...)
		case *topo.SpaceState:
			b = append(b, SpaceName(st, a)...)
		case *[]byte:
			b = append(b, ipString(*a)...)
		case *topo.Prefix:
			b = append(b, a.String()...)
		case network:
			b = append(b, a.Network().String()...)
		case route:
			b = append(b, prefixText(*a.Prefix)...)
		case *uint32:
			b = append(b, itoa(int(*a))...)
		case *uint16:
			b = append(b, itoa(int(*a))...)
		case *uint8:
			b = append(b, itoa(int(*a))...)
		case *int:
			b = append(b, itoa(*a)...)
		}
		args = args[1:]
	}
	return string(b)
}
