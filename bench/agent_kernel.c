/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/base/sample.h"
#include "bench/program.h"

enum { KERNEL_LINE_LIMIT = 4096, KERNEL_WORDS = 48 };
/* On the machine itself memory is touched only so far; the rest is taken from what the system says.
 */
#define HOST_TOUCH_LIMIT "256MiB"

void agent_run_end(struct agent *a)
{
	if (!a->run_id)
		return;
	child_stop(&a->kernel, 0);
	buf_release(&a->kernel_out);
	a->run_id = 0;
}

static void kernel_log_path(const struct agent *a, struct buf *path)
{
	buf_addf(path, "%s/kernel.log", a->opt->work_dir);
}

/*
 * What some workloads expect of a system that a guest has not got by itself. Done before the first
 * run and not when the agent starts: booting is measured too.
 */
static void prepare_guest(struct agent *a)
{
	const char *const argv[] = {"modprobe", "loop", NULL};
	struct buf said = BUF_INIT;
	struct err err;

	if (a->prepared || a->opt->depth == 0)
		return;
	a->prepared = true;
	/* PoCL compiles kernels into files; a guest's home is read-only. */
	setenv("POCL_CACHE_DIR", a->opt->work_dir, 0);
	if (child_run(argv, NULL, NULL, 20 * NS_PER_S, &said, &err) < 0)
		fprintf(stderr, "nestbench agent: no loop devices: %s\n", err.text);
	buf_release(&said);
}

static int start_kernel(struct agent *a, json_t *words, struct err *err)
{
	const char *argv[KERNEL_WORDS];
	struct child_options opt = {0};
	struct buf log = BUF_INIT;
	size_t argc = 0, i;
	char *path;
	json_t *word;
	int done;

	if (!json_is_array(words) || json_array_size(words) == 0 ||
	    json_array_size(words) > KERNEL_WORDS - 12)
		return err_set(err, EXIT_INTERNAL, "run: argv is not an array of 1 to %d words",
			       KERNEL_WORDS - 12);
	prepare_guest(a);
	path = program_path("nestkernel", err);
	if (!path)
		return -1;
	argv[argc++] = path;
	json_array_foreach(words, i, word) argv[argc++] =
		json_is_string(word) ? json_string_value(word) : "";
	argv[argc++] = "--lockstep";
	if (a->cpus[0]) {
		argv[argc++] = "--cpus";
		argv[argc++] = a->cpus;
	}
	if (a->opt->scratch) {
		argv[argc++] = "--scratch";
		argv[argc++] = a->opt->scratch;
	}
	if (a->net.peer[0]) {
		argv[argc++] = "--net-peer";
		argv[argc++] = a->net.peer;
		opt.keep_fd = a->net.listener;
	}
	if (a->opt->depth == 0) {
		argv[argc++] = "--touch-limit";
		argv[argc++] = HOST_TOUCH_LIMIT;
	}
	argv[argc] = NULL;
	kernel_log_path(a, &log);
	opt.log = buf_str(&log);
	unlink(opt.log);
	done = buf_check(&log, err) < 0 ? -1 : child_start(&a->kernel, argv, &opt, err);
	buf_release(&log);
	free(path);
	return done;
}

void agent_run_start(struct agent *a, json_int_t id, json_t *request)
{
	struct err err;

	if (a->run_id)
		err_set(&err, EXIT_INTERNAL, "run: another run is still going on");
	else if (id <= 0)
		err_set(&err, EXIT_INTERNAL, "run: the id must be positive");
	else if (start_kernel(a, json_object_get(request, "argv"), &err) == 0) {
		a->run_id = id;
		return;
	}
	agent_answer_error(a, id, &err);
}

void agent_run_step(struct agent *a, json_int_t id)
{
	/* A kernel that has ended meanwhile is noticed by its closed stdout. */
	if (id == a->run_id && write(a->kernel.in, "go\n", 3) < 0 && errno != EPIPE)
		fprintf(stderr, "nestbench agent: cannot write to nestkernel: %s\n",
			strerror(errno));
}

/* What nestkernel said on stderr, for the reason of a failure. */
static void kernel_complaint(const struct agent *a, char *line, size_t size)
{
	struct buf path = BUF_INIT;

	kernel_log_path(a, &path);
	file_first_line(buf_str(&path), line, size);
	buf_release(&path);
}

static void kernel_ended(struct agent *a)
{
	json_int_t id = a->run_id;
	char complaint[400];
	struct err err;
	int status = 0;

	if (!child_wait(&a->kernel, 2 * NS_PER_S, &status)) {
		err_set(&err, EXIT_INTERNAL, "nestkernel closed its output but did not end");
	} else if (WIFSIGNALED(status)) {
		err_set(&err, EXIT_INTERNAL, "nestkernel was ended by signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status) == 0) {
		agent_run_end(a);
		agent_answer(a, id, "done", NULL);
		return;
	} else {
		kernel_complaint(a, complaint, sizeof(complaint));
		err_set(&err, (enum exit_code)WEXITSTATUS(status), "%s",
			complaint[0] ? complaint : "nestkernel failed and did not say why");
	}
	agent_run_end(a);
	agent_answer_error(a, id, &err);
}

static void kernel_line(struct agent *a, const char *line)
{
	char text[SAMPLE_LINE];
	struct sample sample;
	struct err err;

	if (strcmp(line, SAMPLE_LINE_HEADER) == 0)
		return;
	if (strcmp(line, "ready") == 0) {
		agent_answer(a, a->run_id, "ready", NULL);
	} else if (sample_parse_line(line, &sample, &err) == 0) {
		agent_answer(a, a->run_id, "row",
			     json_pack("{s:s}", "line", sample_format_line(&sample, text)));
	} else {
		json_int_t id = a->run_id;

		err_context(&err, "nestkernel printed nonsense");
		agent_run_end(a);
		agent_answer_error(a, id, &err);
	}
}

void agent_run_output(struct agent *a)
{
	char chunk[KERNEL_LINE_LIMIT], *line, *end;
	ssize_t got = read(a->kernel.out, chunk, sizeof(chunk));

	if (got < 0 && errno == EINTR)
		return;
	if (got <= 0) {
		kernel_ended(a);
		return;
	}
	buf_add(&a->kernel_out, chunk, (size_t)got);
	while (a->run_id && (end = memchr(a->kernel_out.data, '\n', a->kernel_out.len))) {
		size_t used = (size_t)(end - a->kernel_out.data) + 1;

		*end = '\0';
		line = strdup(a->kernel_out.data);
		memmove(a->kernel_out.data, a->kernel_out.data + used, a->kernel_out.len - used);
		a->kernel_out.len -= used;
		kernel_line(a, line ? line : "");
		free(line);
	}
	if (a->run_id && a->kernel_out.len > KERNEL_LINE_LIMIT)
		kernel_line(a, "(an endless line)");
}
