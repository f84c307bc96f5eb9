package rtnl_test

import (
	"errors"
	"fmt"
	"log"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// A namespace with a veth in it: two requests, and a list of what is there.
func Example() {
	n, err := ns.NewAnonymous()
	if err != nil {
		log.Fatal(err)
	}
	defer n.Close()
	conn, err := n.Dial()
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: 7})
	b.Str(rtnl.IFLA_IFNAME, "left")
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	peer := rtnl.VethPeer(&b, rtnl.IfInfomsg{Index: 8})
	b.Str(rtnl.IFLA_IFNAME, "right")
	b.U32(rtnl.IFLA_MTU, 1400)
	b.End(peer)
	b.End(data)
	b.End(info)
	if err := conn.Do(&b, nil); err != nil {
		log.Fatal(err)
	}

	b.Reset()
	rtnl.NewAddr(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 16, Index: 7})
	b.IP(rtnl.IFA_LOCAL, []byte{10, 1, 1, 2})
	b.IP(rtnl.IFA_ADDRESS, []byte{10, 1, 1, 2})
	if err := conn.Do(&b, nil); err != nil {
		log.Fatal(err)
	}

	b.Reset()
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	for m, err := range conn.Dump(&b) {
		if err != nil {
			log.Fatal(err)
		}
		l, err := rtnl.ParseLink(m)
		if err != nil {
			log.Fatal(err)
		}
		if mtu, ok := l.Attrs.U32(rtnl.IFLA_MTU); ok && l.Index > 1 {
			fmt.Printf("%d %s %s mtu %d\n", l.Index, l.Name(), l.Kind(), mtu)
		}
	}
	// Unordered output:
	// 8 right veth mtu 1400
	// 7 left veth mtu 1500
}

// What the kernel refuses comes back with its own words, the attribute that it
// objects to, and what it wants of it.
func ExampleAttrPath() {
	n, err := ns.NewAnonymous()
	if err != nil {
		log.Fatal(err)
	}
	defer n.Close()
	conn, err := n.Dial()
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 1})
	b.U16(nl.AttrU16(rtnl.IFLA_MTU), 1500) // two bytes, by force
	err = conn.Do(&b, nil)
	var refusal *nl.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Text)
		fmt.Println(rtnl.AttrPath(refusal.Request, refusal.Offset), "wants", refusal.Policy)
		fmt.Println(errors.Is(err, unix.ERANGE))
	}
	// Output:
	// Attribute failed policy validation
	// IFLA_MTU wants a u32
	// true
}
