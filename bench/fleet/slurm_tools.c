/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/slurm_tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/fleet/hostnames.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/parse.h"
#include "lib/str.h"

/* They try for 10 s and more where the controller is away. */
#define ASK_LIMIT_NS (60 * NS_PER_S)
#define MARK "nestbench-job|"

static const char *const waiting[] = {
	"PENDING",	"CONFIGURING",	"REQUEUED",	 "REQUEUE_FED",
	"REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD", NULL};
static const char *const running[] = {"RUNNING",   "SUSPENDED",	 "STOPPED", "RESIZING",
				      "SIGNALING", "COMPLETING", NULL};

static enum slurm_phase phase_of(const char *state)
{
	if (str_is_one_of(state, waiting))
		return SLURM_WAITS;
	return str_is_one_of(state, running) ? SLURM_RUNS : SLURM_ENDED;
}

/* The text up to '|'; the text behind that, or NULL: there is none, or it is too long. */
static const char *field(const char *at, char *to, size_t size)
{
	const char *end = strchr(at, '|');

	if (!end || (size_t)(end - at) >= size)
		return NULL;
	snprintf(to, size, "%.*s", (int)(end - at), at);
	return end + 1;
}

bool slurm_job_parse(const char *line, struct slurm_job *job)
{
	char id[SLURM_WORD];
	uint64_t number;
	struct err none;
	size_t len;

	if (strncmp(line, MARK, strlen(MARK)) != 0)
		return false;
	line += strlen(MARK);
	if (!(line = field(line, id, sizeof(id))) ||
	    !(line = field(line, job->state, sizeof(job->state))) ||
	    !(line = field(line, job->reason, sizeof(job->reason))) ||
	    !(line = field(line, job->limit, sizeof(job->limit))) ||
	    parse_u64(id, "job", 1, UINT32_MAX, &number, &none) < 0)
		return false;
	len = strcspn(line, "\n");
	if (len >= sizeof(job->name))
		return false;
	snprintf(job->name, sizeof(job->name), "%.*s", (int)len, line);
	job->id = (uint32_t)number;
	job->phase = phase_of(job->state);
	return true;
}

static bool begins_with(const char *text, const char *const *fronts)
{
	for (; *fronts; fronts++)
		if (strncmp(text, *fronts, strlen(*fronts)) == 0)
			return true;
	return false;
}

static bool is_out(const char *node)
{
	static const char *const states[] = {"down", "drain", "fail", NULL};
	char option[SLURM_NAME];
	const char *const argv[] = {"sinfo", "--noheader", "--Node", "--format=%T", option, NULL};
	struct buf out = BUF_INIT;
	struct err ignored;
	bool found;

	snprintf(option, sizeof(option), "--nodes=%s", node);
	/* One whose address does not resolve is not shown at all. */
	found = child_run_anyway(argv, ASK_LIMIT_NS, &out, &ignored) == 0 &&
		(out.len == 0 || begins_with(out.data, states));
	buf_release(&out);
	return found;
}

bool slurm_is_blocked(const char *reason, const char *node)
{
	static const char *const fronts[] = {"JobHeld",
					     "JobHoldMaxRequeue",
					     "launch failed",
					     "NodeDown",
					     "BadConstraints",
					     "PartitionDown",
					     "PartitionInactive",
					     "PartitionNodeLimit",
					     "PartitionTimeLimit",
					     "DependencyNeverSatisfied",
					     "InvalidAccount",
					     "InvalidQOS",
					     "AccountNotAllowed",
					     "QOSNotAllowed",
					     NULL};
	/* What it says behind that differs between versions. */
	static const char *const not_available[] = {"ReqNodeNotAvail", NULL};

	return begins_with(reason, fronts) || (begins_with(reason, not_available) && is_out(node));
}

int slurm_queue(const char *front, slurm_each each, void *ctx, struct err *err)
{
	/* %r has blanks at times, so that the parts are told apart by a mark of ours. */
	static const char *const argv[] = {
		"squeue", "--me", "--noheader", "--states=all", "--format=" MARK "%A|%T|%r|%l|%j",
		NULL};
	struct buf out = BUF_INIT;
	int done = child_run_anyway(argv, ASK_LIMIT_NS, &out, err);

	for (const char *at = done == 0 ? buf_str(&out) : NULL; at; at = str_next_line(at)) {
		struct slurm_job job;

		if (slurm_job_parse(at, &job) && strncmp(job.name, front, strlen(front)) == 0)
			each(ctx, &job);
	}
	buf_release(&out);
	return done;
}

/* What sbatch --parsable prints: the number, and behind ';' the cluster. */
static bool submitted(const char *said, uint32_t *id)
{
	for (const char *at = said; at; at = str_next_line(at)) {
		char *end;
		unsigned long number = strtoul(at, &end, 10);

		if (end != at && number && number <= UINT32_MAX && strchr("\n;", *end)) {
			*id = (uint32_t)number;
			return true;
		}
	}
	return false;
}

