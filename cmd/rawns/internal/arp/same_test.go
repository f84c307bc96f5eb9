package arp

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) {
	difftest.Helper(Run)
	nstest.Main(m)
}

// etc are a host's files of names; no name server answers.
const etc = `
mount --bind /dev/null /etc/resolv.conf
mount -t tmpfs etc /mnt
printf '127.0.0.1 localhost\n10.1.1.9 nine nein\n10.1.1.8 a-rather-long-host-name.example.com\n10.9.0.0 netsname\n' >/mnt/hosts
printf 'bignet 10.9.0.0\n' >/mnt/networks
mount --bind /mnt/hosts /etc/hosts
mount --bind /mnt/networks /etc/networks
printf '# c\n\n10.1.1.70 02:00:00:00:00:70\n02:00:00:00:00:71 10.1.1.71 temp\n10.1.1.72\n10.1.1.73 02:00:00:00:00:73 pub\nnosuch 02:00:00:00:00:73\n10.1.1.74 zz\n   10.1.1.75  02:00:00:00:00:75  \n' >/mnt/ethers
printf '10.1.1.76 02:00:00:00:00:76\n10.1.1.77 02:00:00:00:00:76 bogus\n10.1.1.78 02:00:00:00:00:76\n' >/mnt/bogus
printf '10.1.1.80 v0 pub\n' >/mnt/devices
`

// suite has two interfaces, a bridge, and neighbours of each kind.
var suite = difftest.Suite{
	Name: "arp",
	Setup: etc + `
ip -batch - <<.
link set lo up
link add v0 index 101 address 02:00:00:00:00:01 type veth peer name v1 index 102 address 02:00:00:00:00:02
link set v0 addrgenmode none up
link set v1 addrgenmode none up
addr add 10.1.1.1/24 dev v0
addr add 10.1.2.1/24 dev v1 label v1:7
route add default via 10.1.1.254
link add br0 index 103 address 02:00:00:00:00:03 type bridge
neigh add 10.1.1.2 lladdr 02:00:00:00:00:12 dev v0
neigh add 10.1.1.8 lladdr 02:00:00:00:00:12 dev v0
neigh add 10.1.1.9 lladdr 02:00:00:00:00:12 dev v0 nud stale
neigh add 10.1.2.3 lladdr 02:00:00:00:00:13 dev v1
neigh add 10.1.1.4 lladdr 02:00:00:00:00:14 dev v0 nud noarp
neigh add proxy 10.1.1.5 dev v0
neigh add 10.1.1.6 dev v0 nud failed
neigh add 10.1.1.15 lladdr 02:00:00:00:00:12 dev v0
neigh add proxy 10.1.1.15 dev v0
neigh add 10.9.0.0 lladdr 02:00:00:00:00:19 dev br0
.
`,
	State: `ip -d neigh | sort; ip neigh show proxy | sort; grep . /proc/sys/net/ipv4/conf/*/proxy_arp`,
}

const sorted = " | (read -r head; echo \"$head\"; sort)"

