/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/rundir.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/file.h"
#include "lib/json.h"
#include "results/rundir/manifest_parts.h"
#include "results/rundir/rows.h"

static const char *const state_names[] = {
	[RUN_RUNNING] = "running",
	[RUN_COMPLETE] = "complete",
	[RUN_INTERRUPTED] = "interrupted",
};
enum { STATES = sizeof(state_names) / sizeof(state_names[0]) };

const char *run_state_name(enum run_state s)
{
	return (unsigned)s < STATES ? state_names[s] : "unknown";
}

void manifest_now(char text[MANIFEST_TIME])
{
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(text, MANIFEST_TIME, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

const struct manifest_member manifest_members[] = {
	{"run", MEMBER_TEXT, offsetof(struct manifest, run), MANIFEST_NAME},
	{"host", MEMBER_TEXT, offsetof(struct manifest, host), MANIFEST_NAME},
	{"profile", MEMBER_TEXT, offsetof(struct manifest, profile), MANIFEST_NAME},
	{"mode", MEMBER_TEXT, offsetof(struct manifest, mode), MANIFEST_NAME},
	{"started", MEMBER_TEXT, offsetof(struct manifest, started), MANIFEST_TIME},
	{"ended", MEMBER_TEXT, offsetof(struct manifest, ended), MANIFEST_TIME},
	{"seed", MEMBER_U64, offsetof(struct manifest, seed), INT64_MAX},
	{"depth", MEMBER_U32, offsetof(struct manifest, depth), LAYERS_MAX - 1},
	{"boots", MEMBER_U32, offsetof(struct manifest, boots), INT32_MAX},
	{"rounds", MEMBER_U32, offsetof(struct manifest, rounds), INT32_MAX},
	{"batches", MEMBER_U32, offsetof(struct manifest, batches), INT32_MAX},
	{"host_is_vm", MEMBER_BOOL, offsetof(struct manifest, host_is_vm), 1},
	{0},
};

/* Building */

static void free_words(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

int manifest_set_command(struct manifest *m, const char *const argv[], struct err *err)
{
	size_t count = 0;
	char **copy;

	while (argv[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (!copy)
		goto fail;
	for (size_t i = 0; i < count; i++)
		if (!(copy[i] = strdup(argv[i])))
			goto fail;
	free_words(m->command);
	m->command = copy;
	return 0;
fail:
	free_words(copy);
	return err_set(err, EXIT_INTERNAL, "out of memory for the manifest");
}

int manifest_add_job(struct manifest *m, const char *workload, const char *params, uint32_t threads,
		     struct err *err)
{
	struct manifest_job *job = realloc(m->job, (m->jobs + 1) * sizeof(*job));

	if (!job)
		goto fail;
	m->job = job;
	job += m->jobs;
	job->workload = strdup(workload);
	job->params = strdup(params);
	job->threads = threads;
	job->ops = 0;
	if (job->workload && job->params) {
		m->jobs++;
		return 0;
	}
	free(job->workload);
	free(job->params);
fail:
	return err_set(err, EXIT_INTERNAL, "out of memory for the manifest");
}

void manifest_release(struct manifest *m)
{
	free_words(m->command);
	for (size_t i = 0; i < m->jobs; i++) {
		free(m->job[i].workload);
		free(m->job[i].params);
	}
	free(m->job);
	facts_release(&m->versions);
	facts_release(&m->hashes);
	facts_release(&m->more);
	json_decref(m->unknown);
	*m = (struct manifest)MANIFEST_INIT;
}

/* Saving */

static json_t *facts_json(const struct facts *facts)
{
	json_t *object = json_object();

	for (size_t i = 0; i < facts->count; i++)
		object = json_with(object, facts->item[i].key, json_string(facts->item[i].value));
	return object;
}

static json_t *command_json(char *const *command)
{
	json_t *array = json_array();

	for (; command && *command; command++)
		array = json_and(array, json_bytes(*command));
	return array;
}

static json_t *plan_json(const struct manifest *m)
{
	json_t *array = json_array();

	for (size_t i = 0; i < m->jobs; i++) {
		const struct manifest_job *job = &m->job[i];

		array = json_and(array,
				 json_pack("{s:s, s:s, s:I}", "workload", job->workload, "params",
					   job->params, "threads", (json_int_t)job->threads));
	}
	return array;
}

/* Beside the plan, which does not depend on how fast the machine is. */
static json_t *counts_json(const struct manifest *m)
{
	json_t *array = json_array();

	for (size_t i = 0; i < m->jobs; i++)
		array = json_and(array, json_integer((json_int_t)m->job[i].ops));
	return array;
}

static json_t *member_json(const struct manifest *m, const struct manifest_member *member)
{
	const void *place = (const char *)m + member->offset;

	switch (member->kind) {
	case MEMBER_TEXT:
		return json_string(place);
	case MEMBER_U32:
		return json_integer((json_int_t) * (const uint32_t *)place);
	case MEMBER_U64:
		return json_integer((json_int_t) * (const uint64_t *)place);
	case MEMBER_BOOL:
		return json_boolean(*(const bool *)place);
	}
	return NULL;
}

/* NULL: memory ran out. */
static json_t *manifest_json(const struct manifest *m)
{
	json_t *root = json_with(json_object(), "format",
				 json_integer(m->format ? (json_int_t)m->format : MANIFEST_FORMAT));

	for (const struct manifest_member *member = manifest_members; member->name; member++)
		root = json_with(root, member->name, member_json(m, member));
	root = json_with(root, "state", json_string(run_state_name(m->state)));
	root = json_with(root, "command", command_json(m->command));
	root = json_with(root, "plan", plan_json(m));
	root = json_with(root, "counts", counts_json(m));
	root = json_with(root, "versions", facts_json(&m->versions));
	root = json_with(root, "hashes", facts_json(&m->hashes));
	root = json_with(root, "more", facts_json(&m->more));
	if (m->unknown && json_object_update_missing(root, m->unknown) < 0) {
		json_decref(root);
		return NULL;
	}
	return root;
}

int manifest_save(const char *dir, const struct manifest *m, struct err *err)
{
	char path[RUNDIR_PATH];
	json_t *root = NULL;
	char *text = NULL;
	struct buf file = BUF_INIT;
	int rc = -1;

	if (rundir_path(dir, MANIFEST_FILE, path, err) < 0)
		return -1;
	if (m->seed > INT64_MAX)
		return err_set(err, EXIT_USAGE, "the seed %" PRIu64 " is above %" PRId64, m->seed,
			       INT64_MAX);
	root = manifest_json(m);
	text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
	if (!text) {
		err_set(err, EXIT_INTERNAL, "out of memory while writing %s", path);
		goto cleanup;
	}
	buf_addf(&file, "%s\n", text);
	if (buf_check(&file, err) < 0)
		goto cleanup;
	rc = file_write_private(path, file.data, file.len, err);
cleanup:
	buf_release(&file);
	free(text);
	json_decref(root);
	return rc;
}
