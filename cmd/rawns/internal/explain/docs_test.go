package explain

import (
	"encoding/binary"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rawns/nl/explain"
)

var update = flag.Bool("update", false, "write docs/netlink.md and docs/article.md anew")

// The pages are text with lines "{{COMMAND}}" in it, where what rawns explain
// says of a command goes, without the reasons if a '-' stands before it.
func page(t *testing.T, text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		c, ok := strings.CutPrefix(line, "{{")
		if !ok {
			out.WriteString(line)
			continue
		}
		c = strings.TrimSuffix(strings.TrimSpace(c), "}}")
		args := []string{"--no-color"}
		if rest, ok := strings.CutPrefix(c, "-"); ok {
			args, c = append(args, "--brief"), rest
		}
		said := ""
		switch c {
		case "REFUSAL":
			said = refusal(t)
			c = ""
		default:
			s, errs, code := run(t, append(args, strings.Fields(c)...)...)
			if code != 0 {
				t.Fatalf("%s: %d, %s", c, code, errs)
			}
			said = s
		}
		out.WriteString("```\n")
		if c != "" {
			out.WriteString("$ rawns explain " + strings.Join(append(args[1:], c), " ") + "\n")
		}
		out.WriteString(said + "```\n")
	}
	return out.String()
}

// refusal is an answer of Linux 6.18 to an IFLA_MTU of two bytes.
func refusal(t *testing.T) string {
	req, err := hex.DecodeString("28000000100005000100000000000000000000000100000000000000000000000600040078050000")
	if err != nil {
		t.Fatal(err)
	}
	ack, err := hex.DecodeString("780000000200000301000000db7b0000deffffff2800000010000500010000000000000027000100417474726962757465206661696c656420706f6c6963792076616c69646174696f6e00000800020020000000240004800c00040000000000000000000c000500ffffffff000000000800010004000000")
	if err != nil {
		t.Fatal(err)
	}
	o := explain.Options{Order: explain.Little, Request: req, Why: true}
	text := string(explain.AppendText(nil, ack, explain.TextOptions{Options: o, Brief: true}))
	for _, s := range explain.Refusal(ack, o) {
		text += "    " + s + "\n"
	}
	return text
}

const netlinkPage = `# A netlink message, byte by byte

This page is made by ` + "`go test ./cmd/rawns/internal/explain -run TestDocs -update`" + `, and a test
fails when it is out of date. ` + "`rawns explain`" + ` says the same of any command of yours.

A program that wants something of the kernel's network opens a socket of the family
AF_NETLINK and sends a message. A message is a header of 16 bytes, a fixed structure
that depends on the type of the message, and attributes:

    nlmsghdr    length 4 | type 2 | flags 2 | sequence number 4 | port 4
    ifinfomsg   (or ifaddrmsg, rtmsg, ndmsg, ...: the type says which)
    nlattr      length 2 | type 2 | value | up to 3 bytes of padding
    nlattr      ...

Integers are in the byte order of the machine; what is not says so. Every part begins
at a multiple of four. An attribute's length counts its own four bytes, but not the
padding behind it. The value of an attribute may be attributes: a nest.

This makes a pair of interfaces, one of which is born in another namespace. Offset,
bytes, the name in the kernel's headers, the value in words; and behind a # what it is
there for. What lies within something else is indented.

{{ip link add vethtest01 type veth peer name vethest002 netns blue}}

Some things to see in it:

- The bits of nlmsg_flags mean something else for each kind of message: 0x200 is EXCL
  when something is made, part of DUMP when something is asked for.
- The kind of the link, a string, decides what IFLA_INFO_DATA holds.
- The other end of the pair is a message in the message: VETH_INFO_PEER begins with an
  ifinfomsg of its own, and goes on with attributes of its own.
- The namespace is a descriptor: the number means something because the kernel looks it
  up among the descriptors of whoever sends the message.

## Asking

With the flags DUMP the kernel answers with all there are, several in a datagram, until
a message NLMSG_DONE:

{{-ip route show}}

## Being refused

The answer to a request that sets ACK is an NLMSG_ERROR with the error 0, if it was
carried out. One that was not is answered so in any case, with an errno and a minus sign,
and behind it the request, or only its header if the socket has asked for that
(NETLINK_CAP_ACK). If it has asked for more (NETLINK_EXT_ACK), attributes follow. This is
what the kernel answered to an RTM_NEWLINK whose IFLA_MTU had two bytes and not four:

{{REFUSAL}}
`

const articlePage = `# The article's scene, byte by byte

This page is made by ` + "`go test ./cmd/rawns/internal/explain -run TestDocs -update`" + `, and a test
fails when it is out of date. It goes through the commands that ` + "`rawns demo`" + ` plays;
docs/netlink.md says how a message is laid out. Numbers of interfaces and descriptors
that are not on the machine where this was made are made up, and it says so.

## A namespace

Namespaces are not made by netlink, but by system calls:

{{ip netns add blue}}

## A bridge

{{ip link add test-bridge type bridge}}

## A pair of interfaces, one end a port of the bridge, the other in the namespace

One message does it all. Moving the other end later would take a second one, and the
kernel longer.

{{-ip link add vethtest01 up master test-bridge type veth peer name vethest002 netns blue}}

## An address in the namespace

The socket is opened in the namespace: there is nothing in the message that says where.

{{ip -n blue addr add 10.1.1.2/16 brd + dev vethest002}}

## Up

{{ip -n blue link set vethest002 up}}

## The bridge's own address, and the bridge up

{{-ip addr add 10.1.2.2/16 brd + dev test-bridge}}

{{-ip link set test-bridge up}}

## A server in the namespace

{{ip netns exec blue http_server}}

## And away

Deleting one end of the pair deletes the other.

{{-ip link delete vethtest01}}

{{ip netns delete blue}}
`

// The pages in docs are what explain says now.
func TestDocs(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("run by TestExplains: the pages are a little-endian machine's")
	}
	for name, text := range map[string]string{"netlink.md": netlinkPage, "article.md": articlePage} {
		file := filepath.Join("..", "..", "..", "..", "docs", name)
		want := page(t, text)
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(file); err != nil || string(have) != want {
			t.Errorf("docs/%s is out of date (%v): run this test with -update, and look at what changes", name, err)
		}
	}
}