// lines are carried out by both.
var lines = []string{
	// lists
	"arp" + sorted, "arp -n" + sorted, "arp -e" + sorted, "arp -ne" + sorted, "arp -v" + sorted, "arp -D" + sorted, "arp --numeric" + sorted,
	"arp -a | sort", "arp -an | sort", "arp -va | sort", "arp --all -n | sort", "arp -ae" + sorted,
	"arp 10.1.1.2", "arp -n 10.1.1.2", "arp -a 10.1.1.2", "arp -an 10.1.1.2", "arp -v 10.1.1.2", "arp 10.1.1.2 10.1.1.3", "arp 10.1.1.6", "arp -a 10.1.1.6",
	"arp 10.1.1.5", "arp -a 10.1.1.5", "arp 10.1.1.4", "arp nine", "arp -a nein", "arp 10.1.1.8", "arp -a 10.1.1.8", "arp bignet", "arp -n bignet",
	"arp 10.1.1.99", "arp -a 10.1.1.99", "arp -v 10.1.1.99", "arp nosuch", "arp -a nosuch", "arp -i v0 -e nosuch", "arp default", "arp -a default", "arp 0x0a010102",
	"arp -i v1", "arp -i v9", "arp -n --device v1", "arp -an -i v1", "arp -i v1 10.1.1.2", "arp -i v1:7", "arp -i br0 -n", "arp -nibr0",
	"arp -H ether" + sorted, "arp -t ether -an | sort", "arp -H arcnet", "arp -H arcnet -a", "arp --hw-type=ether -i v1 -n", "arp --hw ether -i v1", "arp -vn -H arcnet",
	"arp -A inet -i v1", "arp -p inet -i v1",
	// what is refused
	"arp -H loop", "arp -H nosuch", "arp -t unspec", "arp -H ppp -s 10.1.1.2 x", "arp -A inet6", "arp -A nosuch", "arp -p unix", "arp -N -i v1", "arp -x", "arp --nosuch",
	"arp -i", "arp --hw", "arp --ver", "arp --all=3", "arp -V | head -1", "arp --version | head -1", "arp -h 2>/dev/null | head -1", "arp --help 2>/dev/null | head -1", "arp -?",
	"arp --he >/dev/null",
	// -s
	"arp -s", "arp -s 10.1.1.20", "arp -s 10.1.1.20 02:00:00:00:00:20", "arp --set 10.1.1.20 02:00:00:00:00:20", "arp -s 10.1.1.2 02:00:00:00:00:20", "arp -s 10.1.1.2 02:00:00:00:00:20 temp",
	"arp -s 10.1.1.6 02:00:00:00:00:20", "arp -s 10.1.1.4 02:00:00:00:00:20", "arp -s 10.1.1.9 02:00:00:00:00:20 temp", "arp -s 10.1.1.21 02:00:00:00:00:22 temp", "arp -s 10.1.1.21 02:00:00:00:00:22 temp; arp -n 10.1.1.21",
	"arp -s 10.1.1.22 02:00:00:00:00:22 pub", "arp -s 10.1.1.22 02:00:00:00:00:02 pub", "arp -i v0 -s 10.1.1.23 02:00:00:00:00:22 pub", "arp -i v1 -s 10.1.1.23 02:00:00:00:00:22",
	"arp -s 10.99.1.1 02:00:00:00:00:22", "arp -s 10.99.1.1 02:00:00:00:00:22 pub", "arp -i v0 -s 10.99.1.1 02:00:00:00:00:22", "arp -s 10.99.1.2 02:00:00:00:00:22 dev v0", "arp -i v1 -s 10.99.1.2 02:00:00:00:00:22 dev v0",
	"arp -i nosuch -s 10.99.1.3 02:00:00:00:00:22", "arp -i nosuch -s 10.99.1.3 02:00:00:00:00:22 pub", "arp -i lo -s 10.99.1.3 02:00:00:00:00:22", "arp -i lo -s 10.99.1.3 02:00:00:00:00:22 pub", "arp -i v1:7 -s 10.99.1.4 02:00:00:00:00:22",
	"arp -i br0 -s 10.99.1.5 02:00:00:00:00:22", "arp -s 10.1.1.1 02:00:00:00:00:22", "arp -s 10.1.1.255 02:00:00:00:00:22", "arp -s 127.0.0.1 02:00:00:00:00:22", "arp -s 224.0.0.1 02:00:00:00:00:22 dev v0", "arp -s 0.0.0.0 02:00:00:00:00:22 dev v0",
	"arp -s nine 02:00:00:00:00:22", "arp -s bignet 02:00:00:00:00:22 dev v0", "arp -s nosuch 02:00:00:00:00:22", "arp -s 10.1.1 02:00:00:00:00:22",
	"arp -s 10.1.1.30 2:0:0:0:0:3", "arp -s 10.1.1.30 020000000003", "arp -s 10.1.1.30 02:00:00:00:00:AB", "arp -s 10.1.1.30 zz", "arp -s 10.1.1.31 ff:ff:ff:ff:ff:ff", "arp -s 10.1.1.31 00:00:00:00:00:00", "arp -s 10.1.1.31 01:00:00:00:00:00",
	"arp -s 10.1.1.32 02:00:00:00:00:22 trail", "arp -s 10.1.1.33 02:00:00:00:00:22 priv", "arp -s 10.1.1.33 02:00:00:00:00:22 pub priv", "arp -i v0 -s 10.1.1.33 02:00:00:00:00:22 priv pub", "arp -s 10.1.1.34 02:00:00:00:00:22 dontpub", "arp -s 10.1.1.35 02:00:00:00:00:22 auto",
	"arp -s 10.1.1.35 02:00:00:00:00:22 foo", "arp -s 10.1.1.36 02:00:00:00:00:22 dev", "arp -s 10.1.1.37 02:00:00:00:00:22 netmask", "arp -s 10.1.1.37 02:00:00:00:00:22 netmask 255.255.255.255", "arp -i v0 -s 10.1.1.37 02:00:00:00:00:22 netmask 255.255.255.255 pub",
	"arp -s 10.1.1.0 02:00:00:00:00:22 netmask 255.255.255.0 pub", "arp -s 10.1.1.0 02:00:00:00:00:22 netmask 255.255.255.0", "arp -i v0 -s 10.1.1.0 02:00:00:00:00:22 netmask 255.255.255.0 pub", "arp -s 10.1.1.37 02:00:00:00:00:22 netmask x pub",
	"arp -s 0.0.0.0 02:00:00:00:00:22 netmask 0.0.0.0 pub", "arp -i v0 -s 0.0.0.0 02:00:00:00:00:22 netmask 0.0.0.0 pub", "arp -s 0.0.0.0 02:00:00:00:00:02 netmask default pub",
	"arp -i v0 -Ds 10.1.1.40 v1 pub", "arp -Ds 10.1.1.41 v1", "arp -Ds 10.1.1.41 v1 pub", "arp -Ds 10.1.1.42 nosuch pub", "arp -Ds 10.1.1.42 lo pub", "arp -Ds 10.1.1.42 lo", "arp -H ether -Ds 10.1.1.42 lo pub", "arp -H ether -Ds 10.1.1.42 v1 pub", "arp -D -s 10.1.1.42 v1", "arp --use-device --set 10.1.1.42 v1",
	"arp -v -Ds 10.1.1.43 v1 pub", "arp -v -Ds 10.1.1.43 lo pub", "arp -v -s 10.1.1.44 02:00:00:00:00:22",
	"arp -H arcnet -s 10.1.1.45 22", "arp -H fddi -s 10.1.1.45 02:00:00:00:00:22", "arp -H ash -s 10.1.1.45 02:00:00:00:00:22", "arp -H eui64 -s 10.1.1.45 02:00:00:00:00:22:00:00", "arp -H hippi -s 10.1.1.45 02:00:00:00:00:22", "arp -H ax25 -s 10.1.1.45 N0CALL", "arp -H x25 -s 10.1.1.45 16", "arp -H netrom -s 10.1.1.45 N0CALL",
	"arp -a -s 10.1.1.90 02:00:00:00:00:90", "arp -s -a 10.1.1.90 02:00:00:00:00:90", "arp -s 10.1.1.91 02:00:00:00:00:90 -i v0", "arp -d -s 10.1.1.91 02:00:00:00:00:90", "arp -sn 10.1.1.91 02:00:00:00:00:90",
	// -d
	"arp -d", "arp -d 10.1.1.2", "arp --delete 10.1.1.2", "arp -d 10.1.1.2; arp -d 10.1.1.2", "arp -d 10.1.1.99", "arp -d 10.1.1.6", "arp -d 10.1.1.5", "arp -d 10.1.1.5 pub", "arp -i v0 -d 10.1.1.5", "arp -i v0 -d 10.1.1.5 pub", "arp -d 10.1.1.5 pub dev v0", "arp -d 10.1.1.15", "arp -d 10.1.1.15 pub", "arp -i v0 -d 10.1.1.15 pub", "arp -i v0 -d 10.1.1.15 priv", "arp -d 10.1.1.15 pub priv",
	"arp -i v1 -d 10.1.1.2", "arp -i v0 -d 10.1.1.2", "arp -d 10.99.1.2", "arp -i v0 -d 10.99.1.2", "arp -i nosuch -d 10.99.1.1", "arp -i nosuch -d 10.99.1.1 pub", "arp -d nosuch", "arp -d nein", "arp -d bignet", "arp -d bignet dev br0", "arp -d 127.0.0.1",
	"arp -v -d 10.1.1.2", "arp -v -d 10.1.1.2 pub", "arp -v -d 10.1.1.99 temp", "arp -d 10.1.1.2 temp trail dontpub auto", "arp -d 10.1.1.2 temp trail auto", "arp -d 10.1.1.2 foo", "arp -d 10.1.1.2 dev", "arp -d 10.1.1.2 netmask", "arp -d 10.1.1.2 netmask nosuch", "arp -d 10.1.1.2 netmask 255.255.255.0", "arp -d 10.1.1.2 netmask 255.255.255.255",
	"arp -H arcnet -d 10.1.1.2", "arp -H ether -d 10.1.1.2", "arp -d 10.1.1.0 netmask 255.255.255.0 pub", "arp -d 0.0.0.0 netmask 0.0.0.0 pub", "echo 1 >/proc/sys/net/ipv4/conf/all/proxy_arp; arp -d 0.0.0.0 netmask 0.0.0.0 pub", "echo 1 >/proc/sys/net/ipv4/conf/v0/proxy_arp; arp -i v0 -d 0.0.0.0 netmask 0.0.0.0 pub",
	// -f
	"arp -f /mnt/nosuch", "arp -f", "arp -f /mnt/ethers", "arp -v -f /mnt/ethers", "arp --file /mnt/ethers", "arp -f /mnt/bogus", "arp -D -i v1 -f /mnt/devices", "arp -Df /mnt/devices", "arp -i v1 -f /mnt/ethers",
}

