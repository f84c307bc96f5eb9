//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// inBatch makes a case of a file for -batch and of the options before it. The
// file's last line has no new line at its end unless text says so.
func inBatch(options, text string) difftest.Case {
	text = strings.ReplaceAll(text, "'", `'\''`)
	return difftest.Case{
		Setup: "cat >/run/b <<'EOF'\n" + strings.ReplaceAll(text, `'\''`, "'") + "\nEOF\ntruncate -s -1 /run/b",
		Line:  "ip " + options + " -b /run/b",
	}
}

func TestBatchLikeStock(t *testing.T) {
	var cs []difftest.Case
	add := func(options string, texts ...string) {
		for _, text := range texts {
			cs = append(cs, inBatch(options, text))
		}
	}
	// How lines are read.
	add("-br -force",
		"link show lo\nlink show nosuch\nlink show lo\n",
		"link show lo # words\n# words\n\n   \nlink \\\n show lo\nlink show nosuch\n",
		"link show lo", "link show nosuch", "", "\n", "#", "# words", `link show \`, "link show lo \\\n", "link show lo \\\n\\\n\n", "link show \\\nnosuch \\\n\nlink show nosuch\n",
		"link show lo\r\nlink show lo\r\n", "link show \\\r\nlo\r\n", "link show \\ \nlo\n", "\tlink\t show\tlo \t\n",
		"link show \"lo\"\nlink show 'lo'\nlink show l\"o\"\n", "link show \"lo\nlink show lo\n", "link show lo\" x\nlink show lo\n", "link show \"lo\"x\nlink show lo\n",
		"link show \"\"\nlink show lo\n", "link show \"a#b\"\nlink show lo\n", "link set lo alias \"two words\"\nlink show lo\n", "link set lo alias \"two 'words'\"\nlink set v0 alias '\"'\nlink show\n",
		"link set lo alias \"a # b \\\nc d\"\nlink show lo\n", "link set lo alias 'a \\\nc d'\nlink show lo\n", "link show lo # words \\\nlink show nosuch\n", "link show lo \\ # words\n", "link show lo\\",
		"'link' \"show\" lo\n'' link show lo\nlink show lo\n",
		"link show lo "+strings.Repeat("up ", 508)+"\nlink show lo\n", "link show lo "+strings.Repeat("up ", 509)+"\nlink show lo\n",
		"link set lo alias "+strings.Repeat("x", 250)+"\nlink show lo\n",
	)
	cs = append(cs,
		difftest.Case{Line: `{ echo "#"; seq 30000 | sed 's/^/# /'; echo link show lo; seq 30000 | sed 's/.*//'; echo link show nosuch; } | ip -br -b -`},
		difftest.Case{Line: `printf 'link show lo\0link show nosuch\nlink show nosuch\0\\\nlink show lo\n' | ip -force -br -b -`},
		difftest.Case{Line: "ip -b /run/nosuch"}, difftest.Case{Line: "ip -force -b /run/nosuch"}, difftest.Case{Line: "ip -b"}, difftest.Case{Line: "ip -b ''"},
		difftest.Case{Line: "ip -b /run", Words: "says why nothing is read"}, difftest.Case{Line: "ip -b - </dev/null"},
		difftest.Case{Line: "echo link show nosuch | ip -b -"}, difftest.Case{Line: "echo link show lo | ip -b - -br"}, difftest.Case{Line: "echo link show lo | ip -br -batch - link show nosuch"},
		difftest.Case{Line: "echo link show nosuch | ip -b - -force"}, difftest.Case{Line: "ip -n nosuch -b /run/nosuch"}, difftest.Case{Line: "ip -b /run/nosuch -n nosuch"}, difftest.Case{Line: "ip -b /run/nosuch -V | cut -c1-26"},
		// The lines are written one by one, by someone who waits for each.
		difftest.Case{Line: `mkfifo /run/in; ip -force -b - </run/in & exec 3>/run/in
for i in 1 2 3; do echo "link add a$i type bridge" >&3; for t in $(seq 100); do ip link show a$i >/dev/null 2>&1 && break; sleep 0.05; done; ip -br link show a$i | cut -c1-6; done
exec 3>&-; wait`},
	)
	// What ends a batch, and what only fails.
	cs = append(cs, inBatch("-force", strings.Join(batchGoesOn, "\n")), inBatch("-force", strings.Join(batchChanges, "\n")), inBatch("-j -force", strings.Join(batchChanges, "\n")))
	for _, l := range batchGoesOn[:12] {
		cs = append(cs, inBatch("", "addr show lo\n"+l+"\nlink show v0\n"))
	}
	for _, l := range batchEnds {
		cs = append(cs, inBatch("-force", "link show nosuch\n"+l+"\nlink show lo\n"))
	}
	cs = append(cs, inBatch("", batchEnds[0]+"\nlink show lo\n"), inBatch("", strings.Join(batchChanges[:8], "\n")))
	// Options.
	const show = "addr show lo\nroute\nroute show table all\nlink show nosuch\nlink show lo\n"
	add("-force", "-br link show lo\n-4 addr\nlink -br\n")
	for _, o := range []string{"-j", "-p -j", "-o", "-d", "-s", "-br", "-c=always", "-N", "-t", "-4", "-6", "-0", "-f inet6", "-n blue", "-n blue -j", "-a", "-r"} {
		add(o+" -force", show)
	}
	add("-6 -force", "route add default dev v0\nlink set v0 up\naddr add 10.9.0.1/24 dev v0\naddr add fd00::1/64 dev v0\nroute add fd01::/64 via fd00::2\nroute\naddr\n")
	add("-n blue -force", "link set lo up\nlink add x type bridge\nlink add x type bridge\nnetns exec blue ip -br link\n")
	// netns, and programs.
	add("-force -br", "netns add q\nnetns add q\nlink show lo\nnetns del zz\nlink show lo\nnetns\n",
		"netns exec blue ip link set lo up\nnetns exec blue echo hi\nnetns exec blue false\nlink show lo\nnetns exec blue /nosuch\nlink show lo\n",
		"netns exec blue sh -c \"kill -9 $$; exit 3\"\nlink show lo\n", "netns exec\nlink show lo\n", "netns exec blue\nlink show lo\n", "netns exec a/b true\nlink show lo\n", "-all netns exec true\n",
		"link set v1 netns blue\nnetns exec blue ip -br link\nlink show v1\n",
		"link add z0 type veth peer name z1\nlink set z0 netns blue\nlink set z0 up\nlink set z1 up\nlink add z0 type bridge\nlink set z0 up\nlink show z0\n",
	)
	add("-br", "netns exec blue false\nlink show lo\n", "netns exec blue true\nlink show lo\n", "netns exec blue cat\nlink show lo\n")
	cs = append(cs, inBatch("-br -force", "netns exec nosuch true\nlink show lo\n"))
	cs[len(cs)-1].Words = "code: the original goes on twice, as the child that was to run the program does, too"
	// Names that come to mean something else.
	add("-force",
		"link set v0 alias a\nlink set v0 name w0\nlink set v0 alias b\nlink set w0 alias c\nlink show\n",
		"link set br0 alias a\nlink del br0\nlink set br0 alias b\nlink add br0 type bridge\nlink set br0 alias c\nlink show br0\n",
		"link set v0 alias a\nlink property add dev v0 altname other\nlink set other alias b\nlink property del dev v0 altname other\nlink set v0 alias c\nlink show v0\n",
		"link set if11 alias a\nlink set if99 alias b\nlink add if11 type bridge\nlink set if11 alias c\nlink show\n",
		"link set v0 alias a\nnetns exec blue true\nlink set v0 alias b\nlink set v0 master br0 up\naddr add 10.9.0.1/24 dev v0\nroute add 10.10.0.0/16 via 10.9.0.2 dev v0\nroute del 10.10.0.0/16\n",
	)
	// The original shows addresses behind links, in a batch, as parts of links.
	c := inBatch("-force", "link show lo\naddr show lo\n")
	c.Words = "what is shown does not hang on the line before"
	s := difftest.Suite{Name: "ip", Setup: scene, State: "for n in '' '-n blue'; do /sbin/ip $n -d -j link; /sbin/ip $n -j addr show scope global; /sbin/ip $n route; /sbin/ip $n rule; done"}
	s.Run(t, append(cs, c))
}

// batchGoesOn are lines that fail, in a way that a batch with -force goes on behind.
var batchGoesOn = []string{
	"link show nosuch", "foo", "link set nosuch up", "link add br0 type bridge", "link del nosuch", "addr add 10.9.0.1/24 dev nosuch", "addr add 10.9.0.1/24",
	"route add 10.9.0.0/16 via 10.1.1.1", "route add 10.9.0.0/16 dev nosuch", "route get 10.9.9.9", "route del 10.9.9.9", "netns del nosuch",
	"link add x type nosuch", "link add", "link set v0 master nosuch", "link set v0 address 1", "link set v0 carrier maybe", "link set v0 arp maybe", "link add x type bridge foo 1",
	"addr del 10.9.0.1/24 dev v0", "addr show dev nosuch", "addr flush", "addr flush dev nosuch", "route show dev nosuch", "route flush", "route show table 777", "route flush table 777",
	"neigh show dev nosuch", "neigh add 10.9.9.9 dev nosuch", "neigh flush", "rule del pref 99", "netns exec", "netns set nosuch 5", "netns add blue", "netns pids nosuch", "help2", "link set v0 addrgenmode foo",
	"link set dev v0 netns nosuch 2",
}

// batchEnds are lines at which iproute2 exits.
var batchEnds = []string{
	"link foo", "link set", "help", "link help", "route help", "link set v0 mtu x", "link set v0 mtu", "link show lo lo", "link set v0 netns nosuch", "addr foo", "addr add 10.9.0.1/33 dev v0", "addr add x dev v0",
	"addr add 10.9.0.1/24 brd x dev v0", "addr add 10.9.0.1/24 dev v0 scope x", "route add 10.9.0.0/33 dev v0", "route add x", "route add", "route add 10.9.0.0/16 via x", "route add 10.9.0.0/16 metric x", "route foo", "route get", "route get x",
	"neigh del 10.9.9.9 dev v0", "neigh add x dev v0", "rule add foo", "rule add from x", "netns foo", "netns add", "link set v0 type bridge_slave hairpin x",
}

// batchChanges are lines that do something, with some that fail between them.
var batchChanges = []string{
	"link set v0 up", "link set v1 up", "addr add 10.9.0.1/24 dev v0", "addr add 10.9.0.1/24 dev v0", "route add 10.10.0.0/16 via 10.9.0.2", "route add 10.10.0.0/16 via 10.9.0.2", "route add 10.11.0.0/16 via 10.8.0.2",
	"route show dev v0", "route add 10.12.0.0/16 dev v0", "link set v0 mtu 1400", "link set v0 mtu 3", "link add y type bridge", "link set v1 master y", "link set nosuch up", "addr add 10.9.1.1/24 dev y", "addr add 10.9.1.1/24 dev z",
	"route add 10.13.0.0/16 via 10.9.0.3", "route replace 10.13.0.0/16 via 10.9.0.4", "route del 10.13.0.0/16", "route del 10.13.0.0/16", "addr del 10.9.1.1/24 dev y", "addr show dev lo", "link del y", "link set v1 master y",
	"rule add from 10.9.0.0/24 table 100 pref 5000", "rule add from 10.9.0.0/24 table 100 pref 5000", "rule del pref 5000", "rule del pref 5000", "rule",
}
