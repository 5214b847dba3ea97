/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures any program of the layer: the wall time of one run of a shell command line, or a number
 * that the program prints itself, found by a pattern. What the program does, and whether it does
 * the same in every layer, is the user's business: the digest only tells how often it ran, and that
 * it ended with exit code 0. Not measured: the start of the shell apart from the program.
 *
 * Source: hyperfine, for the wall time.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/metric.h"
#include "workloads/workload.h"

extern char **environ;

enum { OUTPUT_MAX = 1 << 16 };

struct state {
	const char *line;
	bool metric_is_time;
	struct metric metric;
	int output; /* a memory file that the program writes to; 0: none */
	uint64_t runs;
	double value; /* of the last run */
	char text[OUTPUT_MAX];
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
	s->output = memfd_create("output", MFD_CLOEXEC);
	if (s->output < 0) {
		s->output = 0;
		return err_errno(err, EXIT_INTERNAL, "no memory file for the output");
	}
	return env->metric ? metric_compile(&s->metric, env->metric, err) : 0;
}

static void read_output(struct state *s)
{
	ssize_t got = pread(s->output, s->text, sizeof(s->text) - 1, 0);

	s->text[got > 0 ? got : 0] = '\0';
}

static const char *last_line(char *text)
{
	size_t len = strlen(text);
	char *line;

	while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
		text[--len] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

static int run_once(struct state *s, struct err *err)
{
	const char *const argv[] = {"sh", "-c", s->line, NULL};
	posix_spawn_file_actions_t actions;
	int failed, status;
	pid_t pid;

	if (ftruncate(s->output, 0) < 0 || lseek(s->output, 0, SEEK_SET) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot empty the output");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, s->output, 1);
	posix_spawn_file_actions_adddup2(&actions, s->output, 2);
	failed = posix_spawn(&pid, "/bin/sh", &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed) {
		errno = failed;
		return err_errno(err, EXIT_MACHINE, "cannot start /bin/sh");
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot wait for the command");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	read_output(s);
	return err_set(err, EXIT_MACHINE, "the command ended with %s %d: %.150s",
		       WIFEXITED(status) ? "exit code" : "signal",
		       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
		       last_line(s->text));
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->runs++)
		if (run_once(s, err) < 0)
			return -1;
	if (!s->metric.text)
		return 0;
	read_output(s);
	return metric_find(&s->metric, s->text, &s->value, err);
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
	if (s->output)
		close(s->output);
}

const struct workload workload_command = {
	.name = "command",
	.summary = "any program: its wall time, or a number that it prints",
	.op = "one run of the command, or one unit of the rate that it prints",
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
