// Floor sends what is in a file, netlink messages one behind the other, and waits
// for the answer to each before it sends the next one; it looks at nothing and
// writes nothing. It is what a command that sends these requests takes at
// least: the kernel's time, and the start of a small C program.
//
//	floor FILE
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char reply[32768];

// answered reads until the answer to q is complete. It returns 0, or -1.
static int answered(int s, const struct nlmsghdr *q) {
	for (;;) {
		ssize_t n = recv(s, reply, sizeof reply, 0);
		if (n <= 0)
			return -1;
		for (struct nlmsghdr *h = (void *)reply; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				return h->nlmsg_type == NLMSG_ERROR ? ((struct nlmsgerr *)NLMSG_DATA(h))->error : 0;
		if (!(q->nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP)))
			return 0;
	}
}

int main(int argc, char **argv) {
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct stat st;
	int one = 1, room = 1 << 20, s, f;
	if (argc != 2 || (f = open(argv[1], O_RDONLY)) < 0 || fstat(f, &st) != 0)
		return 2;
	s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	setsockopt(s, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
	setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
	setsockopt(s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof one);
	setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (connect(s, (void *)&kernel, sizeof kernel) != 0)
		return 2;
	if (st.st_size == 0)
		return 0;
	char *p = mmap(0, st.st_size, PROT_READ, MAP_PRIVATE, f, 0);
	if (p == MAP_FAILED)
		return 2;
	int failed = 0;
	for (char *end = p + st.st_size; p + sizeof(struct nlmsghdr) <= end;) {
		const struct nlmsghdr *q = (void *)p;
		if (q->nlmsg_len < sizeof *q || send(s, q, q->nlmsg_len, 0) < 0)
			return 2;
		failed |= answered(s, q);
		p += NLMSG_ALIGN(q->nlmsg_len);
	}
	return failed != 0;
}
