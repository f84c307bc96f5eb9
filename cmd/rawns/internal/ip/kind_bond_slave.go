package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

var bondPortOptions = table{name: "bond_slave", wrong: "% is invalid", attrs: &rtnl.BondPortAttrs, rows: []option{
	{name: "queue_id", val: valU16, attr: uint16(rtnl.IFLA_BOND_SLAVE_QUEUE_ID), arg: "ID", about: helps("the queue that is sent by this port")},
	{name: "prio", exact: true, val: valInt, attr: uint16(rtnl.IFLA_BOND_SLAVE_PRIO), arg: "PRIORITY", about: helps("which port to prefer: the greatest")},
}}

var bondPortFields = []field{
	{uint16(rtnl.IFLA_BOND_SLAVE_STATE), "state", "state ", showWordIndex},
	{uint16(rtnl.IFLA_BOND_SLAVE_MII_STATUS), "mii_status", "mii_status ", showWordIndex},
	{uint16(rtnl.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT), "link_failure_count", "link_failure_count ", showInt},
	{uint16(rtnl.IFLA_BOND_SLAVE_PERM_HWADDR), "perm_hwaddr", "perm_hwaddr ", showMAC},
	{uint16(rtnl.IFLA_BOND_SLAVE_QUEUE_ID), "queue_id", "queue_id ", showInt},
	{uint16(rtnl.IFLA_BOND_SLAVE_PRIO), "prio", "prio ", showInt},
	{uint16(rtnl.IFLA_BOND_SLAVE_AD_AGGREGATOR_ID), "ad_aggregator_id", "ad_aggregator_id ", showInt},
	{uint16(rtnl.IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE), "ad_actor_oper_port_state", "ad_actor_oper_port_state ", showADState},
	{uint16(rtnl.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE), "ad_partner_oper_port_state", "ad_partner_oper_port_state ", showADState},
}

// showWordIndex writes a word, or a number that has none.
func showWordIndex(l *linkPrinter, f *field, v nl.Attr) {
	if s := l.word(f, v); s != "" {
		l.Str(f.key, f.text, s, " ")
	} else if n, ok := number(v); ok {
		l.Int(f.key+"_index", f.text, int64(n), " ")
	}
}

// showADState writes the bits of an 802.3ad port's state, twice.
func showADState(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	if !ok {
		return
	}
	l.Int(f.key, f.text, int64(n), " ")
	l.Arr(f.key+"_str", f.key+"_str <")
	sep := ""
	for i := range rtnl.BondPortADStates.List {
		if b := &rtnl.BondPortADStates.List[i]; uint32(n)&b.Value != 0 {
			l.Str("", sep, b.Name, "")
			sep = ","
		}
	}
	l.EndArr("> ")
}
