package rtnl

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rawns/nl"
)

// schemas walks every table that a message type can reach.
func schemas(t *testing.T) map[string]*nl.Schema {
	out := map[string]*nl.Schema{}
	var walk func(s *nl.Schema)
	walk = func(s *nl.Schema) {
		if s == nil || out[s.Name] == s {
			return
		}
		if out[s.Name] != nil {
			t.Errorf("two schemas are called %q", s.Name)
		}
		out[s.Name] = s
		for _, f := range s.Fields {
			walk(f.Sub)
			for _, c := range cases(f) {
				walk(c.Sub)
			}
		}
	}
	for _, m := range Types() {
		walk(m.Attrs)
	}
	// What AttrsOf chooses besides, and what stands behind a structure.
	for _, s := range []*nl.Schema{&BridgeLinkAttrs, &MDBRequestAttrs, &nl.AckAttrs} {
		walk(s)
	}
	return out
}

// Field searches by halves, so rows must ascend; and a kind must come with
// what it needs.
func TestTablesAreSound(t *testing.T) {
	all := schemas(t)
	if len(all) < 13 {
		t.Errorf("only %d schemas are reachable", len(all))
	}
	for name, s := range all {
		for i, f := range s.Fields {
			if i > 0 && s.Fields[i-1].Type >= f.Type {
				t.Errorf("%s: %s stands behind %s", name, f.Name, s.Fields[i-1].Name)
			}
			if got := s.Field(f.Type); got == nil || got.Name != f.Name {
				t.Errorf("%s: Field(%d) is %v", name, f.Type, got)
			}
			if f.Kind == nl.KindSelect && (len(cases(f)) == 0 || s.Field(f.By) == nil || s.Field(f.By).Kind != nl.KindStr && (s.Field(f.By).Kind != nl.KindU16 || s.Field(f.By).Names == nil)) {
				t.Errorf("%s: %s cannot be selected by %d", name, f.Name, f.By)
			}
			if needs := f.Kind == nl.KindStruct || f.Kind == nl.KindHops || f.Kind == nl.KindVia; needs != (f.Layout != nil) {
				t.Errorf("%s: %s: structure and layout do not match", name, f.Name)
			}
		}
		if s.Field(0xfff) != nil {
			t.Errorf("%s: found a row that is not there", name)
		}
	}
	types := Types()
	for i, m := range types {
		end := 0
		for _, mem := range m.Header.Members {
			if mem.Off < end {
				t.Errorf("%s: %s overlaps", m.Header.Name, mem.Name)
			}
			end = mem.Off + memberSize(mem)
		}
		if end > m.Header.Size || m.Header.Size%4 != 0 {
			t.Errorf("%s: %d bytes used of %d", m.Header.Name, end, m.Header.Size)
		}
		if i > 0 && types[i-1].Type >= m.Type {
			t.Errorf("%s stands behind %s", m.Name, types[i-1].Name)
		}
		if TypeOf(m.Type).Name != m.Name {
			t.Errorf("TypeOf(%d) is not %s", m.Type, m.Name)
		}
	}
}

func memberSize(m nl.Member) int {
	if n := intSize(m.Kind); n > 0 {
		return n
	}
	switch m.Kind {
	case nl.KindBE16:
		return 2
	case nl.KindBE32:
		return 4
	}
	return max(m.Size, 1)
}

