package learn

var english = language{"en", &enLessons, &enSay, &enLayers}

var enLayers = [8]string{
	1: "the physical layer: links that are down, cables that lead nowhere",
	2: "the link layer: Ethernet, MAC addresses, bridges and their ports, MTU",
	3: "the network layer: IP addresses, prefixes, routes, forwarding",
	4: "the transport layer: TCP, UDP, ports",
	5: "the session layer",
	6: "the presentation layer",
	7: "the application layer: the program that is to answer",
}

var enSay = [nMessages]string{
	mUsage: `Usage: rawns learn [--lang en|zh] [--grade[=FILE]] [LESSON]
       rawns learn [--lang en|zh] [--grade[=FILE]] --run LESSON <COMMANDS
       rawns learn --list

A course on Linux network namespaces, from the first one to a server behind
a bridge, and then eight networks with a fault to find. It happens in a
sandbox: no root is needed, no network outside is touched. You get a shell
of your own, in which "check" looks whether the lesson's task is done, in
whatever way.

  LESSON        begin with this one; --list lists them
  --run         take the commands from standard input, with /bin/sh, and
                check at the end
  --grade       print the results as JSON at the end
  --grade=FILE  write them to FILE, after each step
  --lang        the language; otherwise that of LC_ALL, LC_MESSAGES or LANG

Exit codes: 0 done; 1 no sandbox can be made, or it failed; 2 wrong usage;
3 with --run: the lesson where the commands end is not solved.
`,
	mWelcome: `This shell is in a sandbox: a network of its own, in which you are root.
What you do to it touches no network outside (files are the machine's own,
though); "exit" ends it all. ip, bridge, ping, curl and http_server are
rawns here; rawns doctor, ls and explain may be of help.
`,
	mCommands: `Commands: check (is it done?)  hint  solve  reset  next  back  task  list
          picture [goal]  bytes [lesson|COMMAND]  lesson NAME  lang zh`,
	mBye:         "The sandbox is gone, and all that was in it. Solved: {0} of {1} lessons.",
	mHost:        "the host",
	mSpace:       "namespace {0}",
	mLesson:      "== Lesson {0} of {1}: {2} ==",
	mNow:         "What there is now:",
	mGoal:        "What the lesson wants (at least):",
	mSolved:      "Solved. What there is now:",
	mNotYet:      "Not yet:",
	mNext:        `"next" goes on: {0}.`,
	mAll:         `There is no further lesson in this direction. "list" shows all of them.`,
	mHint:        "Hint {0} of {1}:",
	mResetDone:   "The network is as the lesson begins again.",
	mResetFirst:  "The network is first put back to how the lesson begins.",
	mPlayed:      "These were the commands.",
	mPlayFails:   "the command failed with exit code {0}; \"reset\" puts things right",
	mNoSpace:     "There is no namespace {0}.",
	mNoLink:      "There is no link {0} in {1}.",
	mElsewhere:   "{0} is not in {1}; it is in {2}.",
	mDown:        "{0} in {1} is down; it must be brought up.",
	mNoPort:      "{0} is no port of the bridge {3} yet: it has no master.",
	mOtherPort:   "{0} is a port of {2}; it must be one of {3}.",
	mPeer:        "The other end of {0} in {1} is {2}; it must be {3}.",
	mKind:        "{0} in {1} is of the type {2}; it must be {3}.",
	mNoAddr:      "{0} in {1} does not have the address {3}.",
	mOtherPrefix: "{0} in {1} has {2}; the prefix must be another one: {3}.",
	mNoEcho:      "A ping of {0}, from {1}, is not answered.",
	mNoLargeEcho: "A small ping of {0}, from {1}, is answered; one of {2} bytes is not.",
	mMoved:       "The address {0} must be one of {1}, and of nobody else.",
	mNoPage:      "Nobody answers at http://{0}/ ({1}).",
	mDiffers:     "Otherwise than it should be: {0}.",
	mBytesTyped:  `What was typed last, as the kernel saw it ("bytes lesson": the lesson's):`,
	mBytesNone: `This lesson's command needs no netlink message, and none was typed yet.
"bytes ip link set lo up", for example, explains any command.`,
	mSendUsage:  "a whole message is wanted, in hexadecimal digits: send 2000 0000 1000 ...",
	mSendHex:    `"{0}" is no hexadecimal digit`,
	mSendLength: "nlmsg_len, the first four bytes, says {0} bytes, but there are {1}",
	mSent:       "{0} bytes were sent; the kernel acknowledged: done.",
	mRefused:    "the kernel refused: {0}",
	mLayerAsk:   `Which layer is broken? "layer 1" (cable) to "layer 7" (application).`,
	mLayerRight: "Right. Layer {0} is {1}.",
	mLayerWrong: "No: layer {0} is {1}.",
	mLayerWas:   "The fault was on layer {0}, {1}.",
	mLayerNone:  "In this lesson no layer is broken on purpose.",
	mNoCourse:   `"{0}" is a command of a course, and this is none: "rawns learn" begins one`,
	mNoLesson:   `no lesson is called "{0}"; "rawns learn --list" lists them`,
	mListHead:   "Lessons (* solved, + solved by \"solve\", > this one):",
}

