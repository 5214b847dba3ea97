/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real run of net kernels in a VM, seen from outside and from inside: no port is opened beyond
 * loopback while it runs, nothing is left of the network afterwards, and the guest cannot connect
 * to its host.
 */
#include "tests/check.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/host/net_link.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"

#define NESTBENCH TEST_BINARY_DIR "/nestbench"
#define RUN_LIMIT_NS (250 * NS_PER_S)

enum { PORTS = 512, SOCKETS = 4096 };

/* Ports that are open: address and port as /proc/net/tcp writes them, which is enough to compare.
 */
struct listening {
	char at[PORTS][64];
	int count;
};

/* The sockets of programs that a run consists of, by their inodes. */
struct sockets {
	unsigned long inode[SOCKETS];
	int count;
};

static bool is_loopback(const char *at)
{
	static const char *const loopback[] = {"0100007F:", "00000000000000000000000001000000:",
					       "0000000000000000FFFF00000100007F:"};

	for (size_t i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++)
		if (strncmp(at, loopback[i], strlen(loopback[i])) == 0)
			return true;
	return false;
}

static void add_sockets(const char *pid, struct sockets *ours)
{
	char dir[300], path[600], link[64];
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%s/fd", pid);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		ssize_t len;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		link[len < 0 ? 0 : len] = '\0';
		if (ours->count < SOCKETS &&
		    sscanf(link, "socket:[%lu]", &ours->inode[ours->count]) == 1)
			ours->count++;
	}
	if (d)
		closedir(d);
}

/* Of nestbench, nestkernel and QEMU, whichever process started them; ports of other programs do not
 * count. */
static void find_sockets(struct sockets *ours)
{
	static const char *const names[] = {"nestbench", "nestkernel", "qemu"};
	DIR *d = opendir("/proc");
	char path[300], name[64];
	struct dirent *e;

	assert_non_null(d);
	ours->count = 0;
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		if (e->d_name[0] < '0' || e->d_name[0] > '9' ||
		    !file_line(name, sizeof(name), "%s", path))
			continue;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strncmp(name, names[i], strlen(names[i])) == 0)
				add_sockets(e->d_name, ours);
	}
	closedir(d);
}

static bool is_of(const struct sockets *ours, unsigned long inode)
{
	for (int i = 0; i < ours->count; i++)
		if (ours->inode[i] == inode)
			return true;
	return false;
}

/* Listening TCP, and unconnected UDP. */
static void look(struct listening *l)
{
	static const struct {
		const char *path, *state;
	} tables[] = {{"/proc/net/tcp", "0A"},
		      {"/proc/net/tcp6", "0A"},
		      {"/proc/net/udp", "07"},
		      {"/proc/net/udp6", "07"}};
	struct sockets ours;

	find_sockets(&ours);
	l->count = 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct buf text = BUF_INIT;
		struct err ignored;
		char at[64], state[8];
		unsigned long inode;

		if (file_read(tables[i].path, 1 << 24, &text, &ignored) == 0)
			for (const char *line = buf_str(&text); line;
			     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
				if (sscanf(line, " %*d: %63s %*s %7s %*s %*s %*s %*s %*s %lu", at,
					   state, &inode) == 3 &&
				    strcmp(state, tables[i].state) == 0 && is_of(&ours, inode) &&
				    l->count < PORTS)
					strcpy(l->at[l->count++], at);
		buf_release(&text);
	}
}

static bool was_there(const struct listening *l, const char *at)
{
	for (int i = 0; i < l->count; i++)
		if (strcmp(l->at[i], at) == 0)
			return true;
	return false;
}

