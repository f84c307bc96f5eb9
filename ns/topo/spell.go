package topo

import (
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// options appends options as iproute2 spells them, which is not one way for all
// kinds: a bridge's flag is 0 or 1, a port's on or off, a vxlan's a word or the
// same with "no" before it. Files have one way for all.
func (l *cmdline) options(rows *[]optionRow, opts []Option) {
	for _, o := range opts {
		if r := findOption(rows, o.Name); r != nil {
			l.w(r.spell(o.Value)...)
		}
	}
}

func (r *optionRow) spell(value string) []string {
	f := r.schema.Field(r.typ)
	n, ok := r.number(value)
	switch {
	case f.Kind == nl.KindIP || !ok:
		return []string{r.name, value}
	case f.Names != nil && r.schema == &rtnl.VXLANAttrs:
		if n == 0 {
			return []string{"no" + r.name}
		}
		return []string{r.name}
	case f.Names != nil && r.schema != &rtnl.BridgeAttrs:
		if name := f.Names.Name(n); name != "" {
			return []string{r.name, name}
		}
	}
	base, prefix := 10, ""
	if r.name == "tos" { // read as hex, whatever it begins with
		base, prefix = 16, "0x"
	}
	return []string{r.name, prefix + strconv.FormatUint(uint64(n), base)}
}

// number reads an option's value, which may be a word.
func (r *optionRow) number(value string) (uint32, bool) {
	n, err := strconv.ParseUint(value, 0, 32)
	if err != nil {
		v, ok := r.schema.Field(r.typ).Names.Value(value)
		if !ok {
			return 0, false
		}
		n = uint64(v)
	}
	if n > uint64(r.most()) || r.protocol() && n != unix.ETH_P_8021Q && n != unix.ETH_P_8021AD {
		return 0, false
	}
	return uint32(n), true
}
