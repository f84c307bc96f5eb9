package nl_test

import (
	"fmt"

	"rawns/nl"
)

// Encoding appends to one buffer; reading it back is walking views of it.
func ExampleBuilder() {
	const (
		name nl.AttrStr  = 3
		info nl.AttrNest = 18
		mtu  nl.AttrU32  = 4
	)
	var b nl.Builder
	b.Message(16, 0)
	b.Extend(16) // the fixed header
	b.Str(name, "veth0")
	nest := b.Nest(info)
	b.U32(mtu, 1400)
	b.End(nest)
	p, err := b.Bytes()
	fmt.Println(len(p), err)

	for m := range nl.Messages(p) {
		s, _ := m.Attrs(16).Str(name)
		n, ok := m.Attrs(16).Nest(info).U32(mtu)
		fmt.Println(m.Type(), string(s), n, ok)
	}
	// Output:
	// 56 <nil>
	// 16 veth0 1400 true
}
