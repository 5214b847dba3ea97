/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nestkernel: runs one workload and prints raw rows. This program, the same bytes in every layer,
 * is what is measured; it holds none of the orchestration.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/affinity.h"
#include "lib/environment.h"
#include "lib/file.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "lib/program.h"
#include "lib/str.h"
#include "lib/streams.h"
#include "workloads/lib/scratch.h"
#include "workloads/nestkernel/catalogue.h"
#include "workloads/nestkernel/kernel_options.h"
#include "workloads/nestkernel/measure.h"
#include "workloads/net/peer.h"

#define DYNAMIC_SUFFIX "-dl"

/* One write for each line: readers see whole rows, and nothing is left in a buffer. */
static int print_line(const char *line, struct err *err)
{
	char text[SAMPLE_LINE + 1];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s\n", line);

	return file_write_all(STDOUT_FILENO, text, len) == 0
		       ? 0
		       : err_errno(err, EXIT_INTERNAL, "cannot write to standard output");
}

static int print_row(void *ctx, const struct sample *s, struct err *err)
{
	char line[SAMPLE_LINE];

	return print_line(sample_format_line(s, line), err);
}

/* The go hook of --lockstep. The state is whether "ready" was printed. */
static int wait_for_go(void *ctx, struct err *err)
{
	bool *ready = ctx;
	char line[8];
	size_t len = 0;

	if (!*ready && print_line("ready", err) < 0)
		return -1;
	*ready = true;
	/* Byte by byte: what follows the line belongs to the next batch. */
	for (;;) {
		ssize_t got = read(STDIN_FILENO, line + len, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, EXIT_INTERNAL, "cannot read standard input");
		if (got == 0)
			return 0;
		if (line[len] == '\n')
			break;
		if (++len == sizeof(line))
			break;
	}
	if (len == 2 && memcmp(line, "go", 2) == 0)
		return 1;
	return err_set(err, EXIT_USAGE,
		       "--lockstep: found something else than a line \"go\" on standard input");
}

static int pin(const char *text, struct err *err)
{
	struct affinity want, got = {0};
	int done = 0;

	if (affinity_parse(&want, text, "--cpus", err) < 0)
		return -1;
	if (affinity_apply(&want) < 0)
		done = err_errno(err, EXIT_MACHINE, "--cpus: cannot run on the CPUs %s", text);
	else
		done = affinity_read(&got, err);
	/* The kernel silently drops CPUs that do not exist. */
	if (done == 0 && affinity_count(&got) != affinity_count(&want))
		done = err_set(err, EXIT_MACHINE,
			       "--cpus: not all of the CPUs %s are there and allowed", text);
	affinity_release(&want);
	affinity_release(&got);
	return done;
}

/* No other thread exists yet that could read the environment. */
static int enter(const char *dir, struct err *err)
{
	if (chdir(dir) < 0 || setenv("TMPDIR", dir, 1) < 0)
		return err_errno(err, EXIT_MACHINE, "--dir: cannot work in %s", dir);
	return 0;
}

static int print_list(struct err *err)
{
	struct buf out = BUF_INIT;
	int rc;

	for (const struct workload *const *w = workloads; *w; w++)
		catalogue_add(&out, *w);
	rc = buf_print(&out, stdout, err);
	buf_release(&out);
	return rc;
}

static int keep_row(void *ctx, const struct sample *s, struct err *err)
{
	*(struct sample *)ctx = *s;
	return 0;
}

static int measure(struct measure_job *job, const struct nestkernel_options *o, struct err *err)
{
	const struct sample_sink print = {.put = print_row};
	bool ready = false;

	if (print_line(SAMPLE_LINE_HEADER, err) < 0)
		return -1;
	/* The count is found with a state of its own, so that digests depend on the count alone. */
	if (o->ops == 0 && !o->calibrate) {
		struct sample found = {0};
		const struct sample_sink keep_it = {.put = keep_row, .ctx = &found};

		if (measure_calibrate(job, o->time_ns, &keep_it, err) < 0)
			return -1;
		if (found.status != SAMPLE_OK)
			return print_row(NULL, &found, err);
		job->ops = found.ops;
	}
	if (o->lockstep) {
		job->go = wait_for_go;
		/* cppcheck-suppress autoVariables ; the job is over before ready is */
		job->go_ctx = &ready;
	}
	return o->calibrate ? measure_calibrate(job, o->time_ns, &print, err)
			    : measure_run(job, &print, err);
}

/*
 * A static program cannot load libraries; nestkernel-dl next to it, linked from the same objects,
 * can. Returns when there is no need or no such program: the kernel's probe then gives the reason.
 */
static void hand_over(char **argv)
{
	char path[PATH_MAX];
	struct err ignored;

	if (dlopen(NULL, RTLD_LAZY) || program_self(path, &ignored) < 0)
		return;
	str_addf(path, sizeof(path), DYNAMIC_SUFFIX);
	execv(path, argv);
}

