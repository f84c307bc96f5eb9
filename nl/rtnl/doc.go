// Package rtnl is rtnetlink's vocabulary on top of package nl: per object
// (link, addr, route, neigh, nsid) its constants as the kernel's headers spell
// them, one table, functions that begin a request, and a view of a reply.
//
// A request is begun, filled with attributes, and sent:
//
//	rtnl.NewAddr(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 16, Index: index})
//	b.IP(rtnl.IFA_LOCAL, []byte{10, 1, 1, 2})
//	b.IP(rtnl.IFA_ADDRESS, []byte{10, 1, 1, 2})
//	err := conn.Do(&b, nil)
//
// It holds what was appended and nothing else; an attribute's Go type says
// which method of the Builder it goes with. A reply is parsed into a view,
// whose Attrs are asked for what is wanted:
//
//	for m, err := range conn.Dump(&b) {
//		...
//		l, err := rtnl.ParseLink(m)
//		mtu, ok := l.Attrs.U32(rtnl.IFLA_MTU)
//
// The tables (LinkAttrs, AddrAttrs, ...; TypeOf finds one by message type)
// name every attribute with its number and kind; tests hold them against the
// kernel's own specification.
//
// A new object is a file with these four parts and rows in tables.go; a new
// link kind is a file kind_NAME.go and a row in kinds.go.
package rtnl
