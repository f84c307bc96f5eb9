/* The star of topo.h by the calls that one writes first: a socket for each message,
 * each property a message of its own, the peer made beside its end and then moved, the
 * bridge up from the beginning, each link deleted by itself. The order is that of the
 * scripts that people have for it.
 */
#include "topo.h"

static void tell(void)
{
	int s = dial();

	transact(s);
	close(s);
}

static int host; /* the namespace that we came from */

static void enter(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		die("setns");
}

static int index_of(const char *name)
{
	int i = if_nametoindex(name);

	if (i == 0)
		die(name);
	return i;
}

static void up(void)
{
	host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	names_folder();
	for (int b = 1; b <= bridges(); b++) {
		struct nlmsghdr *h = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
		struct rtattr *info;

		link_body(0, 0, 0);
		attrs(IFLA_IFNAME, numbered("br", b));
		info = nest(IFLA_LINKINFO);
		attrs(IFLA_INFO_KIND, "bridge");
		nest_end(info);
		end(h);
		tell();
		addr_add(index_of(numbered("br", b)), bridge_ip(b));
		tell();
		link_flags(index_of(numbered("br", b)), IFF_UP);
		tell();
	}
	for (int i = 1; i <= n; i++) {
		struct nlmsghdr *h;
		struct rtattr *info, *data, *peer;
		int there;

		netns_add(i);
		enter(host);

		h = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
		link_body(0, 0, 0);
		attrs(IFLA_IFNAME, numbered("v", i));
		info = nest(IFLA_LINKINFO);
		attrs(IFLA_INFO_KIND, "veth");
		data = nest(IFLA_INFO_DATA);
		peer = nest(VETH_INFO_PEER);
		link_body(0, 0, 0);
		attrs(IFLA_IFNAME, numbered("p", i));
		nest_end(peer);
		nest_end(data);
		nest_end(info);
		end(h);
		tell();

		there = open(numbered("/run/netns/n", i), O_RDONLY | O_CLOEXEC);
		if (there < 0)
			die("namespace");
		h = begin(RTM_NEWLINK, 0);
		link_body(index_of(numbered("p", i)), 0, 0);
		attr32(IFLA_NET_NS_FD, there);
		attrs(IFLA_IFNAME, "eth0");
		end(h);
		tell();

		h = begin(RTM_NEWLINK, 0);
		link_body(index_of(numbered("v", i)), 0, 0);
		attr32(IFLA_MASTER, index_of(numbered("br", 1 + (i - 1) / per)));
		end(h);
		tell();
		link_flags(index_of(numbered("v", i)), IFF_UP);
		tell();

		enter(there);
		addr_add(index_of("eth0"), inside_ip(i));
		tell();
		link_flags(index_of("eth0"), IFF_UP);
		tell();
		link_flags(index_of("lo"), IFF_UP);
		tell();
		enter(host);
		close(there);
	}
}

static void down(void)
{
	for (int i = 1; i <= n + bridges(); i++) {
		struct nlmsghdr *h;
		int index = index_of(i <= n ? numbered("v", i) : numbered("br", i - n));

		h = begin(RTM_DELLINK, 0);
		link_body(index, 0, 0);
		end(h);
		tell();
		if (i <= n)
			netns_del(i);
	}
}
