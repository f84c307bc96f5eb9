/* What the two programs that bench/topo compares with share: a star of namespaces,
 * each with one veth to a bridge.
 *
 *	topo-floor|topo-naive up|down N PER
 *
 * N namespaces n1..nN in /run/netns, each with lo, and eth0 with an address; the
 * other end, v1..vN, is a port of a bridge, br1 for the first PER, br2 for the next,
 * and so on. Bridge b has the address 10.b.0.1/16, its namespaces have the next ones.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <net/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

static int n, per; /* from the command line */

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* A batch: messages, one behind the other. */
static char batch[1 << 20];
static size_t batch_len;
static int batch_msgs;

static void *append(size_t len)
{
	void *p = batch + batch_len;

	if (batch_len + len > sizeof batch)
		errno = ENOBUFS, die("batch");
	memset(p, 0, NLMSG_ALIGN(len));
	batch_len += NLMSG_ALIGN(len);
	return p;
}

static struct nlmsghdr *begin(int type, int flags)
{
	struct nlmsghdr *h = append(sizeof *h);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	h->nlmsg_seq = ++batch_msgs;
	return h;
}

static void end(struct nlmsghdr *h) { h->nlmsg_len = batch + batch_len - (char *)h; }

static struct rtattr *attr(int type, const void *data, size_t len)
{
	struct rtattr *a = append(RTA_LENGTH(len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	return a;
}

static void attr32(int type, unsigned v) { attr(type, &v, sizeof v); }
static void attrs(int type, const char *s) { attr(type, s, strlen(s) + 1); }
static struct rtattr *nest(int type) { return attr(type, NULL, 0); }
static void nest_end(struct rtattr *a) { a->rta_len = batch + batch_len - (char *)a; }

static int dial(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), on = 1, room = 1 << 20;

	if (s < 0 || bind(s, (void *)&a, sizeof a))
		die("socket");
	setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
	setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	return s;
}

/* Sends the batch and takes all its acks; any refusal ends the program. */
static void transact(int s)
{
	static char in[1 << 16];
	int left = batch_msgs, len;

	if (left && send(s, batch, batch_len, 0) != (ssize_t)batch_len)
		die("send");
	while (left > 0) {
		if ((len = recv(s, in, sizeof in, 0)) < 0)
			die("recv");
		for (struct nlmsghdr *h = (void *)in; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
			if (h->nlmsg_type != NLMSG_ERROR)
				continue;
			left--;
			errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (errno) {
				fprintf(stderr, "message %d of %d: ", h->nlmsg_seq, batch_msgs);
				die("the kernel refused");
			}
		}
	}
	batch_len = batch_msgs = 0;
}

static struct ifinfomsg *link_body(int index, unsigned flags, unsigned change)
{
	struct ifinfomsg *m = append(sizeof *m);

	m->ifi_index = index;
	m->ifi_flags = flags;
	m->ifi_change = change;
	return m;
}

static void link_flags(int index, unsigned flags)
{
	struct nlmsghdr *h = begin(RTM_NEWLINK, 0);

	link_body(index, flags, IFF_UP);
	end(h);
}

static void addr_add(int index, unsigned ip)
{
	struct nlmsghdr *h = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *m = append(sizeof *m);

	m->ifa_family = AF_INET;
	m->ifa_prefixlen = 16;
	m->ifa_index = index;
	attr32(IFA_LOCAL, htonl(ip));
	attr32(IFA_ADDRESS, htonl(ip));
	end(h);
}

/* Namespaces and links count from 1. */
static unsigned bridge_ip(int b) { return 10u << 24 | b << 16 | 1; }
static unsigned inside_ip(int i) { return bridge_ip((i - 1) / per + 1) + 1 + (i - 1) % per; }
static int bridges(void) { return (n + per - 1) / per; }

static char *numbered(const char *what, int i)
{
	static char s[4][64];
	static int k;

	k = (k + 1) % 4;
	snprintf(s[k], sizeof s[k], "%s%d", what, i);
	return s[k];
}

/* The folder of the names, mounted so that mounts in it reach other mount namespaces:
 * as ip does it. */
static void names_folder(void)
{
	mkdir("/run/netns", 0755);
	if (mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL) == 0)
		return;
	if (mount("/run/netns", "/run/netns", "none", MS_BIND | MS_REC, NULL) ||
	    mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL))
		die("/run/netns");
}

/* Makes a namespace, goes there, and gives it its name. */
static void netns_add(int i)
{
	char *path = numbered("/run/netns/n", i);
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	if (fd < 0)
		die(path);
	close(fd);
	if (unshare(CLONE_NEWNET) || mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL))
		die(path);
}

static void netns_del(int i)
{
	char *path = numbered("/run/netns/n", i);

	if (umount2(path, MNT_DETACH) || unlink(path))
		die(path);
}

static void up(void), down(void);

int main(int argc, char **argv)
{
	if (argc != 4 || (n = atoi(argv[2])) < 1 || (per = atoi(argv[3])) < 1) {
		fprintf(stderr, "usage: %s up|down N PER\n", argv[0]);
		return 2;
	}
	if (!strcmp(argv[1], "up"))
		up();
	else
		down();
	return 0;
}
