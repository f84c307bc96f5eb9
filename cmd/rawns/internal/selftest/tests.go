package selftest

// tests are command lines of rawns, a line each: what is tested, the option of the
// kernel's configuration that brings it (or the version, with a blank), its module,
// and the command. Without an option it is a part of every kernel. They run one
// after another in a namespace in which there is lo, and later ones rest upon
// earlier ones. A line without a command is a test that is written in Go, or a file
// that is to be there.
const tests = `
/proc/self/ns/net|NET_NS||
/proc/self/ns/mnt|NAMESPACES||
/proc/self/ns/pid|PID_NS||
/proc/self/ns/user|USER_NS||
codec|||
clock|COMPAT_32BIT_TIME||
epoll|EPOLL||
openat2|Linux 5.6||
pidfd|Linux 5.3||
close_range|Linux 5.9||
sendfile|||
seccomp|SECCOMP_FILTER||
landlock|SECURITY_LANDLOCK||
packet sockets|PACKET|af_packet|
raw sockets|||
IPv6|IPV6|ipv6|
/proc/net|||
/proc/sys/net|SYSCTL||
/sys/class/net|SYSFS||
extended errors|Linux 4.12||
strict checking|Linux 4.20||
attributes' limits|Linux 5.10||
echo of new links|Linux 6.2||
other namespaces' events|Linux 4.2||
named namespaces|||ip netns add ns0
namespaces' numbers|||ip netns set ns0 7
addresses|||ip addr add 10.9.0.1/24 dev lo
a veth into a namespace|VETH|veth|ip link add v0 up type veth peer name p0 netns ns0
links in a namespace|||ip -n ns0 link set p0 up
IPv4 addresses|||ip addr add 10.9.1.1/24 dev v0
IPv6 addresses|IPV6|ipv6|ip addr add fd00:9::1/64 dev v0 nodad
IPv4 routes|||ip route add 10.8.0.0/16 via 10.9.1.2 dev v0
IPv6 routes|IPV6|ipv6|ip -6 route add fd00:8::/64 via fd00:9::2 dev v0
routes by several gateways|IP_ROUTE_MULTIPATH||ip route add 10.7.0.0/16 nexthop via 10.9.1.2 nexthop via 10.9.1.3
IPv4 rules|IP_MULTIPLE_TABLES||ip rule add to 10.6.0.0/16 table 7
IPv6 rules|IPV6_MULTIPLE_TABLES||ip -6 rule add to fd00:6::/64 table 7
neighbours|||ip neigh add 10.9.1.9 lladdr 02:00:00:00:00:09 dev v0
nexthop objects|Linux 5.3||ip nexthop add id 5 via 10.9.1.2 dev v0
multicast routing|IP_MROUTE||ip mroute show
address labels|IPV6|ipv6|ip addrlabel list
statistics|Linux 4.7||ip stats show dev lo group link
a bridge|BRIDGE|bridge|ip link add br0 up type bridge
a bridge's ports|BRIDGE|bridge|ip link set v0 master br0
STP|BRIDGE|bridge|ip link set br0 type bridge stp_state 1
VLAN filtering|BRIDGE_VLAN_FILTERING||ip link set br0 type bridge vlan_filtering 1
a port's VLANs|BRIDGE_VLAN_FILTERING||bridge vlan add vid 5 dev v0
multicast groups of ports|BRIDGE_IGMP_SNOOPING||bridge mdb add dev br0 port v0 grp 239.1.1.1 permanent
forwarding entries|BRIDGE|bridge|bridge fdb add 02:00:00:00:00:07 dev v0 master static
tun|TUN|tun|ip tuntap add dev tun0 mode tun
xfrm policies|XFRM_USER|xfrm_user|ip xfrm policy add dir out src 10.9.0.0/24 dst 10.8.0.0/24
xfrm states|INET_ESP|esp4, with cbc, aes and echainiv|ip xfrm state add src 10.9.0.1 dst 10.8.0.1 proto esp spi 0x100 enc cbc(aes) 0x000102030405060708090a0b0c0d0e0f
ping 127.0.0.1|||ping -c 1 -W 5 127.0.0.1
ping ::1|IPV6|ipv6|ping -c 1 -W 5 ::1
ping sockets|||
the article's scene|||up
a ping through a bridge|||ping -c 1 -W 5 10.1.1.2
a page through a bridge|||curl -fsS -m 5 -o /dev/null 10.1.1.2:8080
the scene's check|||check
its end|||down
`

// kinds are links that can be made with nothing else there than the links v0, w0
// and x0: the kind, the words before "type", and those behind the kind.
const kinds = `
amt|link v0|mode gateway local 10.9.1.1 discovery 10.9.1.2
bareudp||dstport 6635 ethertype ipv4
batadv||
bond||
bridge||
dummy||
erspan||local 10.9.1.1 remote 10.9.1.2 seq key 5 erspan_ver 1
geneve||id 5 remote 10.9.1.2
gre||local 10.9.1.1 remote 10.9.1.2
gretap||local 10.9.1.1 remote 10.9.1.2
gtp||role sgsn
hsr||slave1 w0 slave2 x0
ifb||
ip6erspan||local fd00:9::1 remote fd00:9::2 seq key 5 erspan_ver 1
ip6gre||local fd00:9::1 remote fd00:9::2
ip6gretap||local fd00:9::1 remote fd00:9::2
ip6tnl||local fd00:9::1 remote fd00:9::2
ipip||local 10.9.1.1 remote 10.9.1.2
ipvlan|link w0|
ipvtap|link x0|
macsec|link w0|
macvlan|link w0|
macvtap|link w0|
netkit||
nlmon||
ovpn||
rmnet|link w0|mux_id 5
sit||local 10.9.1.1 remote 10.9.1.2
team||
vcan||
veth||
vlan|link w0|id 5
vrf||table 9
vti||local 10.9.1.1 remote 10.9.1.2 key 5
vti6||local fd00:9::1 remote fd00:9::2 key 5
vxcan||
vxlan||id 5 dstport 4789
wireguard||
xfrm|link w0|if_id 5
`