var enLessons = [nLessons]words{
	{
		title: "namespaces",
		text: `A network namespace is a network of its own: its own links, addresses,
routes and sockets. Each process is in one of them. A new one holds nothing
but lo, and that is down. "ip netns add NAME" makes one and keeps it by a
mount on /run/netns/NAME, so that it stays also when no process is in it.`,
		task: `Task: make a namespace that is called blue.`,
		hints: `The command is ip, its object netns. "ip netns help" lists what it can do.

ip netns add blue`,
		after: `"ip netns exec blue ip link" runs ip in there: lo is all that it sees.`,
	},
	{
		title: "a veth pair",
		text: `A veth pair is a cable with a network card at each end: what goes in at one
end comes out at the other. Both ends are made together, and if one is
deleted, so is the other. Both are born down.`,
		task: `Task: make a veth pair here on the host; its ends are called vethtest01 and
vethest002.`,
		hints: `"ip link add" makes links; "type veth" says of what type, and "peer name"
gives the other end its name.

ip link add vethtest01 type veth peer name vethest002`,
		after: `"ip link" writes vethtest01@vethest002: the name behind the @ is the other
end. "bytes" shows that it was one message, with the other end nested in it.`,
	},
	{
		title: "moving an end",
		text: `A link is in one namespace at a time and can be moved. Here it vanishes, and
there it appears, under another index perhaps; the cable between the ends
stays. Moving takes a link down and takes its addresses away, so this comes
before these.`,
		task: `Task: move vethest002 into blue; vethtest01 stays here.`,
		hints: `"ip link set LINK netns NAME" moves a link.

Once it is there, "ip link" here does not show it any more, but
"ip -n blue link" does: -n says in which namespace ip is to work.

ip link set vethest002 netns blue`,
		after: `"ip link" now writes vethtest01@if and a number: the index of an end that it
cannot see from here. "link-netns blue" says where it is. "rawns ls" shows
both ends.`,
	},
	{
		title: "addresses",
		text: `An address is a link's, with the length of its network: with 10.1.1.2/16,
all of 10.1.0.0 to 10.1.255.255 is next door, reached without a router. The
kernel makes a route from that, as soon as the link is up.`,
		task: `Task: give vethest002, in blue, the address 10.1.1.2/16, and bring it up.`,
		hints: `It takes two commands, and both are to work in blue: ip -n blue ...

"ip addr add ADDRESS/LENGTH dev LINK" adds one; "ip link set LINK up"
brings a link up.

ip -n blue addr add 10.1.1.2/16 dev vethest002
ip -n blue link set vethest002 up`,
		after: `It is up, and yet without carrier (NO-CARRIER, LOWERLAYERDOWN): the other
end of the cable is still down.`,
	},
	{
		title: "a bridge",
		text: `A bridge is an Ethernet switch in the kernel: a frame that comes in at one
port goes out at the one behind which its destination has been seen, or else
at all. The bridge is also a link of the host, which has an address of its
own there and takes part in what is switched.`,
		task: `Task: make a bridge that is called test-bridge, give it the address
10.1.2.2/16, and bring it up.`,
		hints: `A bridge is made like any link: ip link add name NAME type bridge

The address and "up" go as in the lesson before, but here on the host:
without -n.

ip link add name test-bridge type bridge
ip addr add 10.1.2.2/16 dev test-bridge
ip link set test-bridge up`,
		after: `It has no ports yet: a switch without cables.`,
	},
	{
		title: "master",
		text: `A link becomes a port of a bridge when the bridge is made its master. What
comes in there then belongs to the bridge; the port needs no address, and
one that it had would be of no use.`,
		task: `Task: make vethtest01 a port of test-bridge.`,
		hints: `"ip link set" does this too; its word is master.

ip link set vethtest01 master test-bridge`,
		after: `"bridge link" lists ports and their state. In the old days this was "brctl
addif test-bridge vethtest01"; that works here too.`,
	},
	{
		title: "why the ping dies",
		text: `All is there: the cable, the switch, the addresses. "ping -c 1 10.1.1.2" is
not answered all the same. The article that this course follows forgets one
command. From the bottom up: is each link up? Does it have a carrier? Who
answers to ARP ("ip neigh")? Which route is taken ("ip route get 10.1.1.2")?`,
		task: `Task: find what is missing, so that blue answers a ping of 10.1.1.2.`,
		hints: `"ip link" shows, between < and >, UP and LOWER_UP: the first is what was
asked for, the second is that the other end is alive.

One of the two ends of the cable was never brought up. Both are born down.

"rawns doctor . blue:" walks the packet's way and names the first thing that
loses it.

ip link set vethtest01 up`,
		after: `Down, a port gives the bridge nothing and gets nothing; and the other end
has no carrier, though it is up.`,
	},
	{
		title: "the server",
		text: `A socket belongs to the namespace where it was opened. A server that was
started in blue is reached at blue's addresses, and its port 8080 has
nothing to do with the host's. "ip netns exec NAME COMMAND" runs a program
in a namespace.`,
		task: `Task: run a server in blue so that something answers at 10.1.1.2, port 8080.
"http_server" is one; it stays in the foreground, so end its line with &.`,
		hints: `"ip netns exec blue" goes in front of the server's own command.

ip netns exec blue http_server &`,
		after: `"curl 10.1.1.2:8080" gets its page. "rawns ls" says who holds blue now: the
server's process.`,
	},
	{
		title: "the same by bytes",
		text: `Each of these commands was a few dozen bytes on a netlink socket. "rawns
explain ip link set vethtest01 master test-bridge" shows the message: a
header of 16 bytes (length, type, flags, sequence, sender), a structure of
16 (the link's index is in it), and one attribute: length, type 10
(IFLA_MASTER), and the index of the bridge. Nothing was sent by that.`,
		task: `Task: vethtest01 has lost its master. Send the message yourself, with
"send" and its bytes in hexadecimal, from nlmsg_len to the end.`,
		hints: `"bytes lesson" explains the message. The second column is its bytes: read
them from top to bottom, without the lines that begin with "#".

It begins with 28000000 1000 0500: 40 bytes, RTM_NEWLINK, REQUEST and ACK.
On this kind of machine a number's lowest byte comes first.

"ip link" shows the two indexes, in decimal, before the names; in the
message they are 4 bytes long: 101 is 65000000.

"solve" shows how a script takes the bytes out of "rawns explain --json".`,
		after: `This is all that ip does. "bytes" after any command shows what it said.`,
	},
	{
		title: "frozen: nothing comes back",
		text: `Somebody has built this: a bridge with the address 10.2.0.1/24, and red
behind it with 10.2.0.2/24. Nothing comes back from red. One thing is wrong.`,
		task: `Task: make red answer a ping of 10.2.0.2 from the host.`,
		hints: `From the bottom up. Look at the links of both sides: "ip link", and
"ip -n red link".

v-red is up, but says NO-CARRIER. What about the other end?

ip -n red link set eth0 up`,
		after: `NO-CARRIER at one end nearly always means: look at the other one.`,
	},
	{
		title: "frozen: neighbours that never met",
		text: `red (10.2.0.2/24) and green (10.2.0.3/24) are in one network. All links are
up and have a carrier. green cannot reach red.`,
		task: `Task: make red answer a ping of 10.2.0.2 from green.`,
		hints: `"ip -n green neigh" after a ping: FAILED or INCOMPLETE means that nobody
has answered to ARP. Do these questions arrive at red at all?

"picture", or "bridge link": which port belongs to which bridge? (It stands
behind the word master.)

There are two bridges, with a port each. Both ports must be on the same.

ip link set v-red master br-a`,
		after: `Two switches without a cable between them are two networks, whatever the
addresses say. A veth between the bridges would have done as well.`,
	},
	{
		title: "frozen: the twins",
		text: `red and green were copied from one image. The host reaches each of them, but
green does not reach red, at 10.2.0.2.`,
		task: `Task: make red answer a ping of 10.2.0.2 from green.`,
		hints: `A switch knows its neighbours by one thing only, and it is not the IP
address. What was copied along with the image?

Compare "ip -n red link" and "ip -n green link": link/ether.

Two MAC addresses that are the same: the bridge sends what is for the one
to whoever spoke last. Give one of them another address.

ip -n green link set eth0 address 02:00:00:00:00:08`,
		after: `"bridge fdb show br br0" shows what a bridge has learnt: a MAC address is
behind one port only.`,
	},
	{
		title: "frozen: it arrives, and no answer comes",
		text: `The article's scene once more: the host's bridge has 10.1.2.2/16, blue has
10.1.1.2. The links are up, and ARP works: "ip neigh" knows blue's MAC
address. No ping is answered.`,
		task: `Task: make blue answer a ping of 10.1.1.2 from the host. It keeps that
address.`,
		hints: `A ping has two ways. The request has arrived; where does blue send the
answer? "ip -n blue route get 10.1.2.2"

"ip -n blue addr": is the host, 10.1.2.2, in blue's network?

With /24 it is not. Blue must have 10.1.1.2/16, or another route there.

ip -n blue addr add 10.1.1.2/16 dev vethest002
ip -n blue addr del 10.1.1.2/24 dev vethest002`,
		after: `The prefix length decides who is next door. Both sides must agree.`,
	},
	{
		title: "frozen: there, and not back",
		text: `left (10.3.1.2) and right (10.3.2.2) are in two networks, with a router
between them that has .1 in each. left's packets do arrive at right.`,
		task: `Task: make right answer a ping of 10.3.2.2 from left.`,
		hints: `Ask each of the three on the way for its route to the other end:
"ip -n NAME route".

right knows its own network only. To where should it send what is for left?

ip -n right route add default via 10.3.2.1`,
		after: `A route is needed for each direction; the answer does not find its way by
itself.`,
	},
	{
		title: "frozen: the router that is none",
		text: `The same three, and each has its routes now. left reaches the router, at
both its addresses; right does, too. left does not reach right.`,
		task: `Task: make right answer a ping of 10.3.2.2 from left.`,
		hints: `What stands between the two is the one thing that makes a router out of a
host.

It is a setting, of each namespace for itself, below
/proc/sys/net/ipv4: ip_forward.

ip netns exec router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'`,
		after: `A Linux host throws away what is not for itself until it is told to forward.
"sysctl -w net.ipv4.ip_forward=1" does the same where there is sysctl.`,
	},
	{
		title: "frozen: the large ones are lost",
		text: `green pings red, 10.2.0.2, and it is answered. A page that green wants from
there begins to load and hangs. "ping -s 1372 10.2.0.2" in green shows the
same: small packets pass, large ones do not.`,
		task: `Task: make red answer also a ping of 1400 bytes (-s 1372) from green.`,
		hints: `How large a packet a link carries is its MTU. Everybody in an Ethernet must
have the same one: a switch cannot cut packets, it throws them away.

Compare the mtu in "ip link", "ip -n red link" and "ip -n green link".

v-red has an MTU of 1000, the links at both ends have 1500.

ip link set v-red mtu 1500`,
		after: `Small ones pass, large ones do not: think of the MTU first. Where the packet
is routed, the router would say so by ICMP; a switch says nothing.`,
	},
	{
		title: "frozen: the silent page",
		text: `web (10.2.0.2) is to serve a page on port 8080, and answers pings, but
"curl 10.2.0.2:8080" is refused at once. Somebody says that the server runs.`,
		task: `Task: make something answer at 10.2.0.2, port 8080.`,
		hints: `"Connection refused" is an answer: the packet arrived, and web's kernel
says that nobody listens there. Layers 1 to 4 work.

Where does the server run? "rawns ls" tells who holds each namespace.

It runs in db. A socket belongs to the namespace where it was opened.

ip netns exec web http_server &`,
		after: `Refused at once: nobody listens. No answer at all: it was lost on the way.`,
	},
}
