/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures any program of the layer: the wall time of one run of a shell command line, or a number
 * that the program prints itself, found by a pattern. What the program does, and whether it does
 * the same in every layer, is up to the user: the digest only counts the runs that ended with exit
 * code 0. Not measured: the start of the shell apart from the program. Output on stdout and stderr
 * goes through two pipes and is bounded (output.h): a number is looked for on stdout first, the
 * reason of a failure on stderr. What the shell leaves in the background is not waited for, and is
 * killed when all runs are over.
 *
 * A rate is turned into the time that a million of its units take, since a row's time is in whole
 * nanoseconds, which for one byte of "500MiB/s" are two. Several runs in a batch are averaged in
 * time: the row is the sum of the reported times. For rates that is the harmonic mean, the rate at
 * which all of the work was done when each run does as much; for times it is the arithmetic mean.
 *
 * Source: hyperfine, for the wall time.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "workloads/command/output.h"
#include "workloads/lib/state.h"

extern char **environ;

/* Units of a rate that are one operation. */
#define RATE_UNITS 1e6

/* Fewer whole nanoseconds would be too coarse by more than half a per cent; more do not fit. */
#define LEAST_NS 100.0
#define MOST_NS 1e18

/* The shell's output pipes. */
enum { STDOUT, STDERR, STREAMS };

/* How often leftover processes are killed before giving up. */
enum { KILLS_MAX = 100 };