// A constant's Go type chooses the bytes that the encoder writes, its row's
// kind those that everything else reads: they must agree.
func TestConstantsAgreeWithRows(t *testing.T) {
	want := map[nl.Kind][]string{
		nl.KindFlag: {"AttrFlag"}, nl.KindU8: {"AttrU8"}, nl.KindU16: {"AttrU16"}, nl.KindU32: {"AttrU32"}, nl.KindU64: {"AttrU64"},
		nl.KindS32: {"AttrS32"}, nl.KindBE16: {"AttrBE16"}, nl.KindBE32: {"AttrBE32"}, nl.KindStr: {"AttrStr", "AttrStrN"},
		nl.KindBytes: {"AttrBytes"}, nl.KindStruct: {"AttrBytes"}, nl.KindIP: {"AttrIP"}, nl.KindMAC: {"AttrMAC"},
		nl.KindNest: {"AttrNest", "AttrNestF"}, nl.KindSelect: {"AttrNest", "AttrNestF"}, nl.KindMessage: {"AttrNest"}, nl.KindIndex: {"AttrU32", "AttrS32"},
		nl.KindUint: {"AttrBytes"}, nl.KindArray: {"AttrNest"}, nl.KindBE64: {"AttrBytes"},
		nl.KindHops: {"AttrBytes"}, nl.KindVia: {"AttrBytes"}, nl.KindLabels: {"AttrBytes"},
	}
	// A name may have several rows: IFLA_STATS_GET_FILTERS holds masks for the
	// attributes of another table. One of them must agree.
	rows := map[string][]nl.Field{}
	for _, s := range schemas(t) {
		for _, f := range s.Fields {
			rows[f.Name] = append(rows[f.Name], f)
		}
	}
	files, _ := filepath.Glob("*.go")
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, sp := range g.Specs {
				v := sp.(*ast.ValueSpec)
				typ, ok := v.Type.(*ast.SelectorExpr)
				if !ok || !strings.HasPrefix(typ.Sel.Name, "Attr") {
					continue
				}
				seen++
				name := v.Names[0].Name
				fs, ok := rows[name]
				if !ok {
					t.Errorf("%s has no row", name)
					continue
				}
				fits := false
				for _, f := range fs {
					if n, _ := strconv.Atoi(v.Values[0].(*ast.BasicLit).Value); uint16(n) != f.Type {
						t.Errorf("%s is %d, its row says %d", name, n, f.Type)
					}
					fits = fits || slices.Contains(want[f.Kind], typ.Sel.Name)
				}
				if !fits {
					t.Errorf("%s is an nl.%s, its row's kind %d wants %v", name, typ.Sel.Name, fs[0].Kind, want[fs[0].Kind])
				}
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d constants seen", seen)
	}
}

// spec is what is used here of the kernel's own specification,
// Documentation/netlink/specs.
type spec struct {
	Sets []struct {
		Name   string
		Subset string `json:"subset-of"`
		Attrs  []struct {
			Name   string
			Type   string
			Value  *int
			Hint   string `json:"display-hint"`
			Order  string `json:"byte-order"`
			Enum   string
			Struct string
			Sub    string `json:"sub-message"`
			By     string `json:"selector"`
			Nested string `json:"nested-attributes"`
		} `json:"attributes"`
	} `json:"attribute-sets"`
	Defs []struct {
		Name    string
		Type    string
		Entries []specEntry
		Members []struct {
			Name, Type, Enum string
			Len              int
		}
	} `json:"definitions"`
	Subs []struct {
		Name    string
		Formats []struct {
			Value string
			Set   string `json:"attribute-set"`
		}
	} `json:"sub-messages"`
	Operations struct {
		List []struct{ Name string }
	}
}

// A specEntry is a name, or a name and its number.
type specEntry struct {
	Name  string
	Value *uint32
}

func (e *specEntry) UnmarshalJSON(p []byte) error {
	if len(p) > 0 && p[0] == '"' {
		return json.Unmarshal(p, &e.Name)
	}
	type plain specEntry
	return json.Unmarshal(p, (*plain)(e))
}

