/* What one command of ip does, by a program in C that does nothing else:
 *
 *	command naive|floor show LINK | link NAME | addr A.B.C.D/N LINK | netns NAME | exec NAME PROGRAM...
 *
 * naive asks for all links and looks for the one, or has libc ask for its index, and
 * prints by stdio; floor asks for what it wants, and prints nothing but a line.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

static int naive;
static struct {
	struct nlmsghdr h;
	char room[1024];
} req;
static char in[1 << 15];

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void *begin(int type, int flags, size_t len)
{
	req.h.nlmsg_len = NLMSG_LENGTH(len);
	req.h.nlmsg_type = type;
	req.h.nlmsg_flags = NLM_F_REQUEST | flags;
	req.h.nlmsg_seq = 1;
	return NLMSG_DATA(&req.h);
}

static struct rtattr *attr(int type, const void *data, size_t len)
{
	struct rtattr *a = (void *)((char *)&req + NLMSG_ALIGN(req.h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	req.h.nlmsg_len = NLMSG_ALIGN(req.h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

/* Sends the request and calls f for each link of the answer. */
static void ask(void (*f)(struct nlmsghdr *, const char *), const char *name)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), n;

	if (s < 0 || connect(s, (void *)&a, sizeof a) || send(s, &req, req.h.nlmsg_len, 0) < 0)
		die("send");
	for (;;) {
		if ((n = recv(s, in, sizeof in, 0)) < 0)
			die("recv");
		for (struct nlmsghdr *h = (void *)in; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_ERROR) {
				errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
				if (errno)
					die("the kernel refused");
				return;
			}
			if (h->nlmsg_type == NLMSG_DONE)
				return;
			if (f)
				f(h, name);
			if (!(req.h.nlmsg_flags & NLM_F_DUMP))
				return;
		}
	}
}

static void show(struct nlmsghdr *h, const char *name)
{
	struct ifinfomsg *m = NLMSG_DATA(h);
	int len = IFLA_PAYLOAD(h);
	const char *is = "";
	unsigned mtu = 0;

	for (struct rtattr *a = IFLA_RTA(m); RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (a->rta_type == IFLA_IFNAME)
			is = RTA_DATA(a);
		if (a->rta_type == IFLA_MTU)
			mtu = *(unsigned *)RTA_DATA(a);
	}
	if (strcmp(is, name))
		return;
	if (naive)
		printf("%d: %s: <%#x> mtu %u\n", m->ifi_index, is, m->ifi_flags, mtu);
	else if (write(1, is, strlen(is)) < 0)
		die("write");
}

int main(int argc, char **argv)
{
	char path[300];

	if (argc < 4)
		return 2;
	naive = !strcmp(argv[1], "naive");
	const char *what = argv[2], *name = argv[3];
	if (!strcmp(what, "show")) {
		begin(RTM_GETLINK, naive ? NLM_F_DUMP : 0, sizeof(struct ifinfomsg));
		if (!naive)
			attr(IFLA_IFNAME, name, strlen(name) + 1);
		ask(show, name);
	} else if (!strcmp(what, "link")) {
		begin(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
		attr(IFLA_IFNAME, name, strlen(name) + 1);
		struct rtattr *info = attr(IFLA_LINKINFO, NULL, 0);
		attr(IFLA_INFO_KIND, "bridge", 6);
		info->rta_len = (char *)&req + req.h.nlmsg_len - (char *)info;
		ask(NULL, NULL);
	} else if (!strcmp(what, "addr") && argc == 5) {
		char *slash = strchr(argv[3], '/');
		struct in_addr ip;

		if (!slash)
			return 2;
		*slash = 0;
		inet_aton(argv[3], &ip);
		struct ifaddrmsg *m = begin(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, sizeof *m);
		m->ifa_family = AF_INET;
		m->ifa_prefixlen = atoi(slash + 1);
		m->ifa_index = strcmp(argv[4], "lo") || naive ? if_nametoindex(argv[4]) : 1;
		attr(IFA_LOCAL, &ip, 4);
		attr(IFA_ADDRESS, &ip, 4);
		ask(NULL, NULL);
	} else if (!strcmp(what, "netns")) {
		snprintf(path, sizeof path, "/run/netns/%s", name);
		mkdir("/run/netns", 0755);
		if (mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL) &&
		    (mount("/run/netns", "/run/netns", "none", MS_BIND | MS_REC, NULL) || mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL)))
			die("/run/netns");
		int fd = open(path, O_RDONLY | O_CREAT | O_EXCL, 0);
		if (fd < 0)
			die(path);
		close(fd);
		if (unshare(CLONE_NEWNET) || mount("/proc/self/ns/net", path, "none", MS_BIND, NULL))
			die(path);
	} else if (!strcmp(what, "exec") && argc > 4) {
		snprintf(path, sizeof path, "/run/netns/%s", name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || setns(fd, CLONE_NEWNET))
			die(path);
		if (naive && (unshare(CLONE_NEWNS) || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) || umount2("/sys", MNT_DETACH) || mount(name, "/sys", "sysfs", 0, NULL)))
			die("/sys");
		execvp(argv[4], argv + 4);
		die(argv[4]);
	} else {
		return 2;
	}
	return 0;
}