/* A server on loopback, to which the guest must not connect; returns its port. */
static int serve_here(int *fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(*fd >= 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(*fd, 8), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

struct seen {
	int net_ok, net_other, shut_in, let_out;
	char note[SAMPLE_REASON];
};

static int see_row(void *ctx, const struct row *row, struct err *err)
{
	struct seen *s = ctx;

	(void)err;
	if (row->layer != 1)
		return 0;
	if (strncmp(row->workload, "net.", 4) == 0) {
		*(row->sample.status == SAMPLE_OK ? &s->net_ok : &s->net_other) += 1;
		strcpy(s->note, row->sample.reason);
	} else if (strcmp(row->workload, "command") == 0) {
		/* The number it printed counts as a rate, 1 a second; a row is of a million. */
		bool refused = row->sample.status == SAMPLE_OK &&
			       row->sample.elapsed_ns == row->sample.ops * 1000000 * NS_PER_S;

		*(refused ? &s->shut_in : &s->let_out) += 1;
	}
	return 0;
}

/* Watches the machine's ports until the run has ended; how often a new one of loopback was seen. */
static int watch(struct child *c, const struct listening *before, int *status)
{
	uint64_t end = clock_now(&clock_machine) + RUN_LIMIT_NS;
	struct listening now;
	int seen = 0;

	while (!child_wait(c, 50 * NS_PER_MS, status)) {
		assert_true(clock_now(&clock_machine) < end);
		look(&now);
		for (int i = 0; i < now.count; i++) {
			if (was_there(before, now.at[i]))
				continue;
			if (!is_loopback(now.at[i]))
				fail_msg("a port was opened beyond loopback: %s", now.at[i]);
			seen++;
		}
	}
	return seen;
}

static void run_with(const char *kind, const char *guess, struct seen *s, int *new_ports)
{
	char *top = test_dir_make(), dir[300], log[300], command[256];
	const char *argv[] = {NESTBENCH,  "run",      "--alongside",   "--depth", "1",
			      "--rounds", "1",	      "--no-plots",    "--net",	  kind,
			      "--out",	  dir,	      "--workloads",   "net.*",	  "--command",
			      command,	  "--metric", "WAYS=([0-9]+)", NULL};
	struct child_options opt = {.log = log};
	struct child c = CHILD_NONE;
	struct layers layers = {0};
	struct damage damage = {0};
	struct listening before;
	int server, status, port = serve_here(&server);
	struct err err;

	memset(s, 0, sizeof(*s));
	snprintf(dir, sizeof(dir), "%s/run", top);
	snprintf(log, sizeof(log), "%s/log", top);
	/* 1: the attempt failed as it must; 2: anything else. */
	snprintf(command, sizeof(command),
		 "n=$(/usr/libexec/nestbench/nestkernel --net-peer %s:%d --batches 1 net.rr 2>&1 | "
		 "grep -c 'cannot "
		 "reach'); "
		 "echo WAYS=$((2-n))",
		 guess, port);
	look(&before);
	assert_works(child_start(&c, argv, &opt, &err), err);
	*new_ports = watch(&c, &before, &status);
	child_stop(&c, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FINE);
	assert_works(rows_read(dir, see_row, s, &damage, &err), err);
	assert_int_equal(damage.count, 0);
	assert_works(layers_read(dir, &layers, &damage, &err), err);
	/* "tap" may have become "tap+vhost". */
	assert_int_equal(strncmp(layers_get(&layers, 1, 1, "net"), kind, strlen(kind)), 0);
	layers_release(&layers);
	close(server);
	test_dir_remove(top);
}

/* A stand-in of QEMU that opens a port is seen, loopback or not. */
static void see_port(int type, const char *address, bool loopback)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	struct listening before, now;
	int up[2], more = 0;
	char byte;
	pid_t pid;

	assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
	look(&before);
	assert_int_equal(pipe(up), 0);
	pid = fork();
	if (pid == 0) {
		int fd = socket(AF_INET, type, 0);

		prctl(PR_SET_NAME, "qemu-stand-in");
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
		    (type == SOCK_STREAM && listen(fd, 1) < 0) || write(up[1], "u", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(up[1]);
	assert_int_equal(read(up[0], &byte, 1), 1);
	close(up[0]);
	look(&now);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < now.count; i++)
		if (!was_there(&before, now.at[i])) {
			assert_int_equal(is_loopback(now.at[i]), loopback);
			more++;
		}
	assert_int_equal(more, 1);
}

static void test_ports_are_seen(void **state)
{
	(void)state;
	see_port(SOCK_STREAM, "127.0.0.1", true);
	see_port(SOCK_STREAM, "0.0.0.0", false);
	see_port(SOCK_DGRAM, "127.0.0.1", true);
	see_port(SOCK_DGRAM, "0.0.0.0", false);
}

static void test_user_network(void **state)
{
	struct seen s;
	int ports;

	(void)state;
	run_with("user", "10.0.2.2", &s, &ports);
	if (s.net_other || s.net_ok < 4)
		fail_msg("%d good rows, %d others: %s", s.net_ok, s.net_other, s.note);
	assert_non_null(strstr(s.note, "user link to the parent layer"));
	/* The forwarded one. */
	assert_true(ports > 0);
	assert_true(s.shut_in > 0);
	assert_int_equal(s.let_out, 0);
}

static void test_tap(void **state)
{
	struct seen s;
	struct err err;
	int ports;

	(void)state;
	if (net_tap_check(&err) < 0)
		skip();
	/* The first address that a tap gets; a server on loopback is not to be reached by it. */
	run_with("tap", "169.254.128.1", &s, &ports);
	if (s.net_other || s.net_ok < 4)
		fail_msg("%d good rows, %d others: %s", s.net_ok, s.net_other, s.note);
	assert_non_null(strstr(s.note, "tap"));
	assert_true(s.shut_in > 0);
	assert_int_equal(s.let_out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports_are_seen),
		cmocka_unit_test(test_user_network),
		cmocka_unit_test(test_tap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