/* Slurm's words where a request may succeed later; see slurm_errno.c. */
static bool is_away(const char *said)
{
	static const char *const words[] = {"Unable to contact slurm controller",
					    "Socket timed out",
					    "try again",
					    "Transport endpoint",
					    "Zero Bytes were transmitted",
					    "did not end within"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(said, words[i]))
			return true;
	return false;
}

int slurm_submit(const struct words *w, uint32_t *id, bool *away, struct err *err)
{
	const char **argv = calloc(w->count + 3, sizeof(*argv));
	struct buf out = BUF_INIT;
	struct err why;
	int done = -1;

	*away = false;
	if (!argv)
		return err_set(err, EXIT_INTERNAL, "out of memory for the command line of sbatch");
	argv[0] = "sbatch";
	argv[1] = "--parsable";
	for (size_t i = 0; i < w->count; i++)
		argv[i + 2] = w->item[i];
	if (child_run(argv, NULL, NULL, ASK_LIMIT_NS, &out, &why) == 0) {
		done = submitted(buf_str(&out), id)
			       ? 0
			       : err_set(err, EXIT_MACHINE, "sbatch printed no job id: %.300s",
					 buf_str(&out));
	} else {
		*away = why.code == EXIT_INTERRUPTED || is_away(why.text);
		*err = why;
		if (why.code != EXIT_INTERRUPTED)
			err->code = EXIT_MACHINE;
	}
	buf_release(&out);
	free(argv);
	return done;
}

enum { CANCEL_AT_ONCE = 200 };

static int cancel_some(const uint32_t *id, size_t count, bool in_order, struct err *err)
{
	char text[CANCEL_AT_ONCE][16];
	const char *argv[CANCEL_AT_ONCE + 4] = {"scancel"};
	struct buf out = BUF_INIT;
	size_t at = 1;
	int done;

	if (in_order) {
		argv[at++] = "--batch";
		argv[at++] = "--signal=TERM";
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "%" PRIu32, id[i]);
		argv[at++] = text[i];
	}
	done = child_run_anyway(argv, ASK_LIMIT_NS, &out, err);
	buf_release(&out);
	return done;
}

int slurm_cancel(const uint32_t *id, size_t count, bool in_order, struct err *err)
{
	int done = 0;

	for (size_t i = 0; i < count; i += CANCEL_AT_ONCE) {
		size_t some = count - i < CANCEL_AT_ONCE ? count - i : CANCEL_AT_ONCE;

		if (cancel_some(id + i, some, in_order, err) < 0)
			done = -1;
	}
	return done;
}

/* Adds each line once; the lines of one node may be several. */
static int add_lines(const char *text, struct words *names, struct err *err)
{
	for (const char *at = text; at; at = str_next_line(at)) {
		int len = (int)strcspn(at, "\n");
		bool known = len == 0;

		for (size_t i = 0; i < names->count && !known; i++)
			known = strncmp(names->item[i], at, (size_t)len) == 0 &&
				names->item[i][len] == '\0';
		if (!known && words_add(names, err, "%.*s", len, at) < 0)
			return -1;
	}
	return 0;
}

/* Of sinfo's lines "PARTITION|NODE": those of the default partition, which bears a star, unless
 * all are wanted. */
static void choose_lines(const char *text, bool all, struct buf *out)
{
	for (const char *at = text; at; at = str_next_line(at)) {
		int len = (int)strcspn(at, "\n");
		const char *bar = memchr(at, '|', (size_t)len);

		if (bar && (all || (bar > at && bar[-1] == '*')))
			buf_addf(out, "%.*s\n", len - (int)(bar + 1 - at), bar + 1);
	}
}

static int ask_for_nodes(const char *partition, struct words *names, struct err *err)
{
	char option[SLURM_NAME];
	const char *sinfo[] = {"sinfo", "--noheader", "--Node", "--format=%P|%N", NULL, NULL};
	struct buf said = BUF_INIT, lines = BUF_INIT;
	int done;

	if (partition) {
		snprintf(option, sizeof(option), "--partition=%s", partition);
		sinfo[4] = option;
	}
	done = child_run(sinfo, NULL, NULL, ASK_LIMIT_NS, &said, err);
	if (done < 0 && err->code == EXIT_INTERNAL)
		err->code = EXIT_MACHINE;
	choose_lines(buf_str(&said), partition != NULL, &lines);
	buf_done(&said, &lines);
	if (done == 0 && (done = buf_check(&lines, err)) == 0)
		done = add_lines(buf_str(&lines), names, err);
	buf_release(&lines);
	return done;
}

int slurm_nodes(const char *partition, const char *list, struct words *names, struct err *err)
{
	int done = list ? hostnames_by_scontrol(list, names, err)
			: ask_for_nodes(partition, names, err);

	if (done < 0 && err->code == EXIT_MACHINE)
		err_context(err, "there is no Slurm that answers here (it needs slurm-client, and "
				 "perhaps SLURM_CONF)");
	if (done == 0 && names->count == 0 && list)
		done = err_set(err, EXIT_USAGE, "\"%.80s\" names no node", list);
	else if (done == 0 && names->count == 0)
		done = err_set(err, EXIT_USAGE, "Slurm shows no node in %s%s: see sinfo",
			       partition ? "partition " : "its default partition",
			       partition ? partition : "");
	return done;
}
