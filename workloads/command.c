/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures any program of the layer: the wall time of one run of a shell command line, or a number
 * that the program prints itself, found by a pattern. What the program does, and whether it does
 * the same in every layer, is the user's business: the digest only tells how often it ran, and that
 * it ended with exit code 0. Not measured: the start of the shell apart from the program. What is
 * printed on stdout and stderr goes through a pipe, and is bounded (output.h); what the shell
 * leaves in the background is not waited for.
 *
 * A rate is turned into the time that a million of its units take, since a row's time is in whole
 * nanoseconds, which for one byte of "500MiB/s" are two. Several runs in a batch are averaged in
 * time: the row is the sum of what they told. Of rates that is the harmonic mean, the rate at which
 * all of the work was done when each run does as much; of times it is the arithmetic one.
 *
 * Source: hyperfine, for the wall time.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/child.h"
#include "bench/base/clock.h"
#include "workloads/output.h"
#include "workloads/workload.h"

extern char **environ;

/* Units of a rate that are one operation. */
#define RATE_UNITS 1e6

/* Fewer whole nanoseconds would be too coarse by more than half a per cent; more do not fit. */
#define LEAST_NS 100.0
#define MOST_NS 1e18

struct state {
	const char *line;
	struct metric metric;
	uint64_t runs;
	double told_ns; /* by the runs of the last batch together */
	struct output output;
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)arg;
	if (env->command)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "no command was given (nestbench run --command 'PROGRAM ARGUMENTS')");
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	(void)arg;
	s->line = env->command;
	s->metric.is_time = env->metric_is_time;
	return env->metric ? metric_compile(&s->metric, env->metric, err) : 0;
}

/* Starts the shell; *from is our end of the pipe that it prints to. */
static int start(const char *line, pid_t *pid, int *from, struct err *err)
{
	const char *const argv[] = {"sh", "-c", line, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int failed, end[2];

	if (pipe2(end, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "no pipe for the output of the command");
	fcntl(end[0], F_SETFL, O_NONBLOCK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, end[1], 1);
	posix_spawn_file_actions_adddup2(&actions, end[1], 2);
	posix_spawnattr_init(&attr);
	child_signals(&attr, 0);
	failed = posix_spawn(pid, "/bin/sh", &actions, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	close(end[1]);
	if (!failed) {
		*from = end[0];
		return 0;
	}
	close(end[0]);
	errno = failed;
	return err_errno(err, EXIT_MACHINE, "cannot start /bin/sh");
}

/* Takes all that is there. 1: there may be more; 0: nobody can print any more; -1: too much. */
static int take(struct output *o, int from, struct err *err)
{
	char chunk[16384];
	ssize_t got;

	for (;;) {
		got = read(from, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 && errno == EAGAIN;
		if (output_add(o, chunk, (size_t)got, err) < 0)
			return -1;
	}
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

/* Takes what is printed until the shell has ended. */
static int listen_to(struct output *o, pid_t pid, int from, struct err *err)
{
	int end = (int)syscall(SYS_pidfd_open, pid, 0), more = 1;
	struct pollfd p[2] = {{.fd = end, .events = POLLIN}, {.fd = from, .events = POLLIN}};
	bool ended = false;

	while (!ended && more >= 0) {
		/* Without a pidfd (an old kernel) look again every 10 ms. */
		poll(p, 2, end < 0 ? 10 : -1);
		ended = has_ended(pid);
		if (more)
			more = take(o, from, err);
		if (!more)
			p[1].fd = -1;
	}
	if (end >= 0)
		close(end);
	return more < 0 ? -1 : 0;
}

static int run_once(struct state *s, struct err *err)
{
	struct output_line last;
	int from = -1, status, heard;
	pid_t pid;

	output_begin(&s->output, s->metric.text ? &s->metric : NULL);
	if (start(s->line, &pid, &from, err) < 0)
		return -1;
	heard = listen_to(&s->output, pid, from, err);
	if (heard < 0)
		kill(pid, SIGKILL);
	close(from);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot wait for the command");
	if (heard < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	last = output_last_line(&s->output);
	return err_set(err, EXIT_MACHINE, "the command ended with %s %d: %.*s",
		       WIFEXITED(status) ? "exit code" : "signal",
		       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), last.len,
		       last.text);
}

/* What the run that has just ended cost by its own account. */
static int add_told(struct state *s, struct err *err)
{
	double value, ns;

	if (output_metric(&s->output, &value, err) < 0)
		return -1;
	ns = s->metric.is_time ? value * NS_PER_S : RATE_UNITS / value * NS_PER_S;
	if (ns < LEAST_NS)
		return err_set(err, EXIT_USAGE, "--metric: %g %s for a row in whole nanoseconds",
			       value,
			       s->metric.is_time ? "s is too short" : "a second is too much");
	s->told_ns += ns;
	if (s->told_ns > MOST_NS)
		return err_set(err, EXIT_USAGE, "--metric: %g %s to be kept in nanoseconds", value,
			       s->metric.is_time ? "s is too long" : "a second is too little");
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	s->told_ns = 0;
	for (uint64_t i = 0; i < n; i++, s->runs++) {
		if (run_once(s, err) < 0)
			return -1;
		if (s->metric.text && add_told(s, err) < 0)
			return -1;
	}
	return 0;
}

/* The program's own number in place of our clock. */
static double told_ns(const void *state)
{
	return ((const struct state *)state)->told_ns;
}

static uint64_t digest(const void *state)
{
	return mix64(((const struct state *)state)->runs);
}

static void teardown(void *state)
{
	struct state *s = state;

	metric_release(&s->metric);
}

const struct workload workload_command = {
	.name = "command",
	.summary = "any program: its wall time, or a number that it prints",
	.op = "one run of the command; with --metric a million units of the rate that it prints",
	.source = "hyperfine",
	.class = CLASS_APP,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.told_ns = told_ns,
	.known_ops = 2,
	.known_digest = UINT64_C(0x975835de1c9756ce),
};
