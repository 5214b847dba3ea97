/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/agent/guest_modules.h"
#include "bench/agent/programs.h"
#include "drivers/image/image.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/sample.h"

enum { KERNEL_LINE_LIMIT = 4096, KERNEL_WORDS = 56, OWN_WORDS = 20 };
/* On the machine itself memory is touched only so far; the rest is taken from what the system says.
 */
#define HOST_TOUCH_LIMIT "256MiB"

/*
 * A pipe and no file: one that says more than anybody wants to know must not fill the memory that
 * the work directory takes. We hold both ends, so that it is readable only when something was said.
 */
static int open_talk(struct agent *a, struct err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pipe");
	a->talk = ends[0];
	a->talk_to = ends[1];
	a->said[0] = '\0';
	a->said_all = false;
	/* Our end alone; a nestkernel that says too much at once waits. */
	fcntl(a->talk, F_SETFL, O_NONBLOCK);
	return 0;
}

static void close_talk(struct agent *a)
{
	if (a->talk >= 0) {
		close(a->talk);
		close(a->talk_to);
	}
	a->talk = a->talk_to = -1;
}

/* What a command leaves is gone with it, however it ended. */
static int make_dir(const struct agent *a, struct agent_copy *c, struct err *err)
{
	size_t len = (size_t)snprintf(c->dir, sizeof(c->dir), "%s/copy-XXXXXX", a->inside.work_dir);

	if (len < sizeof(c->dir) && mkdtemp(c->dir))
		return 0;
	if (len >= sizeof(c->dir))
		errno = ENAMETOOLONG;
	c->dir[0] = '\0';
	return err_errno(err, EXIT_MACHINE, "cannot make a directory in %s", a->inside.work_dir);
}

static void remove_dir(struct agent_copy *c)
{
	struct err err;

	if (c->dir[0] && file_remove_tree(c->dir, &err) < 0)
		fprintf(stderr, "nestbench agent: %s\n", err.text);
	c->dir[0] = '\0';
}

void agent_run_end(struct agent *a)
{
	for (uint32_t i = 0; i < a->copies; i++) {
		child_stop(&a->copy[i].child, 0);
		buf_release(&a->copy[i].out);
		remove_dir(&a->copy[i]);
	}
	close_talk(a);
	a->copies = 0;
	a->run_id = 0;
}

void agent_run_talk(struct agent *a)
{
	char chunk[KERNEL_LINE_LIMIT];
	ssize_t got = read(a->talk, chunk, sizeof(chunk));
	size_t len = strlen(a->said);

	for (ssize_t i = 0; i < got && !a->said_all; i++) {
		a->said_all = chunk[i] == '\n' || chunk[i] == '\0' || len == sizeof(a->said) - 1;
		if (!a->said_all)
			a->said[len++] = chunk[i];
	}
	a->said[len] = '\0';
}

/*
 * What some workloads expect of a system that a guest has not got by itself. Done before the first
 * run and not when the agent starts: booting is measured too.
 */
static void prepare_guest(struct agent *a)
{
	if (a->prepared || !a->inside.own_kernel)
		return;
	a->prepared = true;
	/* PoCL compiles kernels into files; a guest's home is read-only. */
	setenv("POCL_CACHE_DIR", a->inside.work_dir, 0);
	guest_modules_load(IMAGE_WORKLOAD_MODULES);
}

/* Which of the copies that share what there is, in all VMs together. */
struct share {
	uint32_t copies, spread;
	uint32_t part, parts; /* the first copy's, of the scratch */
};

/* The CPUs of copy `which`, "0,2"; "" without a plan. */
static void write_cpus(const struct agent *a, const struct share *s, uint32_t which,
		       struct buf *list)
{
	const struct placement *p = &a->place;
	uint32_t vm = which / (s->copies / s->spread);

	for (int i = 0; i < a->measured; i++)
		buf_addf(list, "%s%d", i ? "," : "",
			 p->measured[((int)vm * a->measured + i) % p->measured_count]);
}

struct words {
	const char *argv[KERNEL_WORDS];
	size_t argc;
};

static void add_pair(struct words *w, const char *name, const char *value)
{
	w->argv[w->argc++] = name;
	w->argv[w->argc++] = value;
}

