package ip

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

var macvlanOptions = table{name: "macvlan", attrs: &rtnl.MACVLANAttrs, rows: []option{
	{name: "mode", val: valWord, attr: uint16(rtnl.IFLA_MACVLAN_MODE), arg: "{ private | vepa | bridge | passthru | source }",
		says: &saying{must: `"private", "vepa", "bridge", "passthru" or "source", not "%"`}, about: helps("which of the links on the same one see each other")},
	{name: "flag", val: valFunc, arg: "{ null | nopromisc | nodst }", parse: macvlanFlag, about: helps("nopromisc: leave the link below as it is; nodst: broadcasts go to nobody else")},
	{name: "macaddr", val: valFunc, arg: "{ { add | del } LLADDR | set [ LLADDR ]... | flush }", parse: macvlanAddr, about: helps("the addresses that mode source takes frames from")},
	{name: "nopromisc", val: valFunc, parse: macvlanNoPromisc, about: helps("the same as flag nopromisc")},
	{name: "bcqueuelen", val: valU32, attr: uint16(rtnl.IFLA_MACVLAN_BC_QUEUE_LEN), arg: "BC_QUEUE_LEN", says: &saying{must: `a positive integer [0-4294967295], not "%"`}, about: helps("broadcasts that may wait")},
	// Of later iproute2:
	{name: "bclim", val: valInt, attr: uint16(rtnl.IFLA_MACVLAN_BC_CUTOFF), arg: "LIMIT", says: &saying{must: `an integer [-2147483648-2147483647], not "%"`}, about: helps("from how many links on broadcasts wait")},
}}

// macvlanLast are sent when all words are read.
var macvlanLast = []uint16{uint16(rtnl.IFLA_MACVLAN_MODE), uint16(rtnl.IFLA_MACVLAN_FLAGS)}

const macvlanFlagged = 1 << 31 // in boolMask: flags were given

func macvlanFlag(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	bit, ok := rtnl.MACVLANFlags.Value(w)
	if a.err == nil && !ok && w != "null" {
		a.failf(exitMissing, `Error: argument of "flag" must be "nopromisc", "nodst" or "null", not "`, w, `"`)
	}
	s.setBit(bit|macvlanFlagged, true)
}

func macvlanNoPromisc(_ *args, st state, _ *option) {
	st.(*linkState).setBit(1|macvlanFlagged, true)
}

const ethAddrLen = 6 // ETH_ALEN, linux/if_ether.h

// macvlanAddr reads what happens to the list of addresses that a macvlan of
// mode source takes frames from.
func macvlanAddr(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	mode, ok := rtnl.MACVLANAddrModes.Value(w)
	if a.err == nil && !ok {
		a.fail(&failure{code: exitMissing, text: s.k.usage()})
		return
	}
	s.b.U32(rtnl.IFLA_MACVLAN_MACADDR_MODE, mode)
	switch w {
	case "add", "del":
		w := a.next()
		if a.err != nil {
			return
		}
		m := a.lladdr(w)
		if a.err == nil && len(m) != ethAddrLen {
			a.fail(&failure{code: exitMissing, text: `"` + cli.Safe(w) + `" is not an Ethernet address`})
		}
		s.b.MAC(rtnl.IFLA_MACVLAN_MACADDR, m)
	case "set":
		n := s.b.Nest(rtnl.IFLA_MACVLAN_MACADDR_DATA)
		for a.more() {
			one := args{w: a.w}
			m := one.lladdr(one.next())
			if one.err != nil || len(m) != ethAddrLen {
				break
			}
			a.next()
			s.b.MAC(rtnl.IFLA_MACVLAN_MACADDR, m)
		}
		s.b.End(n)
	}
}

func finishMACVLAN(a *args, s *linkState, _ *seen) {
	if s.boolMask == 0 {
		return
	}
	mode, _ := s.get(uint16(rtnl.IFLA_MACVLAN_MODE)).U32()
	if passthru, _ := rtnl.MACVLANModes.Value("passthru"); s.boolValue&1 != 0 && mode != passthru {
		k := s.k
		a.fail(&failure{code: exitMissing, text: k.name + ": nopromisc flag only valid in passthru mode\n" + k.usage()})
	}
	s.b.U16(rtnl.IFLA_MACVLAN_FLAGS, uint16(s.boolValue))
}

var macvlanFields = [...]field{
	{uint16(rtnl.IFLA_MACVLAN_MODE), "mode", "mode ", showWord},
	{uint16(rtnl.IFLA_MACVLAN_FLAGS), "", "", showMACVLANFlags},
	{uint16(rtnl.IFLA_MACVLAN_BC_QUEUE_LEN), "bcqueuelen", "bcqueuelen ", showUint},
	{uint16(rtnl.IFLA_MACVLAN_BC_QUEUE_LEN_USED), "usedbcqueuelen", "usedbcqueuelen ", showUint},
}

func showMACVLANFlags(l *linkPrinter, _ *field, v nl.Attr) {
	n, _ := v.U16()
	for i := range rtnl.MACVLANFlags.List {
		if f := &rtnl.MACVLANFlags.List[i]; uint32(n)&f.Value != 0 {
			l.Flag(f.Name, f.Name+" ")
		}
	}
}

// showMACVLAN writes the options, and in mode source the list of addresses.
func showMACVLAN(l *linkPrinter, data nl.Attrs) {
	mode, ok := data.U32(rtnl.IFLA_MACVLAN_MODE)
	if !ok {
		return
	}
	l.fields(macvlanFields[:], data)
	count, ok := data.U32(rtnl.IFLA_MACVLAN_MACADDR_COUNT)
	if source, _ := rtnl.MACVLANModes.Value("source"); mode != source || !ok {
		return
	}
	l.Int("macaddr_count", "remotes (", int64(int32(count)), ") ")
	list, ok := data.Get(uint16(rtnl.IFLA_MACVLAN_MACADDR_DATA))
	if !ok {
		return
	}
	l.Arr("macaddr_data", "")
	for a := range list.Attrs().All() {
		if m := a.Bytes(); a.Type() == uint16(rtnl.IFLA_MACVLAN_MACADDR) && len(m) >= ethAddrLen {
			l.Str("", "", string(cli.AppendMAC(nil, m[:ethAddrLen])), " ")
		}
	}
	l.EndArr("")
}