// Where our tables say otherwise than the specification, and why.
var specDiffers = map[string]string{
	"IFLA_COST":                    "never sent by the kernel",
	"IFLA_PRIORITY":                "never sent by the kernel",
	"IFLA_WIRELESS":                "struct iw_event",
	"IFLA_PROTINFO":                "a nest: of bridge port attributes, or inet6's",
	"IFLA_PROTO_DOWN_REASON":       "a nest, net/core/rtnetlink.c",
	"IFLA_DEVLINK_PORT":            "a nest, net/core/rtnetlink.c",
	"IFLA_BOND_SLAVE_PRIO":         "NLA_S32, drivers/net/bonding/bond_netlink.c",
	"IFLA_NETKIT_PEER_INFO":        "an ifinfomsg and attributes, drivers/net/netkit.c",
	"IFLA_BR_VLAN_PROTOCOL":        "nla_put_be16, net/bridge/br_netlink.c",
	"IFLA_BR_FDB_FLUSH":            "NLA_FLAG, net/bridge/br_netlink.c",
	"IFLA_BR_MCAST_QUERIER_STATE":  "a nest, net/bridge/br_multicast.c",
	"IFLA_PORT_SELF":               "the specification lists none of the attributes",
	"IFLA_VF_PORTS":                "the specification lists none of the attributes",
	"RTA_MULTIPATH":                "structures with attributes behind them",
	"RTA_VIA":                      "a structure with an address behind it",
	"RTA_NEWDST":                   "only MPLS knows it: labels",
	"RTA_MFC_STATS":                "struct rta_mfc_stats",
	"IFA_TARGET_NETNSID":           "NLA_S32, net/ipv4/devinet.c",
	"RTA_ENCAP":                    "a nest",
	"RTA_SPORT":                    "nla_get_be16, net/ipv4/route.c",
	"RTA_DPORT":                    "nla_get_be16, net/ipv4/route.c",
	"FRA_DST":                      "an address",
	"FRA_SRC":                      "an address",
	"FRA_TUN_ID":                   "big-endian, net/core/fib_rules.c",
	"NDA_PORT":                     "nla_get_be16, drivers/net/vxlan",
	"NDA_FDB_EXT_ATTRS":            "a nest, net/bridge/br_fdb.c",
	"NDA_UNSPEC":                   "number 0 is unused",
	"RTA_PAD":                      "padding",
	"IFLA_STATS_LINK_XSTATS":       "a nest, net/core/rtnetlink.c",
	"IFLA_STATS_LINK_XSTATS_SLAVE": "a nest, net/core/rtnetlink.c",
	"IFLA_STATS_AF_SPEC":           "a nest, net/core/rtnetlink.c",
	"IFLA_IPTUN_FLAGS":             "two bytes of sit, four of ip6tnl",
	"IFLA_INET6_TOKEN":             "an address",
	"IFA_ANYCAST":                  "an address",
	"IFA_MULTICAST":                "an address",
}

