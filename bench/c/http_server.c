/*
 * The article's web server, written anew: a thread for every connection, one
 * read, one page, close. It is the oracle for httpraw's tests (the same bytes
 * on the wire and on stdout) and the baseline of the benchmarks.
 *
 *     cc -O2 -pthread -o http_server http_server.c
 *     ./http_server [-u] [-b BACKLOG] [PORT]
 *
 * PORT is 8080 where it is missing; with 0 the kernel chooses one, which is
 * then written to stderr. -u takes the buffer from stdout, so that a test sees
 * each request when it is printed and not when 4096 bytes have come together.
 * -b lets more than 5 clients wait, where a benchmark sends more at once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5
#define REQUEST_MAX 4895

static const char page[] =
	"HTTP/1.0 200 ok\n\n<html><h1>Welcome to my http server!</h1><html>\n";

static void die(const char *step)
{
	fprintf(stderr, "http_server: %s: %s\n", step, strerror(errno));
	exit(1);
}

static void *serve(void *arg)
{
	int fd = (int)(long)arg;
	char buf[REQUEST_MAX + 1];
	ssize_t n = read(fd, buf, REQUEST_MAX);

	/* A connection that was reset has nobody to answer. */
	if (n >= 0) {
		buf[n] = '\0';
		printf(" %s ", buf);
		/* A short or failed write is the client's loss, as it was. */
		if (write(fd, page, sizeof(page) - 1) < 0) {
		}
	}
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	pthread_attr_t detached;
	int i, one = 1, port = 8080, backlog = BACKLOG, listener;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-u"))
			setvbuf(stdout, NULL, _IONBF, 0);
		else if (!strcmp(argv[i], "-b") && i + 1 < argc)
			backlog = atoi(argv[++i]);
		else
			port = atoi(argv[i]);
	}
	/* write() to a connection that was reset must not end the server. */
	signal(SIGPIPE, SIG_IGN);

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0)
		die("socket");
	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
		die("SO_REUSEADDR");
	addr.sin_port = htons(port);
	addr.sin_addr.s_addr = htonl(INADDR_ANY);
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		die("bind");
	if (listen(listener, backlog) < 0)
		die("listen");
	if (port == 0) {
		if (getsockname(listener, (struct sockaddr *)&addr, &len) < 0)
			die("getsockname");
		fprintf(stderr, "%d\n", ntohs(addr.sin_port));
	}

	if (pthread_attr_init(&detached) ||
	    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED))
		die("pthread_attr");
	for (;;) {
		pthread_t thread;
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		if (pthread_create(&thread, &detached, serve, (void *)(long)fd))
			close(fd);
	}
}
