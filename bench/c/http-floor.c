// Http-floor is the least that an HTTP server can do on Linux by epoll: the calls
// that a request cannot do without, and next to no work between them. It answers
// everything that ends in an empty line with one thing. What a server takes above
// this is its own.
//
//	http-floor [-k] [-f FILE] PORT
//
// Without -k each connection gets one answer: accept4, read, write, close. The
// kernel hands a connection over when its request is there (TCP_DEFER_ACCEPT), so
// that epoll watches the listener alone, and sends answer and end in one packet
// (TCP_CORK). With -k connections stay, watched by epoll, and a request is read and
// write; requests that came together are answered together. With -f the body is a
// file, sent by sendfile.
//
// It is no server to be used: a request that is split over packets is answered only
// where the end is what comes last, and an answer that the socket does not take is
// cut off, but for files.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE "<html><h1>Welcome to my http server!</h1><html>\n"
#define PIPELINED 64 // most requests that are answered together

static char answers[PIPELINED * 256];
static size_t answer; // the length of one
static int ep, file = -1, keep;
static off_t size;
static off_t *sent; // with a file, by descriptor: how much of it is out; -1: nothing is asked for

static void must(int ok, const char *step) {
	if (!ok) {
		fprintf(stderr, "http-floor: %s: %s\n", step, strerror(errno));
		exit(1);
	}
}

static void watch(int fd, int op, uint32_t events) {
	struct epoll_event e = {.events = events, .data.fd = fd};
	must(epoll_ctl(ep, op, fd, &e) == 0, "epoll_ctl");
}

// push sends more of the file, and waits for room where there is none.
static void push(int fd, int waited) {
	while (sent[fd] < size) {
		ssize_t n = sendfile(fd, file, &sent[fd], size - sent[fd]);
		if (n < 0 && errno == EAGAIN) {
			if (!waited)
				watch(fd, keep ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, EPOLLOUT);
			return;
		}
		if (n <= 0) {
			close(fd);
			return;
		}
	}
	sent[fd] = -1;
	if (!keep)
		close(fd);
	else if (waited)
		watch(fd, EPOLL_CTL_MOD, EPOLLIN);
}

// serve makes one read and answers what it brought.
static void serve(int fd, int fresh) {
	static char in[32768];
	ssize_t n = read(fd, in, sizeof in);
	if (n < 0 && errno == EAGAIN) {
		if (fresh && !keep) // a silent one, which the kernel gave up holding
			watch(fd, EPOLL_CTL_ADD, EPOLLIN);
		return;
	}
	if (n <= 0) {
		close(fd);
		return;
	}
	if (n < 4 || memcmp(in + n - 4, "\r\n\r\n", 4) != 0)
		return;
	if (file >= 0) {
		sent[fd] = 0;
		if (send(fd, answers, answer, MSG_MORE | MSG_NOSIGNAL) == (ssize_t)answer)
			push(fd, 0);
		return;
	}
	size_t count = 1;
	for (char *p = in; keep && (p = memmem(p, in + n - 4 - p, "\r\n\r\n", 4)); p += 4)
		count++;
	if (count > PIPELINED)
		count = PIPELINED;
	if (write(fd, answers, count * answer) < 0 || !keep)
		close(fd);
}

int main(int argc, char **argv) {
	struct sockaddr_in addr = {.sin_family = AF_INET};
	struct rlimit most;
	struct stat st;
	int opt, one = 1, s;
	while ((opt = getopt(argc, argv, "kf:")) > 0) {
		if (opt == 'k')
			keep = 1;
		else if (opt == 'f')
			must((file = open(optarg, O_RDONLY)) >= 0 && fstat(file, &st) == 0, optarg);
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	size = file >= 0 ? st.st_size : (off_t)strlen(PAGE);
	answer = snprintf(answers, 256, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %lld\r\n%s\r\n%s",
			  (long long)size, keep ? "" : "Connection: close\r\n", file >= 0 ? "" : PAGE);
	for (int i = 1; i < PIPELINED; i++)
		memcpy(answers + i * answer, answers, answer);
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &most);
	if (file >= 0)
		must((sent = calloc(most.rlim_cur, sizeof *sent)) != NULL, "memory");

	must((s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) >= 0, "socket");
	addr.sin_port = htons(atoi(argv[optind]));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, &one, sizeof one);
	if (!keep)
		setsockopt(s, IPPROTO_TCP, TCP_CORK, &one, sizeof one);
	must(bind(s, (void *)&addr, sizeof addr) == 0, "bind");
	must(listen(s, 16384) == 0, "listen");
	must((ep = epoll_create1(0)) >= 0, "epoll_create1");
	watch(s, EPOLL_CTL_ADD, EPOLLIN);
	// Where clients come one by one, a second accept4 is in vain; now and then it is
	// made, to know when that changes.
	for (unsigned lone = 0;;) {
		struct epoll_event events[128];
		int n = epoll_wait(ep, events, 128, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd != s) {
				if (file >= 0 && events[i].events & EPOLLOUT)
					push(fd, 1);
				else
					serve(fd, 0);
				continue;
			}
			int most = lone >= 4 && lone % 16 ? 1 : 64, taken = 0;
			while (taken < most && (fd = accept4(s, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
				if (keep)
					watch(fd, EPOLL_CTL_ADD, EPOLLIN);
				serve(fd, 1);
				taken++;
			}
			lone = taken == 1 ? lone + 1 : 0;
		}
	}
}
