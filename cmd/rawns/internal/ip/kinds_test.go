//go:build !tiny

package ip

import (
	"encoding/hex"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// Options of later iproute2 than the one that the golden requests are of:
// IFLA_INFO_DATA in hex.
func TestLaterKindOptions(t *testing.T) {
	skipOnBigEndian(t)
	for line, want := range map[string]string{
		"ip link set v0 type vxlan nolocalbypass":                        "05001f00 00000000",
		"ip link set v0 type vxlan localbypass":                          "05001f00 01000000",
		"ip link set v0 type macvlan bclim -1":                           "08000900 ffffffff",
		"ip link set v0 type bond coupled_control off":                   "05002000 00000000",
		"ip link set v0 type hsr interlink v1":                           "08000800 0c000000",
		"ip link set v0 type rmnet mux_id 5 ingress-deaggregation on":    "06000100 05000000 0c000200 01000000 01000000",
		"ip link set v0 type rmnet egress-mapv5-checksum off":            "0c000200 00000000 20000000",
		"ip link add d0 type netkit":                                     "",
		"ip link add d0 type netkit mode l2 blackhole":                   "08000500 00000000 08000300 02000000",
		"ip link add d0 type netkit forward peer blackhole":              "08000300 00000000 08000400 02000000",
		"ip link add d0 type netkit scrub none peer scrub default":       "08000600 00000000 08000700 01000000",
		"ip link add d0 type netkit headroom 64 tailroom 32 mode l3":     "06000800 40000000 06000900 20000000 08000500 01000000",
		"ip link add d0 type netkit peer name d1":                        "1c000100 00000000 00000000 00000000 00000000 07000300 64310000",
		"ip link add d0 type netkit mode l3 peer forward name d1 up":     "08000500 01000000 08000400 00000000 1c000100 00000000 00000000 01000000 01000000 07000300 64310000",
		"ip link add d0 type netkit peer mode l2 blackhole mtu 1400":     "08000500 00000000 08000400 02000000 1c000100 00000000 00000000 00000000 00000000 08000400 78050000",
		"ip link add d0 link v0 type macvlan bclim 2147483647 mode vepa": "08000900 ffffff7f 08000100 02000000",
	} {
		l, err := rtnl.ParseLink(requestOf(t, line))
		if err != nil {
			t.Fatal(err)
		}
		got := hex.EncodeToString(l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA))
		if got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s\ngot  %s\nwant %s", line, got, want)
		}
	}
	for line, want := range map[string]string{
		"ip link add d0 type netkit mode l4":               `Error: argument of "mode" must be either "l3" or "l2"`,
		"ip link add d0 type netkit mode l2 mode l3":       `Error: duplicate "mode": "l3" is the second value.`,
		"ip link add d0 type netkit scrub all":             `Error: argument of "scrub" must be either "default" or "none"`,
		"ip link add d0 type netkit foo":                   `netkit: unknown option "foo"?`,
		"ip link add d0 type netkit peer name d1 type x":   `Error: duplicate "type": "x" is the second value.`,
		"ip link set v0 type macvlan bclim x":              `Error: argument of "bclim" must be an integer [-2147483648-2147483647], not "x"`,
		"ip link set v0 type bond coupled_control perhaps": `Error: argument "perhaps" is wrong: invalid coupled_control`,
		"ip link set v0 type rmnet ingress-commands maybe": `Error: argument of "ingress-commands" must be "on" or "off", not "maybe"`,
		"ip link add d0 type gtp role sgsn foo":            `gtp: unknown command "foo"?`,
	} {
		_, _, err := parse(difftest.Words(line))
		if err == nil {
			t.Errorf("%s: no error", line)
		} else if first, _, _ := strings.Cut(err.Error(), "\n"); first != want {
			t.Errorf("%s: %q, want %q", line, first, want)
		}
	}
}

