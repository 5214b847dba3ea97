/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures any program of the layer: the wall time of one run of a shell command line, or a number
 * that the program prints itself, found by a pattern. What the program does, and whether it does
 * the same in every layer, is the user's business: the digest only tells how often it ran, and that
 * it ended with exit code 0. Not measured: the start of the shell apart from the program. What is
 * printed on stdout and stderr goes through a pipe, and is bounded (output.h); what the shell
 * leaves in the background is not waited for.
 *
 * Source: hyperfine, for the wall time.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/output.h"
#include "workloads/workload.h"

extern char **environ;

struct state {
	const char *line;
	bool metric_is_time;
	struct metric metric;
	uint64_t runs;
	double value; /* of the last run */
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
	s->metric_is_time = env->metric_is_time;
	return env->metric ? metric_compile(&s->metric, env->metric, err) : 0;
}

/* Starts the shell; *from is our end of the pipe that it prints to. */
static int start(const char *line, pid_t *pid, int *from, struct err *err)
{
	const char *const argv[] = {"sh", "-c", line, NULL};
	posix_spawn_file_actions_t actions;
	int failed, end[2];

	if (pipe2(end, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "no pipe for the output of the command");
	fcntl(end[0], F_SETFL, O_NONBLOCK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, end[1], 1);
	posix_spawn_file_actions_adddup2(&actions, end[1], 2);
	failed = posix_spawn(pid, "/bin/sh", &actions, NULL, (char *const *)argv, environ);
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

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->runs++)
		if (run_once(s, err) < 0)
			return -1;
	return s->metric.text ? output_metric(&s->output, &s->value, err) : 0;
}

/* The program's own number in place of our clock: time per unit of a rate, or a time as it is. */
static uint64_t told_ns_per_op(const void *state)
{
	const struct state *s = state;

	if (!s->metric.text)
		return 0;
	return (uint64_t)fmax(1, fmin(s->metric_is_time ? s->value * 1e9 : 1e9 / s->value, 1e18));
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
	.op = "one run of the command; with --metric one unit of the rate that it prints",
	.source = "hyperfine",
	.class = CLASS_APP,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.told_ns_per_op = told_ns_per_op,
	.known_ops = 2,
	.known_digest = UINT64_C(0x975835de1c9756ce),
};
