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
			for _, c := range f.Cases {
				walk(c.Sub)
			}
		}
	}
	for _, m := range Types() {
		walk(m.Attrs)
	}
	// What AttrsOf chooses besides, and what stands behind a structure.
	for _, s := range []*nl.Schema{&BridgeLinkAttrs, &MDBRequestAttrs, &MDBEntryAttrs, &RouterPortAttrs} {
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
			if f.Kind == nl.KindSelect && (len(f.Cases) == 0 || s.Field(f.By) == nil || s.Field(f.By).Kind != nl.KindStr && (s.Field(f.By).Kind != nl.KindU16 || s.Field(f.By).Names == nil)) {
				t.Errorf("%s: %s cannot be selected by %d", name, f.Name, f.By)
			}
			if f.Kind == nl.KindStruct && f.Layout == nil || f.Layout != nil && f.Kind != nl.KindStruct {
				t.Errorf("%s: %s: structure and layout do not match", name, f.Name)
			}
		}
		if s.Field(0xfff) != nil {
			t.Errorf("%s: found a row that is not there", name)
		}
	}
	for _, m := range Types() {
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
			Name  string
			Type  string
			Value *int
			Hint  string `json:"display-hint"`
			Order string `json:"byte-order"`
		} `json:"attributes"`
	} `json:"attribute-sets"`
	Defs []struct {
		Name    string
		Type    string
		Members []struct {
			Name, Type string
			Len        int
		}
	} `json:"definitions"`
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
		{"rt-link", "ifla-vf-guid", &VFGUID},
		{"rt-addr", "ifaddrmsg", &ifaddrmsgLayout}, {"rt-addr", "ifa-cacheinfo", &IfaCacheinfo},
		{"rt-route", "rtmsg", &rtmsgLayout}, {"rt-route", "rta-cacheinfo", &RtaCacheinfo},
		{"rt-rule", "fib-rule-hdr", &fibRuleLayout}, {"rt-rule", "fib-rule-port-range", &FibRulePortRange}, {"rt-rule", "fib-rule-uid-range", &FibRuleUIDRange},
		{"rt-neigh", "ndmsg", &ndmsgLayout}, {"rt-neigh", "nda-cacheinfo", &NdaCacheinfo},
		{"rt-neigh", "ndtmsg", &ndtmsgLayout}, {"rt-neigh", "ndt-config", &NdtConfig}, {"rt-neigh", "ndt-stats", &NdtStats},
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
				}
			}
		}
	}
	if known < 250 {
		t.Errorf("only %d attributes were compared", known)
	}
	for _, c := range structs {
		found := false
		for _, d := range load(c.file).Defs {
			if d.Name != c.name {
				continue
			}
			found = true
			if len(d.Members) != len(c.l.Members) {
				t.Errorf("%s has %d members there, %d here", c.name, len(d.Members), len(c.l.Members))
				continue
			}
			off := 0
			for i, m := range d.Members {
				size := m.Len
				if n, err := strconv.Atoi(strings.TrimLeft(m.Type, "us")); err == nil {
					size = n / 8
					off = (off + size - 1) / size * size
				}
				got := c.l.Members[i]
				if size == 0 {
					size = 1
				}
				if got.Name != strings.ReplaceAll(m.Name, "-", "_") || got.Off != off || memberSize(got) != size {
					t.Errorf("%s: member %d is %s at %d of %d bytes there, %+v here", c.name, i, m.Name, off, size, got)
				}
				off += size
			}
		}
		if !found {
			t.Errorf("the specification has no %s", c.name)
		}
	}
}

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
