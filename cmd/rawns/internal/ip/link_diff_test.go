//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// busy sets most of the scene up, so that lists have something to say; quiet
// does as much as can be done without a packet on the veths, for counters.
const (
	busy = quiet + "ip link set v0 up; ip link set v1 up; ip link set br0 up; " +
		"for i in 1 2 3 4 5 6 7 8 9; do /sbin/ip link show br0 | grep -q 'state UP' && break; sleep 0.2; done; "
	quiet = "echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null; ip link set v0 master br0; ip link set v1 alias 'a \"quoted\" alias'; " +
		"ip link add w0 index 20 address 02:00:00:00:00:20 type veth peer name w1 netns blue; ip link set w0 group 7; " +
		"ip link set lo up; ping -c 100 -i 0.002 -s 1000 -q 127.0.0.1 >/dev/null; "
)

// linkLines change links; each is also one of the golden requests, as far as
// it is a single command.
var linkLines = []string{
	// Making.
	"ip link add d0 type veth peer name d1",
	"ip l a d0 type veth peer d1",
	"ip link add type veth",
	"ip link add name d0 type veth",
	"ip link add dev d0 mtu 1400 txqueuelen 5 up type veth peer name d1 mtu 1300 address 02:00:00:00:00:31",
	"ip link add d0 index 40 type veth peer name d1 index 41 netns blue",
	"ip link add d0 netns blue type veth peer name d1 netns blue",
	"ip link add d0 numtxqueues 3 numrxqueues 2 type veth peer name d1 numrxqueues 4",
	"ip link add d0 group 4 master br0 type veth peer name d1",
	"ip link add d0 addrgenmode none alias hello type veth",
	"ip link add d0 gso_max_size 60000 gso_max_segs 100 gro_max_size 50000 type veth",
	"ip link add d0 type veth peer name v0",
	"ip link replace d0 type veth peer name d1",
	"ip link replace br0 type bridge forward_delay 400",
	"ip link add name test-bridge type bridge",
	"ip link add d0 type bridge forward_delay 1000 hello_time 300 max_age 1200 ageing_time 100 stp_state 1 priority 7",
	"ip link add d0 type bridge group_fwd_mask 8 group_address 01:80:c2:00:00:0d no_linklocal_learn 1 fdb_flush",
	"ip link add d0 type bridge mcast_snooping 0 mcast_router 2 mcast_query_use_ifaddr 1 mcast_querier 1 mcast_hash_max 512",
	"ip link add d0 type bridge mcast_hash_elasticity 4 mcast_last_member_count 3 mcast_startup_query_count 4 mcast_stats_enabled 1",
	"ip link add d0 type bridge mcast_last_member_interval 200 mcast_membership_interval 300 mcast_querier_interval 400 mcast_query_interval 500 mcast_query_response_interval 400 mcast_startup_query_interval 600",
	"ip link add d0 type bridge mcast_igmp_version 3 mcast_mld_version 2",
	"ip link add d0 type bridge fo 1000 he 300 max 1200 age 100 st 1 pri 7",
	"ip link add d0 type bridge vlan_stats_per_port 0 nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 1",
	"ip link add i0 type ifb",
	"ip link add d0 type nosuchkind",
	"ip link add d0 type dummy",
	"ip link add v0 type veth",
	"ip link add x index 10 type bridge",
	"ip link add x link nosuch type veth",
	"ip -6 link add x type bridge",

	// Changing.
	"ip link set v0 up", "ip link set dev v0 up", "ip link set v0 up mtu 9000", "ip link set v0 mtu 0x500 down", "ip link change v0 up",
	"ip link set a-rather-long-alternative-name up",
	"ip link set if11 up",
	"ip link set v0 arp off multicast off allmulticast on promisc on dynamic on trailers off",
	"ip link set v0 arp on multicast on",
	"ip link set v0 txqueuelen 7", "ip link set v0 qlen 7", "ip link set v0 txql 7",
	"ip link set v0 address 02:00:00:00:00:77", "ip link set v0 address 2:0:0:0:0:77", "ip link set v0 brd 02:00:00:00:00:ff", "ip link set v0 broadcast ff:ff:ff:ff:ff:fe",
	"ip link set v0 name renamed", "ip link set v0 name v0", "ip link set v0 name v1", "ip link set v0 up; ip link set v0 name renamed",
	"ip link set v0 alias ''", "ip link set v0 alias 'two words'", "ip link set v0 alias x; ip link set v0 alias ''",
	"ip link set v0 group 7", "ip link set v0 group default", "ip link set group 0 mtu 1300", "ip link set group 0 up",
	"ip link set v0 master br0", "ip link set v0 mas br0 up", "ip link set v0 master br0; ip link set v0 nomaster",
	"ip link set v0 netns blue", "ip link set v0 netns blue name foo index 33 up", "ip link set v0 netns 1", "ip link set v0 netns $$", "ip link set v0 netns /run/netns/blue",
	"ip link set v0 addrgenmode none", "ip link set v0 addrgenmode EUI64", "ip link set v0 mode dormant", "ip link set v0 state dormant",
	"ip link set v0 gso_max_size 1000", "ip link set v0 gro_max_size 1000",
	"ip link set v0 xdp off", "ip link set v0 xdpgeneric off", "ip link set v0 xdpdrv off",
	"ip link set v0 carrier off", "ip link set v0 protodown on", "ip link set v0 protodown_reason 3 on",
	"ip link set br0 type bridge stp_state 1 forward_delay 1500", "ip link set br0 type bridge mcast_vlan_snooping 0", "ip link set br0 type bridge vlan_filtering 1",
	"ip link set v0 master br0; ip link set v0 type bridge_slave state 0 priority 5 cost 9 hairpin on guard on root_block on fastleave on",
	"ip link set v0 master br0; ip link set v0 type bridge_slave learning off flood off mcast_flood off bcast_flood off mcast_to_unicast on proxy_arp on proxy_arp_wifi on",
	"ip link set v0 master br0; ip link set v0 type bridge_slave mcast_router 2 neigh_suppress on group_fwd_mask 5 vlan_tunnel on isolated on locked on fdb_flush",
	"ip link set v0 master br0; ip link set v1 master br0; ip link set v0 type bridge_slave backup_port v1; ip -d -j link show v0; ip link set v0 type bridge_slave nobackup_port",
	"ip link set v0 master br0; ip link set v0 type bridge_slave group_fwd_mask 16397; ip -d link show v0",
	"ip link set v0 type bridge_slave cost 9",
	"ip link set v0 type veth peer name nosuch", "ip link set v0 type bridge",
	"ip -n blue link set lo up", "ip -n blue link add x type bridge", "ip -net blue link add x type veth peer name y",
	"ip link property add dev v1 altname second altname third", "ip link property add v1 altname second; ip link show second; ip link set second up",
	"ip link property del dev v0 altname a-rather-long-alternative-name", "ip link prop del v0 altname nosuch", "ip link property add dev v1 altname v0",

	// Taking away.
	"ip link del v0", "ip link delete dev v0", "ip link del br0 type bridge", "ip link del br0 type veth", "ip link del a-rather-long-alternative-name", "ip link del lo",
	"ip link set v1 group 5; ip link del group 5", "ip link del group 5", "ip link del nosuch",
}

