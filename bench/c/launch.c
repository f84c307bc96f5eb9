// Launch runs a program a number of times, one behind the other, and writes a line for
// each to file descriptor 3:
//
//	wall_ns user_us system_us largest_rss_kB minor_faults exit_code
//
//	launch TIMES [-p] -- PROGRAM ARGUMENT...
//
// It is small, and in C, because of a process that a larger one forks the kernel counts
// the larger one's memory until the process executes something else, and a resident set
// that was largest then stays the largest. -p pins all to the last CPU that it may use.
// The program reads /dev/null, and writes there, if stdout is not set to something else.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long us(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

static int pin(void) {
	cpu_set_t may, one;
	if (sched_getaffinity(0, sizeof may, &may) != 0)
		return -1;
	CPU_ZERO(&one);
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
		if (CPU_ISSET(cpu, &may)) {
			CPU_SET(cpu, &one);
			break;
		}
	return sched_setaffinity(0, sizeof one, &one);
}

int main(int argc, char **argv) {
	int at = 2;
	if (argc > at && strcmp(argv[at], "-p") == 0 && ++at && pin() != 0) {
		perror("launch: sched_setaffinity");
		return 2;
	}
	if (argc < at + 2 || strcmp(argv[at], "--") != 0) {
		fprintf(stderr, "usage: launch TIMES [-p] -- PROGRAM ARGUMENT...\n");
		return 2;
	}
	char **program = argv + at + 1;
	fcntl(3, F_SETFD, FD_CLOEXEC);
	for (int left = atoi(argv[1]); left > 0; left--) {
		struct rusage used;
		int status;
		long long start = now();
		pid_t pid = vfork();
		if (pid == 0) {
			execvp(program[0], program);
			_exit(127);
		}
		if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
			perror("launch");
			return 2;
		}
		long long took = now() - start;
		dprintf(3, "%lld %lld %lld %ld %ld %d\n", took, us(used.ru_utime), us(used.ru_stime), used.ru_maxrss, used.ru_minflt,
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	return 0;
}