/* Starts copy `which` with the words asked for (argv[0] is left to us) and what the layer adds. */
static int start_copy(struct agent *a, struct words w, const struct share *s, uint32_t which,
		      struct err *err)
{
	struct child_options opt = {.err_fd = a->talk_to};
	struct buf cpus = BUF_INIT;
	char part[16], parts[16];
	int done = -1;

	write_cpus(a, s, which, &cpus);
	w.argv[w.argc++] = "--lockstep";
	if (a->probe && a->probe->passed)
		w.argv[w.argc++] = "--probed";
	add_pair(&w, "--dir", a->copy[which].dir);
	if (cpus.len)
		add_pair(&w, "--cpus", buf_str(&cpus));
	if (a->inside.scratch) {
		snprintf(part, sizeof(part), "%u", s->part + which);
		snprintf(parts, sizeof(parts), "%u", s->parts);
		add_pair(&w, "--scratch", a->inside.scratch);
		add_pair(&w, "--part", part);
		add_pair(&w, "--parts", parts);
	}
	if (a->net.peer[0]) {
		add_pair(&w, "--net-peer", a->net.peer);
		opt.keep_fd = a->net.listener;
	}
	if (!a->inside.own_kernel)
		add_pair(&w, "--touch-limit", HOST_TOUCH_LIMIT);
	w.argv[w.argc] = NULL;
	if (buf_check(&cpus, err) == 0)
		done = child_start(&a->copy[which].child, w.argv, &opt, err);
	buf_release(&cpus);
	return done;
}

/* What is asked for, and which part of it is ours as one of several guests. */
static int read_share(json_t *request, struct share *s, struct err *err)
{
	json_int_t copies = json_integer_value(json_object_get(request, "copies"));
	json_int_t spread = json_integer_value(json_object_get(request, "spread"));
	json_t *of_guests = json_object_get(request, "guests"),
	       *which = json_object_get(request, "guest");
	json_int_t guests = of_guests ? json_integer_value(of_guests) : 1;
	json_int_t guest = json_integer_value(which);

	if (copies < 1 || copies > COPIES_MAX || spread < 1 || copies % spread || guests < 1 ||
	    guests > GUESTS_MAX || guest < 0 || guest >= guests)
		return err_set(err, EXIT_INTERNAL, "run: the copies or guests are out of range");
	*s = (struct share){.copies = (uint32_t)copies,
			    .spread = (uint32_t)spread,
			    .part = (uint32_t)(guest * copies),
			    .parts = (uint32_t)(guests * copies)};
	return 0;
}

static int start_copies(struct agent *a, json_t *request, struct err *err)
{
	json_t *asked = json_object_get(request, "argv"), *word;
	struct words w = {.argc = 1};
	struct share share = {.copies = 1, .spread = 1, .parts = 1};
	char *path;
	size_t i;
	int done;

	if (!json_is_array(asked) || json_array_size(asked) == 0 ||
	    json_array_size(asked) > KERNEL_WORDS - OWN_WORDS)
		return err_set(err, EXIT_INTERNAL, "run: argv is not an array of 1 to %d words",
			       KERNEL_WORDS - OWN_WORDS);
	if (read_share(request, &share, err) < 0 || open_talk(a, err) < 0)
		return -1;
	prepare_guest(a);
	path = program_path("nestkernel", err);
	if (!path)
		return -1;
	w.argv[0] = path;
	json_array_foreach(asked, i, word)
	{
		w.argv[w.argc++] = json_is_string(word) ? json_string_value(word) : "";
	}
	a->ready = a->ended = 0;
	for (a->copies = 0, done = 0; done == 0 && a->copies < share.copies;) {
		a->copy[a->copies] = (struct agent_copy){.child = CHILD_NONE};
		done = make_dir(a, &a->copy[a->copies], err);
		if (done == 0)
			done = start_copy(a, w, &share, a->copies, err);
		if (done < 0)
			remove_dir(&a->copy[a->copies]);
		a->copies += done == 0;
	}
	free(path);
	return done;
}