func TestLinkSetLikeStock(t *testing.T) { likeStock(t, lines(linkLines...)) }

func TestLinkErrorsLikeStock(t *testing.T) {
	long := strings.Repeat("a", 300)
	cases := lines(
		"ip foo", "ip link foo", "ip -foo", "ip -f foo link", "ip -n nosuch link", "ip -c=foo link",
		"ip link set", "ip link set dev", "ip link set v0 v1", "ip link set v0 dev v1", "ip link set nosuch up", "ip link set v0 foo",
		"ip link set v0 mtu", "ip link set v0 mtu x", "ip link set v0 mtu 1x", "ip link set v0 mtu -5", "ip link set v0 mtu 4294967296", "ip link set v0 mtu 5 mtu 6", "ip link set v0 mtu 99999999", "ip link set v0 mtu 1",
		"ip link set v0 txqueuelen x", "ip link set v0 qlen x", "ip link set v0 txqueuelen 1 qlen 2",
		"ip link set v0 arp", "ip link set v0 arp maybe", "ip link set v0 promisc 1", "ip link set v0 carrier maybe", "ip link set v0 protodown maybe", "ip link set v0 dynamic x",
		"ip link set v0 address", "ip link set v0 address zz", "ip link set v0 address 00:11", "ip link set v0 address 00:11:22:33:44:55:66", "ip link set v0 broadcast x", "ip link set v0 address 01:00:00:00:00:00",
		"ip link set v0 name", "ip link set v0 name a name b", "ip link set v0 name abcdefghijklmnop", "ip link set v0 name a/b", "ip link set v0 name 'a b'", "ip link set v0 name ''", "ip link set v0 name .", "ip link set v0 name a:b",
		"ip link set '' up", "ip link set 'a b' up", "ip link set a/b up", "ip link set "+long+" up", "ip link add "+long+" type veth", "ip link add abcdefghijklmnop type veth", "ip link add a/b type veth", "ip link add '' type veth",
		"ip link add . type bridge", "ip link add .. type bridge", "ip link add a:b type bridge", "ip link add %d type bridge", "ip link add x%d type bridge",
		"ip link set v0 alias "+long, "ip link set v0 alias",
		"ip link set v0 group x", "ip link set group x up", "ip link set v0 group 2147483647", "ip link set v0 group 2147483648", "ip link set v0 group 0x80000000", "ip link set v0 group 4294967295", "ip link set v0 group -1", "ip link set v0 group ''", "ip link set group 2147483648 up", "ip link del group 2147483648", "ip link del group 0", "ip link add d0 group 2147483648 type veth", "ip link show group 2147483648", "ip addr show group 2147483648", "ip link set v0 group 1 group 2", "ip link add group 5 type veth", "ip link set group 5 up type bridge", "ip link set group 5 type bridge stp_state 1", "ip link del group",
		"ip link set v0 master", "ip link set v0 master nosuch", "ip link set v0 master v1", "ip link set br0 master br0", "ip link set v0 vrf nosuch", "ip link set v0 vrf v1", "ip link show vrf v0", "ip link show vrf nosuch", "ip link show master nosuch", "ip link show master",
		"ip link set v0 netns nosuch", "ip link set v0 netns", "ip link set v0 netns 99999999", "ip link set v0 netns blue netns blue", "ip link set v0 link-netns nosuch", "ip link set v0 link-netnsid x", "ip link set v0 link-netnsid 1 link-netns blue",
		"ip link set v0 index 5", "ip link add x index 0 type veth", "ip link add x index -1 type veth", "ip link add x index 5 index 6 type veth", "ip link add x index y type veth",
		"ip link set v0 addrgenmode x", "ip link set v0 mode x", "ip link set v0 state x", "ip link set v0 gso_max_segs 99999999", "ip link set v0 gso_max_size x", "ip link set v0 numtxqueues x", "ip link set v0 protodown_reason", "ip link set v0 protodown_reason x on", "ip link set v0 protodown_reason 3 maybe", "ip link set v0 protodown_reason 3",
		"ip link add", "ip link add x", "ip link add x type", "ip link add name x dev y type veth", "ip link add x y type veth", "ip link add x type veth peer name y type veth", "ip link add type veth peer foo bar", "ip link add x type veth foo", "ip link add x type veth peer name", "ip link add x type veth peer netns nosuch", "ip link add x type veth peer name a/b",
		"ip link set v0 type foo bar", "ip link set br0 type bridge forward_delay", "ip link set br0 type bridge forward_delay x", "ip link set br0 type bridge foo", "ip link set br0 type bridge vlan_protocol x", "ip link set br0 type bridge vlan_protocol 802.1ad", "ip link set br0 type bridge group_address x", "ip link set br0 type bridge no_linklocal_learn x", "ip link set br0 type bridge priority 65536", "ip link set br0 type bridge mcast_router 256", "ip link set br0 type bridge max_age 1",
		"ip link set v0 type bridge_slave foo", "ip link set v0 type bridge_slave hairpin foo", "ip link set v0 type bridge_slave cost x", "ip link set v0 type bridge_slave priority x", "ip link set v0 type bridge_slave state x", "ip link set v0 type bridge_slave mcast_router x", "ip link set v0 type bridge_slave backup_port nosuch",
		"ip link property foo", "ip link property add altname foo", "ip link property add dev v0 altname a/b", "ip link property add dev nosuch altname x", "ip link property add dev v0 v1", "ip link property add dev v0 altname", "ip link property add dev v0 altname ''",
		"ip link show nosuch", "ip link show ''", "ip link show a/b", "ip link show "+long, "ip link show v0 v1", "ip link show dev", "ip link show type", "ip link show group", "ip link show group x", "ip link show altname v0",
		"ip link set v0 $(printf 'a\\033[31mb')",
		"ip link del", "ip link del v0 v1",
	)
	for i := range cases {
		switch cases[i].Line {
		case "ip link set br0 type bridge foo", "ip link set v0 type bridge_slave foo":
			continue
		}
		if strings.Contains(cases[i].Line, `\033`) {
			cases[i].Words = "a terminal's escape sequence is not passed through"
		}
	}
	cases = append(cases,
		difftest.Case{Line: "ip", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip help", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip -h", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip -f", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip -V", Words: "the version is ours"},
		difftest.Case{Line: "ip link help", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip link set help", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip link help bridge", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip link help veth"},
		difftest.Case{Line: "ip link add x type bridge help", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip link property", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip link set v0 netns /dev/null", Words: "code: the file is looked at first"},
		difftest.Case{Line: "ip link show if11", Words: "code: what can be set up can be shown"},
		difftest.Case{Line: "ip link show group 4294967296", Words: "code: the stock tool takes it for group 0"},
		difftest.Case{Line: "ip link set v0 type dummy foo", Words: "code: the stock tool forgets about foo"},
		difftest.Case{Line: "ip link set v0 broadcast ff:ff:ff:ff:ff:fe", Words: "code: the stock tool sends the first byte alone"},
		difftest.Case{Line: "ip -n", Words: "the stock tool looks for a namespace called (null)"},
	)
	likeStock(t, cases)
}

func TestLinkShowLikeStock(t *testing.T) {
	filters := []string{"", "show", "list", "ls", "lst", "l", "show v0", "show dev v0", "show a-rather-long-alternative-name", "show w0", "show up",
		"show type veth", "show type bridge", "show type bridge_slave", "show type foo", "show master br0", "show nomaster", "show group default",
		"show group 7", "show dev w0 group 7", "show v0 up", "show lo up", "show up master br0 type veth"}
	few := []string{"", "show v0", "show w0 up", "show type bridge_slave"}
	// The namespace is the same for all lines of a case: they change nothing.
	show := func(before string, filters []string, options ...string) difftest.Case {
		var b strings.Builder
		b.WriteString(before)
		for _, o := range options {
			for _, f := range filters {
				b.WriteString("echo '# " + o + " link " + f + "'; ip " + o + " link " + f + "; echo $?; ")
			}
			b.WriteString("ip " + o + " -n blue link; ")
		}
		return difftest.Case{Line: b.String()}
	}
	s := difftest.Suite{Name: "ip", Tools: []string{"ping", "tee", "grep", "sleep"}, Setup: scene}
	s.Run(t, []difftest.Case{
		show(busy, filters, "", "-j -p -d"),
		show(busy, few, "-d", "-o", "-o -d", "-j", "-j -p", "-j -d", "-br", "-br -d -s", "-br -j", "-c", "-c -br", "-c -d", "-N", "-N -j", "-4", "-6 -d", "-f link", "-B", "-det", "-json -pretty"),
		show(quiet, few, "-s", "-s -s", "-s -s -h", "-h -iec -s", "-s -s -o", "-j -s -s", "-j -p -s", "-d -s"),
	})
}
