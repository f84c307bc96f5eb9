/* The star of topo.h with as little waiting as we know to arrange. Nothing is checked
 * beyond that the kernel said yes, nothing noted, nothing undone: the floor that
 * bench/topo measures rawns against.
 *
 * Up: per namespace one unshare, one mount, and one batch through a socket of its own,
 * in which the host's end is made from inside: born in the host's namespace as a port
 * of the bridge, up, while its peer is born where the socket is. The peer is up
 * a message later: where one end is up and the other is not, linkwatch turns the first
 * one off, which takes an RCU grace period. One queue each: with more of them the
 * kernel waits for two grace periods a pair to disable all but one. The bridges come
 * up last.
 *
 * Down: bridges down first (removing a port from a running one visits all the others),
 * then all links as a group, then the names.
 */
#include "topo.h"

enum { GROUP = 4711, BRIDGE = 1000000, PORT = 2000000, LO = 1, ETH0 = 2 };

/* Switches a bridge's multicast snooping. */
static void snooping(unsigned char on)
{
	struct rtattr *info = nest(IFLA_LINKINFO), *data;

	attrs(IFLA_INFO_KIND, "bridge");
	data = nest(IFLA_INFO_DATA);
	attr(IFLA_BR_MCAST_SNOOPING, &on, 1);
	nest_end(data);
	nest_end(info);
}

/* What both ends of many veths have. Of few, the others leave the queues to the kernel, and
 * what is made has to be the same. */
static void one_queue(void)
{
	if (n <= 8)
		return;
	attr32(IFLA_NUM_TX_QUEUES, 1);
	attr32(IFLA_NUM_RX_QUEUES, 1);
}

static void up(void)
{
	int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), s = dial();

	names_folder();
	for (int b = 1; b <= bridges(); b++) {
		struct nlmsghdr *h = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);

		link_body(BRIDGE + b, 0, 0);
		attrs(IFLA_IFNAME, numbered("br", b));
		attr32(IFLA_GROUP, GROUP);
		snooping(0);
		end(h);
		addr_add(BRIDGE + b, bridge_ip(b));
	}
	transact(s);
	for (int i = 1; i <= n; i++) {
		struct nlmsghdr *h;
		struct rtattr *info, *data, *peer;
		int inside;

		netns_add(i);
		inside = dial();
		h = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
		link_body(PORT + i, IFF_UP, IFF_UP);
		attrs(IFLA_IFNAME, numbered("v", i));
		attr32(IFLA_NET_NS_FD, host);
		attr32(IFLA_MASTER, BRIDGE + 1 + (i - 1) / per);
		attr32(IFLA_GROUP, GROUP);
		one_queue();
		info = nest(IFLA_LINKINFO);
		attrs(IFLA_INFO_KIND, "veth");
		data = nest(IFLA_INFO_DATA);
		peer = nest(VETH_INFO_PEER);
		link_body(ETH0, 0, 0);
		attrs(IFLA_IFNAME, "eth0");
		one_queue();
		nest_end(peer);
		nest_end(data);
		nest_end(info);
		end(h);
		link_flags(ETH0, IFF_UP);
		addr_add(ETH0, inside_ip(i));
		link_flags(LO, IFF_UP);
		transact(inside);
		close(inside);
	}
	/* Each port that starts would start multicast on all the others again: that is
	 * left until all have started. */
	for (int b = 1; b <= bridges(); b++) {
		struct nlmsghdr *h;

		link_flags(BRIDGE + b, IFF_UP);
		h = begin(RTM_NEWLINK, 0);
		link_body(BRIDGE + b, 0, 0);
		snooping(1);
		end(h);
	}
	/* Who asks for a link has the kernel look at its carrier now, and not within a
	 * second (linkwatch): of a port, so that the bridge gets one, and of the bridge. */
	for (int b = 1; b <= bridges(); b++) {
		int ask[] = { PORT + 1 + (b - 1) * per, BRIDGE + b };

		for (int k = 0; k < 2; k++) {
			struct nlmsghdr *h = begin(RTM_GETLINK, 0);

			link_body(ask[k], 0, 0);
			end(h);
		}
	}
	transact(s);
}

static void down(void)
{
	int s = dial();
	struct nlmsghdr *h;

	for (int b = 1; b <= bridges(); b++)
		link_flags(BRIDGE + b, 0);
	h = begin(RTM_DELLINK, 0);
	link_body(0, 0, 0);
	attr32(IFLA_GROUP, GROUP);
	end(h);
	transact(s);
	for (int i = 1; i <= n; i++)
		netns_del(i);
}
