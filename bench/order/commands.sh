# Common commands, for `make order`: what they run lies at the beginning of the binary.
# RAWNS is the program; what is here happens in a sandbox.
ip() { "$RAWNS" ip "$@"; }
cd /run
exec >/dev/null

ip link show lo
ip link set lo up
ip link
ip -br link
ip addr
ip -br addr
ip -4 addr show dev lo
ip link add br0 type bridge
ip link add v1 type veth peer name v2
ip link set v1 master br0 up
ip link set br0 up
ip addr add 10.0.0.1/24 dev br0
ip addr del 10.0.0.1/24 dev br0
ip addr add 10.0.0.1/24 brd + dev br0
ip route
ip route add 10.1.0.0/16 via 10.0.0.2
ip route get 10.1.0.1
ip route del 10.1.0.0/16
ip neigh
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0
ip rule
ip -j link
ip -j addr
ip -s link show br0
ip -d link show br0
ip netns add blue
ip netns
ip link set v2 netns blue
ip -n blue addr add 10.0.0.2/24 dev v2
ip -n blue link set v2 up
ip netns exec blue true
ip netns exec blue "$RAWNS" ip link
ip netns del blue
ip link del br0
printf 'link add br1 type bridge\nlink set br1 up\naddr add 10.2.0.1/24 dev br1\nroute add 10.3.0.0/16 via 10.2.0.2\n' | ip -batch -
ip link add link br1 name up1 type macvlan
ip link set up1 up
ip addr add fd00::1/64 dev br1 nodad
ip addr add fd00::2/64 dev up1 nodad
ip neigh add 10.2.0.9 lladdr 02:00:00:00:00:09 dev br1
ip -6 route
ip link show br1
"$RAWNS" bridge link
"$RAWNS" bridge fdb
"$RAWNS" brctl show
"$RAWNS" ifconfig
"$RAWNS" ifconfig br1 10.2.0.1 netmask 255.255.255.0
"$RAWNS" arp -n
"$RAWNS" route -n
"$RAWNS" ping -c 1 10.2.0.1
"$RAWNS" ping -c 1 fd00::1
"$RAWNS" --help

"$RAWNS" http_server & server=$!
"$RAWNS" httpd --listen 127.0.0.1:8081 & httpd=$!
until "$RAWNS" curl -s 127.0.0.1:8080; do sleep 0.1; done
until "$RAWNS" curl -s 127.0.0.1:8081; do sleep 0.1; done
kill $server $httpd

printf 'netns n1\nbridge br2 addr 10.4.0.1/16\nveth v3 master br2 peer n1:eth0 addr 10.4.0.2/16\nlink n1:lo up\n' >small.topo
"$RAWNS" up small.topo
"$RAWNS" down small.topo
"$RAWNS" fmt >scene.topo
"$RAWNS" plan scene.topo
"$RAWNS" up scene.topo
"$RAWNS" diff scene.topo
"$RAWNS" ls
"$RAWNS" check scene.topo
"$RAWNS" doctor . 10.1.1.2
"$RAWNS" down scene.topo
"$RAWNS" demo
