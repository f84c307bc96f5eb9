//go:build !tiny

package ip

import (
	"strconv"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A tunnelPrinter writes what a kind of tunnel says of itself. Which
// parameters there are is the kind's; how each looks is the same for all.
type tunnelPrinter struct {
	*linkPrinter
	t  *tunnel
	as [64]nl.Attr
}

func (p *linkPrinter) tunnel(t *tunnel, data nl.Attrs) *tunnelPrinter {
	tp := &tunnelPrinter{linkPrinter: p, t: t}
	data.Index(tp.as[:])
	return tp
}

// row returns the row of a parameter, or nil.
func (t *tunnelPrinter) row(param int) *tunnelParam {
	for i := range t.t.params {
		if p := &t.t.params[i]; int(p.param) == param {
			return p
		}
	}
	return nil
}

// at returns the attribute of a parameter.
func (t *tunnelPrinter) at(param int) (v nl.Attr) {
	if p := t.row(param); p != nil {
		v = t.as[p.attr]
	}
	return v
}

// num returns the number of a parameter, and whether it is there.
func (t *tunnelPrinter) num(param int) (v uint32, ok bool) {
	if p := t.row(param); p != nil {
		return tunnelNumber(p.kind, t.as[p.attr])
	}
	return 0, false
}

// bool writes a word for true and one for false, and in JSON which it is.
func (t *tunnelPrinter) bool(key string, v bool, yes, no string) {
	if v {
		no = yes
	}
	t.T(no)
	t.JBool(key, v)
}

// flagIf writes a word if one of a parameter's bits is set.
func (t *tunnelPrinter) flagIf(param int, bits uint32, key, text string) {
	if n, _ := t.num(param); n&bits != 0 {
		t.Flag(key, text)
	}
}

// external says that the tunnel's parameters come with each packet.
func (t *tunnelPrinter) external() {
	if t.at(tnlMetadata).Present() {
		t.Flag("external", "external ")
	}
}

func addrText(b []byte) string { return string(cli.AppendIP(nil, b)) }

// ends writes the addresses, and the link that the tunnel goes over.
func (t *tunnelPrinter) ends() {
	for _, end := range [...]struct {
		param int
		name  string
	}{{tnlRemote, "remote"}, {tnlLocal, "local"}} {
		s := "any"
		switch b := t.at(end.param).Bytes(); {
		case len(b) != 0 && len(b) != 4 && len(b) != 16:
			s = "unknown"
		case !zero(b):
			s = addrText(b)
		}
		t.Str(end.name, end.name+" ", s, " ")
	}
	if n, _ := t.num(tnlLink); n != 0 {
		t.Str("link", "dev ", t.r.name(int32(n)), " ")
	}
}

// mode writes what the tunnel carries.
func (t *tunnelPrinter) mode() {
	n, ok := t.num(tnlProto)
	for i := range tunnelModes {
		if m := &tunnelModes[i]; ok && m.family == t.t.family && uint32(m.proto) == n {
			t.Str("proto", "", m.name, " ")
			return
		}
	}
}

func (t *tunnelPrinter) ttl() { t.hops("ttl ") }

func (t *tunnelPrinter) hops(text string) {
	n, _ := t.num(tnlTTL)
	if n == 0 {
		t.T(text, "inherit ")
		t.JUint("ttl", 0)
		return
	}
	t.Uint("ttl", text, uint64(n), " ")
}

func (t *tunnelPrinter) tos() {
	switch n, _ := t.num(tnlTOS); {
	case n == 1 && !t.json:
		t.T("tos inherit ")
	case n != 0:
		t.Hex("tos", "tos ", uint64(n), " ")
	}
}

// gre writes the keys and flags of both directions.
func (t *tunnelPrinter) gre() {
	for _, k := range tnlKeys {
		if n, _ := t.num(k.flags); n&greKey != 0 && t.at(k.key).Present() {
			t.Str(dirNames[k.dir]+"key", dirNames[k.dir]+"key ", t.keyText(k.key), " ")
		}
	}
	for _, f := range [...]struct {
		bit  uint32
		name string
	}{{greSeq, "seq"}, {greCsum, "csum"}} {
		for _, k := range tnlKeys {
			t.flagIf(k.flags, f.bit, dirNames[k.dir]+f.name, dirNames[k.dir]+f.name+" ")
		}
	}
}

var dirNames = [...]string{tnlIn: "i", tnlOut: "o"}

func (t *tunnelPrinter) keyText(param int) string {
	n, _ := t.num(param)
	return addrText([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// key writes a key that is not zero.
func (t *tunnelPrinter) key(param int, name string) {
	if n, _ := t.num(param); n != 0 {
		t.Str(name, name+" ", t.keyText(param), " ")
	}
}

// fwmark writes the mark of the tunnel's packets; those in IPv6 may keep theirs.
func (t *tunnelPrinter) fwmark() {
	if p := t.row(tnlFlowinfo); p != nil {
		if n, _ := t.num(tnlFlags); n&ip6OrigFwmark != 0 {
			t.Flag("ip6_tnl_f_use_orig_fwmark", "fwmark inherit ")
			return
		}
	}
	if n, _ := t.num(tnlFwmark); n != 0 {
		t.Hex("fwmark", "fwmark ", uint64(n), " ")
	}
}

// ip6 writes what goes into the header of IPv6.
func (t *tunnelPrinter) ip6() {
	t.hops("hoplimit ")
	flags, _ := t.num(tnlFlags)
	if n, ok := t.num(tnlEncapLimit); flags&ip6IgnEncapLimit != 0 {
		t.Flag("ip6_tnl_f_ign_encap_limit", "encaplimit none ")
	} else if ok {
		t.Uint("encap_limit", "encaplimit ", uint64(n), " ")
	}
	flow, ok := t.num(tnlFlowinfo)
	if flags&ip6OrigTClass != 0 {
		t.Flag("ip6_tnl_f_use_orig_tclass", "tclass inherit ")
	} else if ok {
		t.Str("tclass", "tclass ", hexWide(flow&ip6TClassMask>>20, 2), " ")
	}
	if flags&ip6OrigFlowLabel != 0 {
		t.Flag("ip6_tnl_f_use_orig_flowlabel", "flowlabel inherit ")
	} else if ok {
		t.Str("flowlabel", "flowlabel ", hexWide(flow&ip6LabelMask, 5), " ")
	}
	t.flagIf(tnlFlags, ip6RcvDSCPCopy, "ip6_tnl_f_rcv_dscp_copy", "dscp inherit ")
}

// hexWide writes a number in hex with all of its digits.
func hexWide(v uint32, digits int) string {
	s := strconv.FormatUint(uint64(v), 16)
	for len(s) < digits {
		s = "0" + s
	}
	return "0x" + s
}

func (t *tunnelPrinter) erspan() {
	if n, ok := t.num(tnlErspanIndex); ok {
		t.Uint("erspan_index", "erspan_index ", uint64(n), " ")
	}
	if n, ok := t.num(tnlErspanVer); ok {
		t.Uint("erspan_ver", "erspan_ver ", uint64(n), " ")
	}
	if n, ok := t.num(tnlErspanDir); ok {
		s := "ingress"
		if n != 0 {
			s = "egress"
		}
		t.Str("erspan_dir", "erspan_dir ", s, " ")
	}
	if n, ok := t.num(tnlErspanHwid); ok {
		t.Hex("erspan_hwid", "erspan_hwid ", uint64(n), " ")
	}
}

// encap writes the UDP that the tunnel's packets are put into.
func (t *tunnelPrinter) encap() {
	typ, _ := t.num(tnlEncapType)
	if typ == 0 {
		return
	}
	flags, _ := t.num(tnlEncapFlags)
	sport, _ := t.num(tnlEncapSport)
	dport, _ := t.num(tnlEncapDport)
	t.Obj("encap")
	t.T("encap ")
	if int(typ) < len(encapTypes) {
		t.Str("type", "", encapTypes[typ], " ")
	} else {
		t.JNull("type")
		t.T("unknown ")
	}
	if sport == 0 {
		t.T("encap-sport auto ")
		t.JUint("sport", 0)
	} else {
		t.Uint("sport", "encap-sport ", uint64(sport), " ")
	}
	t.Uint("dport", "encap-dport ", uint64(dport), " ")
	t.bool("csum", flags&encapCsum != 0, "encap-csum ", "noencap-csum ")
	t.bool("csum6", flags&encapCsum6 != 0, "encap-csum6 ", "noencap-csum6 ")
	t.bool("remcsum", flags&encapRemCsum != 0, "encap-remcsum ", "noencap-remcsum ")
	t.EndObj()
}