struct state {
	struct tally tally; /* of runs with exit code 0 */
	const char *line;
	struct metric metric;
	double self_reported_ns; /* sum over the runs of the last batch */
	struct output output[STREAMS];
};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	if (env->command)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "no command was given (nestbench run --command 'PROGRAM ARGUMENTS')");
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->line = env->command;
	s->metric.is_time = env->metric_is_time;
	/* Background processes become children of this one, which kills them. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return env->metric ? metric_compile(&s->metric, env->metric, err) : 0;
}

/* Makes the pipes for the shell's output; nothing stays open on failure. */
static int open_pipes(int from[STREAMS], int to[STREAMS], struct err *err)
{
	for (int i = 0; i < STREAMS; i++) {
		int end[2];

		if (pipe2(end, O_CLOEXEC) < 0) {
			err_errno(err, EXIT_INTERNAL, "no pipe for the output of the command");
			while (i-- > 0) {
				close(from[i]);
				close(to[i]);
			}
			return -1;
		}
		from[i] = end[0];
		to[i] = end[1];
		fcntl(from[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

/* Starts the shell; `from` are our ends of its output pipes. */
static int start(const char *line, pid_t *pid, int from[STREAMS], struct err *err)
{
	const char *const argv[] = {"sh", "-c", line, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int failed, to[STREAMS];

	if (open_pipes(from, to, err) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, to[STDOUT], 1);
	posix_spawn_file_actions_adddup2(&actions, to[STDERR], 2);
	posix_spawnattr_init(&attr);
	child_signals(&attr, 0);
	failed = posix_spawn(pid, "/bin/sh", &actions, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	for (int i = 0; i < STREAMS; i++) {
		close(to[i]);
		if (failed)
			close(from[i]);
	}
	if (!failed)
		return 0;
	errno = failed;
	return err_errno(err, EXIT_MACHINE, "cannot start /bin/sh");
}

/* Reads all that is available. 1: there may be more; 0: no writer is left; -1: too much. */
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

/* Reads the output until the shell has ended. */
static int listen_to(struct state *s, pid_t pid, const int from[STREAMS], struct err *err)
{
	int end = (int)syscall(SYS_pidfd_open, pid, 0), more = 1;
	struct pollfd p[] = {{.fd = from[STDOUT], .events = POLLIN},
			     {.fd = from[STDERR], .events = POLLIN},
			     {.fd = end, .events = POLLIN}};
	bool ended = false;

	while (!ended && more >= 0) {
		/* Without a pidfd (an old kernel) poll every 10 ms. */
		poll(p, STREAMS + 1, end < 0 ? 10 : -1);
		ended = child_look(pid) != CHILD_RUNS;
		for (int i = 0; i < STREAMS && more >= 0; i++) {
			more = p[i].fd < 0 ? 0 : take(&s->output[i], from[i], err);
			if (!more)
				p[i].fd = -1;
		}
	}
	if (end >= 0)
		close(end);
	return more < 0 ? -1 : 0;
}

/* The meaning of a shell's exit code, where it has one. */
static void explain(int code, char *text, size_t size)
{
	text[0] = '\0';
	if (code == 127)
		snprintf(
			text, size,
			" (a program that this layer does not have; --with installs into the image "
			"of the VMs, not on the machine itself)");
	else if (code > 128 && code <= 128 + SIGRTMAX)
		snprintf(text, size, " (which a shell gives for signal %d)", code - 128);
}

static int failed_run(const struct state *s, int status, struct err *err)
{
	struct output_line last = output_last_line(&s->output[STDERR]);
	bool exited = WIFEXITED(status);
	int code = exited ? WEXITSTATUS(status) : WTERMSIG(status);
	char meaning[160];

	if (last.len == 0)
		last = output_last_line(&s->output[STDOUT]);
	explain(exited ? code : 0, meaning, sizeof(meaning));
	return err_set(err, EXIT_MACHINE, "the command ended with %s %d: %.*s%s",
		       exited ? "exit code" : "signal", code, last.len, last.text, meaning);
}

static int run_once(struct state *s, struct err *err)
{
	int from[STREAMS], status, heard;
	pid_t pid;

	for (int i = 0; i < STREAMS; i++)
		output_begin(&s->output[i], s->metric.text ? &s->metric : NULL);
	if (start(s->line, &pid, from, err) < 0)
		return -1;
	heard = listen_to(s, pid, from, err);
	if (heard < 0)
		kill(pid, SIGKILL);
	for (int i = 0; i < STREAMS; i++)
		close(from[i]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot wait for the command");
	if (heard < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : failed_run(s, status, err);
}

/* The number on stdout, or else on stderr. */
static int find_metric(struct state *s, double *value, struct err *err)
{
	struct err other;

	if (output_metric(&s->output[STDOUT], value, err) == 0)
		return 0;
	other = *err;
	if (s->output[STDOUT].found == 0 && output_metric(&s->output[STDERR], value, &other) == 0)
		return 0;
	if (s->output[STDERR].found < 0 || s->output[STDOUT].bytes == 0)
		*err = other;
	return -1;
}

/* Adds the self-reported cost of the run that has just ended. */
static int add_self_reported(struct state *s, struct err *err)
{
	double value, ns;

	if (find_metric(s, &value, err) < 0)
		return -1;
	ns = s->metric.is_time ? value * NS_PER_S : RATE_UNITS / value * NS_PER_S;
	if (ns < LEAST_NS)
		return err_set(err, EXIT_USAGE, "--metric: %g %s for a row in whole nanoseconds",
			       value,
			       s->metric.is_time ? "s is too short" : "a second is too much");
	s->self_reported_ns += ns;
	if (s->self_reported_ns > MOST_NS)
		return err_set(err, EXIT_USAGE, "--metric: %g %s to be kept in nanoseconds", value,
			       s->metric.is_time ? "s is too long" : "a second is too little");
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	s->self_reported_ns = 0;
	for (uint64_t i = 0; i < n; i++, s->tally.done++) {
		if (run_once(s, err) < 0)
			return -1;
		if (s->metric.text && add_self_reported(s, err) < 0)
			return -1;
	}
	return 0;
}

/* The self-reported number replaces the clock's. */
static double self_reported_ns(const void *state)
{
	return ((const struct state *)state)->self_reported_ns;
}

/* Kills what the runs left behind, in whatever session it is. */
static void end_left_behind(void)
{
	for (int i = 0; i < KILLS_MAX && child_kill_all() > 0; i++)
		poll(NULL, 0, 1);
}

static void teardown(void *state)
{
	struct state *s = state;

	end_left_behind();
	metric_release(&s->metric);
}

const struct workload workload_command = {
	.name = "command",
	.summary = "any program: its wall time, or a number that it prints",
	.op = "one run of the command; with --metric a million units of the rate that it prints",
	.source = "hyperfine",
	.class = CLASS_APP,
	.needs = NEEDS_SCRATCH | NEEDS_COMMAND,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.self_reported_ns = self_reported_ns,
	.known_ops = 2,
	.known_digest = UINT64_C(0x975835de1c9756ce),
};