// others differ on purpose.
var others = []difftest.Case{
	{Line: "arp -s 10.1.1.30 02:00:00:00:00", Words: "code: the original takes the last byte from memory"},
	{Line: "arp -d 10.1.1.4", Words: "code: the original says that there is none, and deletes it"},
}

// Who may not is told so before all else.
func TestUnprivileged(t *testing.T) {
	s := suite
	s.Tools = []string{"setpriv"}
	const as = "setpriv --inh-caps=-all --bounding-set=-all "
	var cases []difftest.Case
	for _, l := range []string{
		"arp -s 10.1.1.20 02:00:00:00:00:20", "arp -s 10.99.1.1 02:00:00:00:00:22", "arp -i nosuch -s 10.99.1.1 02:00:00:00:00:22", "arp -s 10.1.1.22 02:00:00:00:00:22 pub", "arp -s 10.1.1.1 02:00:00:00:00:22 dontpub",
		"arp -d 10.1.1.2", "arp -d 10.1.1.99", "arp -d 10.99.1.1", "arp -d 10.1.1.5 pub", "arp -n 10.1.1.2",
	} {
		cases = append(cases, difftest.Case{Line: as + l})
	}
	s.Run(t, cases)
}

func TestLikeStock(t *testing.T) {
	cases := others[1:]
	for _, l := range lines {
		cases = append(cases, difftest.Case{Line: l})
	}
	suite.Run(t, cases)
}

// A short hardware address is refused; the original would set another one.
func TestShortAddress(t *testing.T) {
	s := suite
	s.State = "true"
	s.Run(t, others[:1])
}
