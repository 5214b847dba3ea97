/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/slurm_tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/parse.h"
#include "lib/str.h"

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

/* The text up to '|'; the text behind that, or NULL: there is none, or it is too long and not to be
 * cut. */
static const char *field(const char *at, char *to, size_t size, bool may_cut)
{
	const char *end = at + strcspn(at, "|\n");

	if (*end != '|' || (!may_cut && (size_t)(end - at) >= size))
		return NULL;
	snprintf(to, size, "%.*s", (int)(end - at), at);
	return end + 1;
}

char *slurm_id_format(const struct slurm_id *id, char text[SLURM_ID])
{
	text[0] = '\0';
	if (id->array)
		snprintf(text, SLURM_ID, "%" PRIu32 "_%" PRIu32, id->array, id->task);
	return text;
}

bool slurm_id_parse(const char *text, struct slurm_id *id)
{
	char array[SLURM_ID];
	size_t len = strcspn(text, "_");
	uint64_t number, task;
	struct err none;

	if (text[len] != '_' || len >= sizeof(array))
		return false;
	snprintf(array, sizeof(array), "%.*s", (int)len, text);
	if (parse_u64(array, "job", 1, UINT32_MAX, &number, &none) < 0 ||
	    parse_u64(text + len + 1, "task", 0, UINT32_MAX, &task, &none) < 0)
		return false;
	*id = (struct slurm_id){(uint32_t)number, (uint32_t)task};
	return true;
}

bool slurm_id_same(const struct slurm_id *a, const struct slurm_id *b)
{
	return a->array == b->array && a->task == b->task;
}

bool slurm_job_parse(const char *line, struct slurm_job *job)
{
	char id[SLURM_ID], number[SLURM_ID];
	uint64_t value;
	struct err none;
	size_t len;

	if (strncmp(line, MARK, strlen(MARK)) != 0)
		return false;
	line += strlen(MARK);
	if (!(line = field(line, id, sizeof(id), false)) || !slurm_id_parse(id, &job->id) ||
	    !(line = field(line, number, sizeof(number), false)) ||
	    parse_u64(number, "job", 1, UINT32_MAX, &value, &none) < 0 ||
	    !(line = field(line, job->state, sizeof(job->state), false)) ||
	    !(line = field(line, job->reason, sizeof(job->reason), true)) ||
	    !(line = field(line, job->limit, sizeof(job->limit), false)))
		return false;
	len = strcspn(line, "\n");
	if (len >= sizeof(job->name))
		return false;
	snprintf(job->name, sizeof(job->name), "%.*s", (int)len, line);
	job->number = (uint32_t)value;
	job->phase = phase_of(job->state);
	return true;
}

int slurm_told_to_end(const char *node, const struct slurm_job *job, bool by_limit, struct err *err)
{
	char id[SLURM_ID];

	slurm_id_format(&job->id, id);
	if (by_limit)
		return err_set(err, EXIT_MACHINE,
			       "%s: job %s came to its time limit (%s): give it more by --time",
			       node, id, job->limit[0] ? job->limit : "of its partition");
	return err_set(err, EXIT_MACHINE, "%s: job %s was told to end (%s)", node, id,
		       job->state[0] ? job->state : "by scancel");
}

bool slurm_job_goes_on(const struct slurm_job *job)
{
	return job->phase != SLURM_ENDED && strcmp(job->state, "COMPLETING") != 0;
}

int slurm_queue(const char *front, slurm_each each, void *ctx, struct err *err)
{
	/* %r has blanks at times, so that the parts are told apart by a mark of ours. */
	static const char *const argv[] = {
		"squeue",     "--me",	      "--array",
		"--noheader", "--states=all", "--format=" MARK "%F_%K|%A|%T|%r|%l|%j",
		NULL};
	struct buf out = BUF_INIT;
	int done = child_run_anyway(argv, SLURM_ASK_NS, &out, err);

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

/* Runs a tool that changes something. */
static int request(const char *const argv[], struct buf *out, bool *away, struct err *err)
{
	struct err why;

	*away = false;
	if (child_run(argv, NULL, NULL, SLURM_ASK_NS, out, &why) == 0)
		return 0;
	*away = why.code == EXIT_INTERRUPTED || is_away(why.text);
	*err = why;
	if (why.code != EXIT_INTERRUPTED)
		err->code = EXIT_MACHINE;
	return -1;
}

int slurm_submit(const struct words *w, uint32_t *id, bool *away, struct err *err)
{
	const char **argv = calloc(w->count + 3, sizeof(*argv));
	struct buf out = BUF_INIT;
	int done;

	*away = false;
	if (!argv)
		return err_set(err, EXIT_INTERNAL, "out of memory for the command line of sbatch");
	argv[0] = "sbatch";
	argv[1] = "--parsable";
	for (size_t i = 0; i < w->count; i++)
		argv[i + 2] = w->item[i];
	done = request(argv, &out, away, err);
	if (done == 0 && !submitted(buf_str(&out), id))
		done = err_set(err, EXIT_MACHINE, "sbatch printed no job id: %.300s",
			       buf_str(&out));
	buf_release(&out);
	free(argv);
	return done;
}

int slurm_let_begin(const struct slurm_id *id, const char *node, bool *away, struct err *err)
{
	char task[SLURM_ID], job[SLURM_ID + 8], list[SLURM_NAME];
	const char *const update[] = {"scontrol", "update", job, list, NULL};
	const char *const release[] = {"scontrol", "release", task, NULL};
	struct buf out = BUF_INIT;
	int done;

	slurm_id_format(id, task);
	snprintf(job, sizeof(job), "JobId=%s", task);
	snprintf(list, sizeof(list), "ReqNodeList=%s", node);
	done = request(update, &out, away, err);
	if (done == 0)
		done = request(release, &out, away, err);
	buf_release(&out);
	return done;
}

enum { CANCEL_AT_ONCE = 200 };

static int cancel_some(const struct slurm_id *id, size_t count, bool in_order, struct err *err)
{
	char text[CANCEL_AT_ONCE][SLURM_ID];
	const char *argv[CANCEL_AT_ONCE + 4] = {"scancel"};
	struct buf out = BUF_INIT;
	size_t at = 1;
	int done;

	if (in_order) {
		argv[at++] = "--batch";
		argv[at++] = "--signal=TERM";
	}
	for (size_t i = 0; i < count; i++)
		argv[at++] = slurm_id_format(&id[i], text[i]);
	done = child_run_anyway(argv, SLURM_ASK_NS, &out, err);
	buf_release(&out);
	return done;
}

int slurm_cancel(const struct slurm_id *id, size_t count, bool in_order, struct err *err)
{
	int done = 0;

	for (size_t i = 0; i < count; i += CANCEL_AT_ONCE) {
		size_t some = count - i < CANCEL_AT_ONCE ? count - i : CANCEL_AT_ONCE;

		if (cancel_some(id + i, some, in_order, err) < 0)
			done = -1;
	}
	return done;
}