/* Each of many takes its time, and nothing is answered until all have begun: heartbeats say so. */
static int start_many(struct agent *a, json_int_t id, json_t *request, struct err *err)
{
	struct heartbeat heartbeat = {0};
	int done;

	if (json_integer_value(json_object_get(request, "copies")) > 1) {
		if (heartbeat_begin(&heartbeat, a, id, err) < 0)
			return -1;
		heartbeat_tell(&heartbeat, "copies of nestkernel to begin");
	}
	done = start_copies(a, request, err);
	heartbeat_end(&heartbeat);
	return done;
}

/* What was refused in this boot is refused with the same text. */
static void refuse(struct agent *a, json_int_t id)
{
	agent_answer(a, id, "row", json_pack("{s:s}", "line", a->probe->refusal));
	agent_answer(a, id, "done", NULL);
}

void agent_run_start(struct agent *a, json_int_t id, json_t *request)
{
	struct err err;

	if (!a->run_id)
		a->probe = agent_probe_of(a, request);
	if (a->run_id)
		err_set(&err, EXIT_INTERNAL, "run: another run is still going on");
	else if (id <= 0)
		err_set(&err, EXIT_INTERNAL, "run: the id must be positive");
	else if (a->probe && a->probe->refusal) {
		refuse(a, id);
		return;
	} else if (start_many(a, id, request, &err) == 0) {
		a->run_id = id;
		return;
	} else
		agent_run_end(a);
	agent_answer_error(a, id, &err);
}

void agent_run_step(struct agent *a, json_int_t id)
{
	if (id != a->run_id)
		return;
	/* A kernel that has ended meanwhile is noticed by its closed stdout. */
	for (uint32_t i = 0; i < a->copies; i++)
		if (write(a->copy[i].child.in, "go\n", 3) < 0 && errno != EPIPE)
			fprintf(stderr, "nestbench agent: cannot write to nestkernel: %s\n",
				strerror(errno));
}

/* One copy has closed its stdout. */
static void kernel_ended(struct agent *a, uint32_t which)
{
	struct agent_copy *c = &a->copy[which];
	json_int_t id = a->run_id;
	struct err err;
	int status = 0;

	if (!child_wait(&c->child, 2 * NS_PER_S, &status)) {
		err_set(&err, EXIT_INTERNAL, "nestkernel closed its output but did not end");
	} else if (WIFSIGNALED(status)) {
		err_set(&err, EXIT_INTERNAL, "nestkernel was ended by signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status) == 0) {
		/* Nothing more is heard from it. */
		child_stop(&c->child, 0);
		if (++a->ended == a->copies) {
			agent_run_end(a);
			agent_answer(a, id, "done", NULL);
		}
		return;
	} else {
		agent_run_talk(a);
		err_set(&err, (enum exit_code)WEXITSTATUS(status), "%s",
			a->said[0] ? a->said : "nestkernel failed and did not say why");
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
		if (++a->ready == a->copies) {
			agent_probe_learn(a->probe, line, NULL);
			agent_answer(a, a->run_id, "ready", NULL);
		}
	} else if (sample_parse_line(line, &sample, &err) == 0) {
		agent_probe_learn(a->probe, line, &sample);
		agent_answer(a, a->run_id, "row",
			     json_pack("{s:s}", "line", sample_format_line(&sample, text)));
	} else {
		json_int_t id = a->run_id;

		err_context(&err, "nestkernel printed a malformed row");
		agent_run_end(a);
		agent_answer_error(a, id, &err);
	}
}

void agent_run_output(struct agent *a, uint32_t copy)
{
	struct agent_copy *c = &a->copy[copy];
	char chunk[KERNEL_LINE_LIMIT], *line, *end;
	ssize_t got = read(c->child.out, chunk, sizeof(chunk));

	if (got < 0 && errno == EINTR)
		return;
	if (got <= 0) {
		kernel_ended(a, copy);
		return;
	}
	buf_add(&c->out, chunk, (size_t)got);
	while (a->run_id && c->out.len && (end = memchr(c->out.data, '\n', c->out.len))) {
		size_t used = (size_t)(end - c->out.data) + 1;

		*end = '\0';
		line = strdup(c->out.data);
		memmove(c->out.data, c->out.data + used, c->out.len - used);
		c->out.len -= used;
		kernel_line(a, line ? line : "");
		free(line);
	}
	if (a->run_id && c->out.len > KERNEL_LINE_LIMIT)
		kernel_line(a, "(an endless line)");
}