/* Waits for the end of standard input, so that closing it ends this process. */
static int wait_for_end(void)
{
	char rest[64];
	ssize_t got;

	do
		got = read(STDIN_FILENO, rest, sizeof(rest));
	while (got > 0 || (got < 0 && errno == EINTR));
	return 0;
}

/* Port 0 takes any free one; the caller waits for the line that says which. */
static int serve_net(const char *address, struct err *err)
{
	char name[NET_ADDRESS], line[NET_ADDRESS + 16];

	if (net_serve(address, name, err) < 0)
		return -1;
	snprintf(line, sizeof(line), "serving %s", name);
	return print_line(line, err) < 0 ? -1 : wait_for_end();
}

static int check_options(const struct nestkernel_options *o, struct err *err)
{
	if (o->metric && o->metric_seconds)
		return err_set(err, EXIT_USAGE, "--metric and --metric-seconds exclude each other");
	if (o->ops && o->calibrate)
		return err_set(err, EXIT_USAGE, "--ops and --calibrate exclude each other");
	if (o->part >= o->parts)
		return err_set(err, EXIT_USAGE, "--part: %" PRIu64 " is not below --parts %" PRIu64,
			       o->part, o->parts);
	if (o->fill && !o->scratch)
		return err_set(err, EXIT_USAGE, "--fill needs --scratch PATH");
	return 0;
}

/* The workload and its parameters, NULL on failure. */
static const struct workload *choose(const struct text_list *words, uint64_t threads,
				     uint64_t arg[PARAMS_MAX], struct err *err)
{
	const char *name = words->item[0];
	const struct workload *w = workload_find(name);
	char hint[NEAREST_TEXT];
	int bad = 0;

	if (!w)
		bad = err_set(err, EXIT_USAGE,
			      "there is no workload \"%.64s\" (%ssee nestkernel --list)", name,
			      workload_hint(name, strlen(name), "", " ", hint));
	for (size_t i = 1; i < words->count && !bad; i++)
		if (strncmp(words->item[i], "threads=", 8) == 0)
			bad = err_set(err, EXIT_USAGE,
				      "\"%.64s\" is no parameter here, but the option --threads",
				      words->item[i]);
	if (bad || workload_parse_params(w, words->item + 1, words->count - 1, arg, err) < 0 ||
	    workload_check_threads(w, threads, err) < 0)
		return NULL;
	return w;
}

static int run(const struct nestkernel_options *o, const struct text_list *words, char **argv,
	       struct err *err)
{
	uint64_t arg[PARAMS_MAX];
	struct measure_job job = {
		.env = {.scratch = o->scratch,
			.part = o->part,
			.parts = o->parts,
			.seed = o->seed,
			.touch_limit = o->touch_limit,
			.net_peer = o->net_peer,
			.command = o->command,
			.metric = o->metric ? o->metric : o->metric_seconds,
			.metric_is_time = !o->metric},
		.arg = arg,
		.clock = &clock_machine,
		.ops = o->ops,
		.threads = (uint32_t)o->threads,
		.batches = o->batches,
		.warm_up = o->warm_up,
		.probed = o->probed,
	};

	if (check_options(o, err) < 0 || (o->fill && scratch_fill(o->scratch, o->fill, err) < 0))
		return -1;
	if (o->serve_net)
		return serve_net(o->serve_net, err);
	if (o->call_net)
		return net_call(o->call_net, err) < 0 ? -1 : wait_for_end();
	if (words->count == 0 && o->fill)
		return 0;
	if (words->count == 0)
		return err_set(err, EXIT_USAGE,
			       "nestkernel needs a workload (see nestkernel --list)");
	job.workload = choose(words, o->threads, arg, err);
	if (!job.workload)
		return -1;
	if (job.workload->needs_library && job.workload->needs_library(arg))
		hand_over(argv);
	if ((o->cpus && pin(o->cpus, err) < 0) || (o->dir && enter(o->dir, err) < 0))
		return -1;
	return measure(&job, o, err);
}

int main(int argc, char **argv)
{
	struct text_list words = {0};
	struct nestkernel_options o = {0};
	struct err err = {0};
	int parsed;

	streams_begin();
	/* An agent that dies must not leave a kernel behind that disturbs the next measurement. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	environment_settle();
	/* Where memory runs out, this is to be ended: neither the agent nor the VMs of this layer.
	 */
	(void)file_put("1000", "/proc/self/oom_score_adj");
	parsed = options_parse(&cli_nestkernel, argc, argv, &o, &words, &err);
	if (parsed == 0 && o.version)
		puts("nestkernel " NESTBENCH_VERSION);
	else if (parsed == 0 && o.list)
		parsed = print_list(&err);
	else if (parsed == 0)
		parsed = run(&o, &words, argv, &err);
	if (parsed >= 0)
		parsed = streams_flush(&err);
	if (parsed >= 0)
		return EXIT_FINE;
	fprintf(stderr, "nestkernel: %s\n", err.text);
	return err.code;
}
