package learn

// A lesson begins in one state of the network and is solved in another one. Both
// are topologies in the form of docs/topology.md; how the learner gets from the
// one to the other is not asked.
type lesson struct {
	name  string
	start string
	// goal is what must be there. What is there beyond it does no harm, and a link
	// that it has as "down" may be in either state.
	goal   string
	echoes []echo
	page   *page
	bytes  []string // the command whose messages "bytes" explains
	solve  []string // for /bin/sh
	layer  uint8    // of the fault, as the OSI model counts; 0 if none was made
}

// echo is a ping that must be answered.
type echo struct {
	from string // the namespace, "" for the sandbox's own
	in   string // the namespace whose address to is
	to   string
	size int // bytes of the packet; 0 for a small one
}

// page is where something must answer on a TCP port.
type page struct {
	in   string // the namespace that must answer
	addr string
	port int
}

// The lessons, in their order; the texts in en.go and zh.go are in the same.
var lessons = [nLessons]lesson{
	{
		name:  "namespaces",
		goal:  "netns blue\n",
		bytes: nil,
		solve: []string{"ip netns add blue"},
	},
	{
		name:  "veth",
		start: "netns blue\n",
		goal:  "netns blue\nveth vethtest01 down peer vethest002 down\n",
		bytes: []string{"ip", "link", "add", "vethtest01", "type", "veth", "peer", "name", "vethest002"},
		solve: []string{"ip link add vethtest01 type veth peer name vethest002"},
	},
	{
		name:  "move",
		start: "netns blue\nveth vethtest01 down peer vethest002 down\n",
		goal:  "netns blue\nveth vethtest01 down peer blue:vethest002 down\n",
		bytes: []string{"ip", "link", "set", "vethest002", "netns", "blue"},
		solve: []string{"ip link set vethest002 netns blue"},
	},
	{
		name:  "addresses",
		start: "netns blue\nveth vethtest01 down peer blue:vethest002 down\n",
		goal:  "netns blue\nveth vethtest01 down peer blue:vethest002 addr 10.1.1.2/16\n",
		bytes: []string{"ip", "addr", "add", "10.1.1.2/16", "brd", "+", "dev", "vethest002"},
		solve: []string{"ip -n blue addr add 10.1.1.2/16 brd + dev vethest002", "ip -n blue link set vethest002 up"},
	},
	{
		name:  "bridge",
		start: "netns blue\nveth vethtest01 down peer blue:vethest002 addr 10.1.1.2/16\n",
		goal:  "bridge test-bridge addr 10.1.2.2/16\nnetns blue\nveth vethtest01 down peer blue:vethest002 addr 10.1.1.2/16\n",
		bytes: []string{"ip", "link", "add", "name", "test-bridge", "type", "bridge"},
		solve: []string{"ip link add name test-bridge type bridge", "ip addr add 10.1.2.2/16 brd + dev test-bridge", "ip link set test-bridge up"},
	},
	{
		name:  "master",
		start: "netns blue\nbridge test-bridge addr 10.1.2.2/16\nveth vethtest01 down peer blue:vethest002 addr 10.1.1.2/16\n",
		goal:  "netns blue\nbridge test-bridge addr 10.1.2.2/16\nveth vethtest01 master test-bridge down peer blue:vethest002 addr 10.1.1.2/16\n",
		bytes: []string{"ip", "link", "set", "vethtest01", "master", "test-bridge"},
		solve: []string{"ip link set vethtest01 master test-bridge"},
	},
	{
		name:   "ping",
		start:  "netns blue\nbridge test-bridge addr 10.1.2.2/16\nveth vethtest01 master test-bridge down peer blue:vethest002 addr 10.1.1.2/16\n",
		goal:   article,
		echoes: []echo{{in: "blue", to: "10.1.1.2"}},
		bytes:  []string{"ip", "link", "set", "vethtest01", "up"},
		solve:  []string{"ip link set vethtest01 up"},
	},
	{
		name:   "server",
		start:  article,
		goal:   article,
		echoes: []echo{{in: "blue", to: "10.1.1.2"}},
		page:   &page{"blue", "10.1.1.2", 8080},
		solve:  []string{"ip netns exec blue http_server >/dev/null 2>&1 &"},
	},
	{
		name:   "raw",
		start:  "netns blue\nbridge test-bridge addr 10.1.2.2/16\nveth vethtest01 peer blue:vethest002 addr 10.1.1.2/16\n",
		goal:   article,
		echoes: []echo{{in: "blue", to: "10.1.1.2"}},
		bytes:  []string{"ip", "link", "set", "vethtest01", "master", "test-bridge"},
		solve:  []string{`send $(rawns explain --json ip link set vethtest01 master test-bridge | sed -n 's/.*"message":"RTM_NEWLINK".*"bytes":"\([0-9a-f]*\)".*/\1/p')`},
	},

	// Faults made on purpose. Their goals are that packets get through, and that
	// the addresses are where they were: see missing.
	{
		name:   "frozen-1",
		start:  "netns red\nbridge br0 addr 10.2.0.1/24\nveth v-red master br0 peer red:eth0 addr 10.2.0.2/24 down\n",
		goal:   "netns red\n",
		echoes: []echo{{in: "red", to: "10.2.0.2"}},
		solve:  []string{"ip -n red link set eth0 up"},
		layer:  1,
	},
	{
		name:   "frozen-2",
		start:  "netns red green\nbridge br-a\nbridge br-b\nveth v-green master br-a peer green:eth0 addr 10.2.0.3/24\nveth v-red master br-b peer red:eth0 addr 10.2.0.2/24\n",
		goal:   "netns red green\n",
		echoes: []echo{{from: "green", in: "red", to: "10.2.0.2"}},
		solve:  []string{"ip link set v-red master br-a"},
		layer:  2,
	},
	{
		name: "frozen-3",
		start: "netns red green\nbridge br0 addr 10.2.0.1/24\nveth v-red master br0 peer red:eth0 addr 10.2.0.2/24 address 02:00:00:00:00:07\n" +
			"veth v-green master br0 peer green:eth0 addr 10.2.0.3/24 address 02:00:00:00:00:07\n",
		goal:   "netns red green\n",
		echoes: []echo{{from: "green", in: "red", to: "10.2.0.2"}},
		solve:  []string{"ip -n green link set eth0 address 02:00:00:00:00:08"},
		layer:  2,
	},
	{
		name:   "frozen-4",
		start:  "netns blue\nbridge test-bridge addr 10.1.2.2/16\nveth vethtest01 master test-bridge peer blue:vethest002 addr 10.1.1.2/24\n",
		goal:   "netns blue\n",
		echoes: []echo{{in: "blue", to: "10.1.1.2"}},
		solve:  []string{"ip -n blue addr add 10.1.1.2/16 brd + dev vethest002", "ip -n blue addr del 10.1.1.2/24 dev vethest002"},
		layer:  3,
	},
	{
		name: "frozen-5",
		start: "netns left router right\nveth left:eth0 addr 10.3.1.2/24 peer router:west addr 10.3.1.1/24\nveth right:eth0 addr 10.3.2.2/24 peer router:east addr 10.3.2.1/24\n" +
			"route default via 10.3.1.1 netns left\nsysctl net.ipv4.ip_forward=1 netns router\n",
		goal:   "netns left router right\n",
		echoes: []echo{{from: "left", in: "right", to: "10.3.2.2"}},
		solve:  []string{"ip -n right route add default via 10.3.2.1"},
		layer:  3,
	},
	{
		name: "frozen-6",
		start: "netns left router right\nveth left:eth0 addr 10.3.1.2/24 peer router:west addr 10.3.1.1/24\nveth right:eth0 addr 10.3.2.2/24 peer router:east addr 10.3.2.1/24\n" +
			"route default via 10.3.1.1 netns left\nroute default via 10.3.2.1 netns right\nsysctl net.ipv4.ip_forward=0 netns router\n",
		goal:   "netns left router right\n",
		echoes: []echo{{from: "left", in: "right", to: "10.3.2.2"}},
		solve:  []string{"ip netns exec router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'"},
		layer:  3,
	},
	{
		name: "frozen-7",
		start: "netns red green\nbridge br0 addr 10.2.0.1/24\nveth v-red master br0 mtu 1000 peer red:eth0 addr 10.2.0.2/24\n" +
			"veth v-green master br0 peer green:eth0 addr 10.2.0.3/24\n",
		goal:   "netns red green\n",
		echoes: []echo{{from: "green", in: "red", to: "10.2.0.2"}, {from: "green", in: "red", to: "10.2.0.2", size: 1400}},
		solve:  []string{"ip link set v-red mtu 1500"},
		layer:  2,
	},
	{
		name: "frozen-8",
		start: "netns web db\nbridge br0 addr 10.2.0.1/24\nveth v-web master br0 peer web:eth0 addr 10.2.0.2/24\nveth v-db master br0 peer db:eth0 addr 10.2.0.3/24\n" +
			"service db:8080 http_server\n",
		goal:   "netns web db\n",
		echoes: []echo{{in: "web", to: "10.2.0.2"}},
		page:   &page{"web", "10.2.0.2", 8080},
		solve:  []string{"ip netns exec web http_server >/dev/null 2>&1 &"},
		layer:  7,
	},
}

const nLessons = 17

// article is the article's scene without its server.
const article = "netns blue\nbridge test-bridge addr 10.1.2.2/16\nveth vethtest01 master test-bridge peer blue:vethest002 addr 10.1.1.2/16\n"

// find returns the number of a lesson, or -1.
func find(name string) int {
	for i := range lessons {
		if lessons[i].name == name {
			return i
		}
	}
	return -1
}

// Lessons returns the lessons' names.
func Lessons() (names []string) {
	for i := range lessons {
		names = append(names, lessons[i].name)
	}
	return names
}