// The tables against the kernel's specification: every attribute there has a
// row of its number, its name, and its type. Skipped where the specification
// is not beside the repository.
func TestTablesAgainstSpecification(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "ynl")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the kernel's specification is not here: ", err)
	}
	sets := []struct {
		file, set, prefix string
		s                 *nl.Schema
	}{
		{"rt-link", "link-attrs", "IFLA_", &LinkAttrs},
		{"rt-link", "prop-list-link-attrs", "IFLA_", &PropListAttrs},
		{"rt-link", "af-spec-attrs", "IFLA_AF_", &AfSpecAttrs},
		{"rt-link", "linkinfo-attrs", "IFLA_INFO_", &LinkInfoAttrs},
		{"rt-link", "linkinfo-bridge-attrs", "IFLA_BR_", &BridgeAttrs},
		{"rt-link", "linkinfo-brport-attrs", "IFLA_BRPORT_", &BridgePortAttrs},
		{"rt-link", "linkinfo-gre-attrs", "IFLA_GRE_", &GREAttrs},
		{"rt-link", "linkinfo-gre6-attrs", "IFLA_GRE_", &GREAttrs},
		{"rt-link", "linkinfo-iptun-attrs", "IFLA_IPTUN_", &IPTunAttrs},
		{"rt-link", "linkinfo-ip6tnl-attrs", "IFLA_IPTUN_", &IPTunAttrs},
		{"rt-link", "linkinfo-vti-attrs", "IFLA_VTI_", &VTIAttrs},
		{"rt-link", "linkinfo-vti6-attrs", "IFLA_VTI_", &VTIAttrs},
		{"rt-link", "linkinfo-tun-attrs", "IFLA_TUN_", &TunAttrs},
		{"rt-link", "stats-attrs", "IFLA_STATS_", &StatsAttrs},
		{"rt-link", "link-offload-xstats", "IFLA_OFFLOAD_XSTATS_", &OffloadXStatsAttrs},
		{"rt-link", "hw-s-info-one", "IFLA_OFFLOAD_XSTATS_HW_S_INFO_", &HWStatsInfoAttrs},
		{"rt-link", "ifla-attrs", "IFLA_INET_", &InetAttrs},
		{"rt-link", "ifla6-attrs", "IFLA_INET6_", &Inet6Attrs},
		{"rt-link", "xdp-attrs", "IFLA_XDP_", &XDPAttrs},
		{"rt-link", "mctp-attrs", "IFLA_MCTP_", &MCTPAttrs},
		{"rt-link", "vfinfo-list-attrs", "IFLA_VF_", &VFInfoListAttrs},
		{"rt-link", "vfinfo-attrs", "IFLA_VF_", &VFInfoAttrs},
		{"rt-link", "vf-stats-attrs", "IFLA_VF_STATS_", &VFStatsAttrs},
		{"rt-link", "vf-vlan-attrs", "IFLA_VF_VLAN_", &VFVLANListAttrs},
		{"rt-link", "link-dpll-pin-attrs", "DPLL_A_PIN_", &DPLLPinAttrs},
		{"rt-link", "linkinfo-bond-attrs", "IFLA_BOND_", &BondAttrs},
		{"rt-link", "bond-ad-info-attrs", "IFLA_BOND_AD_INFO_", &BondADInfoAttrs},
		{"rt-link", "bond-slave-attrs", "IFLA_BOND_SLAVE_", &BondPortAttrs},
		{"rt-link", "linkinfo-geneve-attrs", "IFLA_GENEVE_", &GeneveAttrs},
		{"rt-link", "linkinfo-vlan-attrs", "IFLA_VLAN_", &VLANAttrs},
		{"rt-link", "ifla-vlan-qos", "IFLA_VLAN_QOS_", &VLANQoSAttrs},
		{"rt-link", "linkinfo-vrf-attrs", "IFLA_VRF_", &VRFAttrs},
		{"rt-link", "linkinfo-netkit-attrs", "IFLA_NETKIT_", &NetkitAttrs},
		{"rt-link", "linkinfo-ovpn-attrs", "IFLA_OVPN_", &OVPNAttrs},
		{"rt-addr", "addr-attrs", "IFA_", &AddrAttrs},
		{"rt-route", "route-attrs", "RTA_", &RouteAttrs},
		{"rt-route", "metrics", "RTAX_", &MetricAttrs},
		{"rt-neigh", "neighbour-attrs", "NDA_", &NeighAttrs},
		{"rt-neigh", "ndt-attrs", "NDTA_", &NeighTblAttrs},
		{"rt-neigh", "ndtpa-attrs", "NDTPA_", &NeighParmAttrs},
		{"rt-rule", "fib-rule-attrs", "FRA_", &RuleAttrs},
	}
	structs := []struct {
		file, name string
		l          *nl.Layout
	}{
		{"rt-link", "ifinfomsg", &ifinfomsgLayout}, {"rt-link", "rtnl-link-stats64", &LinkStats64}, {"rt-link", "rtnl-link-stats", &LinkStats},
		{"rt-link", "rtnl-link-ifmap", &LinkIfmap}, {"rt-link", "ifla-bridge-id", &BridgeID}, {"rt-link", "br-boolopt-multi", &BoolOptMulti},
		{"rt-link", "ifla-vlan-flags", &VLANFlagsMask}, {"rt-link", "ifla-vlan-qos-mapping", &VLANQoSMapping}, {"rt-link", "ifla-geneve-port-range", &GenevePortRange},
		{"rt-link", "ifla-vf-mac", &VFMAC}, {"rt-link", "ifla-vf-vlan", &VFVLAN}, {"rt-link", "ifla-vf-tx-rate", &VFTxRate}, {"rt-link", "ifla-vf-spoofchk", &VFSpoofchk},
		{"rt-link", "ifla-vf-link-state", &VFLinkState}, {"rt-link", "ifla-vf-rate", &VFRate}, {"rt-link", "ifla-vf-rss-query-en", &VFRSSQueryEn}, {"rt-link", "ifla-vf-trust", &VFTrust},
		{"rt-link", "ifla-vf-guid", &VFGUID}, {"rt-link", "ifla-vf-vlan-info", &VFVLANInfo}, {"rt-link", "rtgenmsg", &rtgenmsgLayout}, {"rt-rule", "rtgenmsg", &rtgenmsgLayout},
		{"rt-link", "ifla-cacheinfo", &Inet6Cacheinfo}, {"rt-link", "if-stats-msg", &ifStatsMsgLayout},
		{"rt-addr", "ifaddrmsg", &ifaddrmsgLayout}, {"rt-addr", "ifa-cacheinfo", &IfaCacheinfo},
		{"rt-route", "rtmsg", &rtmsgLayout}, {"rt-route", "rta-cacheinfo", &RtaCacheinfo},
		{"rt-rule", "fib-rule-hdr", &fibRuleLayout}, {"rt-rule", "fib-rule-port-range", &FibRulePortRange}, {"rt-rule", "fib-rule-uid-range", &FibRuleUIDRange},
		{"rt-neigh", "ndmsg", &ndmsgLayout}, {"rt-neigh", "nda-cacheinfo", &NdaCacheinfo},
		{"rt-neigh", "ndtmsg", &ndtmsgLayout}, {"rt-neigh", "ndt-config", &NdtConfig}, {"rt-neigh", "ndt-stats", &NdtStats},
	}
	enums := []struct {
		file, name string
		n          *nl.Names
	}{
		{"rt-link", "ifinfo-flags", &LinkFlags}, {"rt-link", "vlan-protocols", &EtherTypes}, {"rt-link", "vlan-flags", &VLANFlags},
		{"rt-link", "ifla-vf-link-state-enum", &VFLinkStates}, {"rt-link", "rtext-filter", &ExtMasks}, {"rt-link", "netkit-policy", &NetkitPolicies},
		{"rt-link", "netkit-mode", &NetkitModes}, {"rt-link", "netkit-scrub", &NetkitScrubs}, {"rt-link", "ovpn-mode", &OVPNModes},
		{"rt-addr", "ifa-flags", &AddrFlags}, {"rt-route", "rtm-type", &RouteTypes}, {"rt-neigh", "rtm-type", &RouteTypes},
		{"rt-neigh", "nud-state", &NeighStates}, {"rt-neigh", "ntf-flags", &NeighFlags}, {"rt-neigh", "ntf-ext-flags", &NeighExtFlags},
		{"rt-rule", "fr-act", &RuleActions},
	}
	arrays := []struct { // whose numbers are places in an array
		file, name string
		l          *nl.Layout
	}{
		{"rt-link", "ipv4-devconf", &InetConf}, {"rt-link", "ipv6-devconf", &Inet6Conf}, {"rt-link", "ifla-icmp6-stats", &ICMP6Stats}, {"rt-link", "ifla-inet6-stats", &Inet6Stats},
	}
	namesOf := map[string]*nl.Names{}
	for _, e := range enums {
		namesOf[e.file+"/"+e.name] = e.n
	}
	layoutOf := map[string]*nl.Layout{}
	for _, c := range structs {
		layoutOf[c.file+"/"+c.name] = c.l
	}
	schemaOf := map[string]*nl.Schema{}
	for _, c := range sets {
		schemaOf[c.file+"/"+c.set] = c.s
	}
	specs := map[string]*spec{}
	load := func(file string) *spec {
		if specs[file] == nil {
			p, err := os.ReadFile(filepath.Join(dir, file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			specs[file] = &spec{}
			if err := json.Unmarshal(p, specs[file]); err != nil {
				t.Fatal(err)
			}
		}
		return specs[file]
	}
	known := 0
	for _, c := range sets {
		sp := load(c.file)
		numbers := map[string]int{}
		for pass := range 2 { // the subset's numbers are the whole set's
			for _, set := range sp.Sets {
				if pass == 0 && set.Subset == "" {
					n := 1
					for _, a := range set.Attrs {
						if a.Value != nil {
							n = *a.Value
						}
						numbers[set.Name+"/"+a.Name] = n
						n++
					}
				}
				if pass == 0 || set.Name != c.set {
					continue
				}
				base := set.Name
				if set.Subset != "" {
					base = set.Subset
				}
				for _, a := range set.Attrs {
					name := c.prefix + strings.ToUpper(strings.ReplaceAll(a.Name, "-", "_"))
					f := c.s.Field(uint16(numbers[base+"/"+a.Name]))
					if f == nil || f.Name != name {
						t.Errorf("%s: %s is number %d there; here that is %v", c.set, name, numbers[base+"/"+a.Name], f)
						continue
					}
					known++
					if a.Type != "" && specDiffers[name] == "" && !specKind(f.Kind, a.Type, a.Hint, a.Order, strings.HasPrefix(name, "IFLA_BRPORT_")) {
						t.Errorf("%s: %s is %s %s there, kind %d here", c.set, name, a.Type, a.Hint, f.Kind)
					}
					if a.Enum != "" && (f.Names == nil || f.Names != namesOf[c.file+"/"+a.Enum]) {
						t.Errorf("%s: %s has the words of %s there, others here", c.set, name, a.Enum)
					}
					if a.Struct != "" && (f.Layout == nil || f.Layout != layoutOf[c.file+"/"+a.Struct]) {
						t.Errorf("%s: %s is the structure %s there, another here", c.set, name, a.Struct)
					}
					if a.Nested != "" && specDiffers[name] == "" && (f.Sub == nil || f.Sub != schemaOf[c.file+"/"+a.Nested]) {
						t.Errorf("%s: %s holds %s there, something else here", c.set, name, a.Nested)
					}
					if a.Sub != "" {
						by := c.s.Field(f.By)
						if want := c.prefix + strings.ToUpper(strings.ReplaceAll(a.By, "-", "_")); by == nil || by.Name != want {
							t.Errorf("%s: %s is chosen by %s there, %v here", c.set, name, want, by)
						}
						for _, sub := range sp.Subs {
							for _, form := range sub.Formats {
								if sub.Name != a.Sub {
									continue
								}
								if got := f.Case([]byte(form.Value)); got == nil || got != schemaOf[c.file+"/"+form.Set] {
									t.Errorf("%s: %s of a %s is %s there, %v here", c.set, name, form.Value, form.Set, got)
								}
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d attributes", known)
	numbers := 0
	seen := map[string]bool{}
	for _, e := range enums {
		seen[e.file+"/"+e.name] = true
		for _, d := range load(e.file).Defs {
			if d.Name != e.name {
				continue
			}
			v := uint32(0)
			for i, x := range d.Entries {
				if x.Value != nil {
					v = *x.Value
				}
				n := v
				if d.Type == "flags" || e.n.Flags {
					n = 1 << i
				}
				numbers++
				if got := e.n.Name(n); !sameWord(got, x.Name) && (got != "" || !specReserved[x.Name]) {
					t.Errorf("%s: %d is %q there, %q here", e.name, n, x.Name, got)
				}
				v++
			}
		}
	}
	for _, c := range arrays {
		seen[c.file+"/"+c.name] = true
		for _, d := range load(c.file).Defs {
			if d.Name != c.name {
				continue
			}
			if len(d.Entries) > len(c.l.Members) || len(d.Entries) < len(c.l.Members) && !specGrew[c.name] {
				t.Errorf("%s has %d places there, %d here", c.name, len(d.Entries), len(c.l.Members))
				continue
			}
			for i, x := range d.Entries {
				numbers++
				m := c.l.Members[i]
				if !sameWord(m.Name, x.Name) || m.Off != i*memberSize(m) {
					t.Errorf("%s: place %d is %s there, %s at %d here", c.name, i, x.Name, m.Name, m.Off)
				}
			}
		}
	}
	t.Logf("%d words for numbers", numbers)
	members := 0
	for _, c := range structs {
		seen[c.file+"/"+c.name] = true
		found := false
		for _, d := range load(c.file).Defs {
			if d.Name != c.name {
				continue
			}
			found = true
			ours := c.l.Members
			if n := len(ours) - 1; n == len(d.Members) && ours[n].Kind == nl.KindUnused {
				ours = ours[:n] // the padding of a message's header to four bytes
			}
			if specGrew[c.name] && len(ours) > len(d.Members) {
				ours = ours[:len(d.Members)]
			}
			if len(d.Members) != len(ours) {
				t.Errorf("%s has %d members there, %d here", c.name, len(d.Members), len(ours))
				continue
			}
			off := 0
			for i, m := range d.Members {
				size := m.Len
				if n, err := strconv.Atoi(strings.TrimLeft(m.Type, "us")); err == nil {
					size = n / 8
					off = (off + size - 1) / size * size
				}
				got := ours[i]
				if size == 0 {
					size = 1
				}
				members++
				if c.name+"."+m.Name == "ifla-vf-vlan-info.vlan-proto" {
					size = 2 // __be16 in linux/if_link.h
				}
				if !sameWord(got.Name, m.Name) || got.Off != off || memberSize(got) != size {
					t.Errorf("%s: member %d is %s at %d of %d bytes there, %+v here", c.name, i, m.Name, off, size, got)
				}
				if (m.Type == "pad") != (got.Kind == nl.KindUnused) {
					t.Errorf("%s: %s is %s there, kind %d here", c.name, m.Name, m.Type, got.Kind)
				}
				if m.Enum != "" && (got.Names == nil || got.Names != namesOf[c.file+"/"+m.Enum]) {
					t.Errorf("%s: %s has the words of %s there, others here", c.name, m.Name, m.Enum)
				}
				off += size
			}
		}
		if !found {
			t.Errorf("the specification has no %s", c.name)
		}
	}
	t.Logf("%d members of structures", members)
	// And the other way round: nothing of the specification was left out.
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	for _, path := range files {
		file := strings.TrimSuffix(filepath.Base(path), ".json")
		for _, set := range load(file).Sets {
			if schemaOf[file+"/"+set.Name] == nil && len(set.Attrs) > 0 {
				t.Errorf("%s: no table is compared with %s", file, set.Name)
			}
		}
		for _, d := range load(file).Defs {
			if !seen[file+"/"+d.Name] {
				t.Errorf("%s: nothing is compared with the %s %s", file, d.Type, d.Name)
			}
		}
		for _, op := range load(file).Operations.List {
			want := "RTM_" + strings.ToUpper(strings.TrimSuffix(op.Name, "-ntf"))
			if !slices.ContainsFunc(Types(), func(m MessageType) bool { return m.Name == want }) {
				t.Errorf("%s: no message type %s", file, want)
			}
		}
	}
	if len(files) < 5 || known < 500 || numbers < 200 || members < 170 {
		t.Errorf("only %d files, %d attributes, %d words, %d members were compared", len(files), known, numbers, members)
	}
}

// The kernel's headers and iproute2 spell some words otherwise than the
// specification does.
var specWords = map[string]string{
	"loosebinding": "looseb", "8021q": "802.1q", "8021ad": "802.1ad", "homeaddress": "home", "managetempaddr": "mngtmpaddr", "mcautojoin": "autojoin",
	"unspec": "none", "pointtopoint": "pointopoint", "extlearned": "externlearn", "offloaded": "offload", "totbl": "table", "disable": "disabled",
	"family": "rtgenfamily",
}

// sameWord compares a word of ours with one of the specification.
func sameWord(ours, theirs string) bool {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s)) }
	o, w := plain(ours), plain(theirs)
	return o == w || o != "" && o == specWords[w]
}

// Where the kernel sends more than the specification has by now: the end of a
// structure, or of an array.
var specGrew = map[string]bool{"rta-cacheinfo": true, "ipv6-devconf": true, "ifla-inet6-stats": true}

// Numbers that the specification names though nothing has used them.
var specReserved = map[string]bool{"res3": true, "res4": true}

func specKind(k nl.Kind, typ, hint, order string, brport bool) bool {
	switch typ {
	case "u8":
		return k == nl.KindU8
	case "u16":
		return k == nl.KindBE16 && order == "big-endian" || k == nl.KindU16 && order == ""
	case "u32":
		return k == nl.KindBE32 && order == "big-endian" || order == "" && (k == nl.KindU32 || k == nl.KindIndex)
	case "u64":
		return k == nl.KindU64
	case "s32":
		return k == nl.KindS32 || k == nl.KindIndex
	case "uint":
		return k == nl.KindUint
	case "string":
		return k == nl.KindStr
	case "flag": // the one-byte switches of a bridge port, see BridgePortAttrs
		return k == nl.KindFlag || brport && k == nl.KindU8
	case "nest":
		return k == nl.KindNest
	case "indexed-array":
		return k == nl.KindArray
	case "sub-message":
		return k == nl.KindSelect
	case "pad", "unused":
		return k == nl.KindUnused
	case "binary":
		switch hint {
		case "mac":
			return k == nl.KindMAC
		case "ipv4", "ipv6", "ipv4-or-v6":
			return k == nl.KindIP
		}
		return k == nl.KindBytes || k == nl.KindStruct
	}
	return false
}

// cases returns the schemas that a KindSelect selects from.
func cases(f nl.Field) []nl.Case {
	if f.Cases == nil {
		return nil
	}
	return *f.Cases
}