// What later iproute2 shows, or what no table names.
func TestLaterKindsAreShown(t *testing.T) {
	skipOnBigEndian(t)
	for _, c := range []struct {
		kind       string
		put        func(b *nl.Builder)
		text, json string
	}{
		{"netkit", func(b *nl.Builder) {
			b.U32(rtnl.IFLA_NETKIT_MODE, 1)
			b.U8(rtnl.IFLA_NETKIT_PRIMARY, 1)
			b.U32(rtnl.IFLA_NETKIT_POLICY, 0)
			b.U32(rtnl.IFLA_NETKIT_PEER_POLICY, 2)
			b.U32(rtnl.IFLA_NETKIT_SCRUB, 1)
			b.U32(rtnl.IFLA_NETKIT_PEER_SCRUB, 7)
		}, "netkit mode l3 type primary policy forward peer policy blackhole scrub default peer scrub UNKNOWN ",
			`{"mode":"l3","type":"primary","policy":"forward","peer_policy":"blackhole","scrub":"default","peer_scrub":"UNKNOWN"}`},
		{"vxlan", func(b *nl.Builder) {
			b.U32(rtnl.IFLA_VXLAN_ID, 5)
			b.U8(rtnl.IFLA_VXLAN_LOCALBYPASS, 0)
		}, "vxlan id 5 nolocalbypass ", `{"id":5,"localbypass":false}`},
		{"somekind", func(b *nl.Builder) {
			b.U32(nl.AttrU32(5), 0x0100000a)
			b.Flag(nl.AttrFlag(7))
			b.Str(nl.AttrStr(9), "a\x1b")
		}, "somekind attr 5 0x0a000001 attr 7 0x attr 9 0x611b00 ", `{"attr_5":"0x0a000001","attr_7":"0x","attr_9":"0x611b00"}`},
		{"somekind_slave", func(b *nl.Builder) { b.U8(nl.AttrU8(1), 255) }, "somekind_slave attr 1 0xff ", `{"attr_1":"0xff"}`},
	} {
		m := shownLink("d0", 100, func(b *nl.Builder) {
			at := rtnl.IFLA_INFO_DATA
			if kind, port := strings.CutSuffix(c.kind, "_slave"); port {
				at = rtnl.IFLA_INFO_SLAVE_DATA
				b.StrN(rtnl.IFLA_INFO_SLAVE_KIND, kind)
			} else {
				b.StrN(rtnl.IFLA_INFO_KIND, kind)
			}
			n := b.Nest(at)
			c.put(b)
			b.End(n)
		})
		ms := []nl.Message{shownLink("lo", 1, nil), shownLink("br0", 10, nil), shownLink("v0", 11, nil), shownLink("v1", 12, nil), m}
		if got := showLinks(t, ms, globals{details: 1}); !strings.Contains(got, "\n    "+c.text+"\n") {
			t.Errorf("%s: %q is not in\n%s", c.kind, c.text, got)
		}
		if got := showLinks(t, ms, globals{details: 1, json: true}); !strings.Contains(got, `data":`+c.json) {
			t.Errorf("%s: %s is not in\n%s", c.kind, c.json, got)
		}
	}
}

// A pair of netkit links, where the kernel has them.
func TestNetkit(t *testing.T) {
	nstest.NeedKind(t, "netkit")
	nstest.NewNamed(t, "nk")
	for _, l := range []string{"link add nk0 type netkit mode l2 blackhole peer forward name nk1 mtu 1400", "link set nk0 up"} {
		if _, e, code := runLine("ip -n nk "+l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	for line, want := range map[string]string{
		"-d link show nk0":    "netkit mode l2 type primary policy blackhole peer policy forward ",
		"-d -j link show nk1": `"mode":"l2","type":"peer","policy":"forward","peer_policy":"blackhole"`,
		"link show nk1":       "mtu 1400",
	} {
		if out, e, code := runLine("ip -n nk "+line, 0); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: %d %s%s: no %q", line, code, out, e, want)
		}
	}
}
