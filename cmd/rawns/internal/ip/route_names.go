package ip

import (
	"strconv"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// namedNumbers are words for the numbers of one field: built in ones, as the
// kernel's headers spell them, and those of iproute2's files, which are not
// opened before something else is asked for.
type namedNumbers struct {
	builtin *nl.Names
	files   []*nameFile
	base    int    // of a number that is written out: 0 guesses, as strtoul(3) does
	max     uint64 // the largest number
	hex     bool   // a number without a name is written in hex
}

var (
	scopeNames = namedNumbers{builtin: &rtnl.Scopes, files: []*nameFile{{file: "rt_scopes"}}, max: 255}
	protoNames = namedNumbers{builtin: &rtnl.Protocols, files: []*nameFile{{file: "rt_protos"}, {file: "rt_protos.d/"}}, max: 255}
	tableNames = namedNumbers{builtin: &rtnl.Tables, files: []*nameFile{{file: "rt_tables"}, {file: "rt_tables.d/"}}, max: 1<<32 - 1}
	realmNames = namedNumbers{builtin: &nl.Names{}, files: []*nameFile{{file: "rt_realms", builtin: []numberName{{0, "unknown"}}}}, max: 255}
	tosNames   = namedNumbers{builtin: &nl.Names{}, files: []*nameFile{{file: "rt_dsfield"}}, base: 16, max: 255, hex: true}
	// IFAPROT_, linux/if_addr.h
	addrProtoNames = namedNumbers{builtin: &nl.Names{List: []nl.Name{{Value: 0, Name: "unspec"}, {Value: 1, Name: "kernel_lo"},
		{Value: 2, Name: "kernel_ra"}, {Value: 3, Name: "kernel_ll"}}}, files: []*nameFile{{file: "rt_addrprotos"}}, max: 255}
)

// value returns the number that a word stands for, or is.
func (n *namedNumbers) value(word string) (uint32, bool) {
	if v, ok := n.builtin.Value(word); ok {
		return v, true
	}
	for _, f := range n.files {
		f.load()
		for _, e := range f.list {
			if e.name == word && uint64(e.num) <= n.max {
				return e.num, true
			}
		}
	}
	v, neg, ok := parseNumberBase(word, n.base)
	return uint32(v), ok && !(neg && v != 0) && v <= n.max
}

// name returns the word for a number, unescaped; the number itself if there is
// none, or if numeric asks for it.
func (n *namedNumbers) name(v uint32, numeric bool) string {
	if !numeric {
		if s := n.builtin.Name(v); s != "" {
			return s
		}
		for _, f := range n.files {
			f.load()
			for i := len(f.list) - 1; i >= 0; i-- {
				if f.list[i].num == v {
					return f.list[i].name
				}
			}
		}
	}
	if n.hex {
		return "0x" + string([]byte{hexdigits[v>>4&15], hexdigits[v&15]})
	}
	return strconv.FormatUint(uint64(v), 10)
}
