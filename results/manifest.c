/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/base/file.h"
#include "results/csvfile.h"
#include "results/rows.h"

enum { MANIFEST_LIMIT = 4 << 20, MANIFEST_JOBS = 100000, MANIFEST_WORDS = 10000 };
#define MANIFEST_FORMAT 1

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

/* The simple members: what a table can say about them. */
enum member_kind { NAME, NUMBER32, NUMBER64, FLAG };

static const struct member {
	const char *name;
	enum member_kind kind;
	size_t offset;
	uint64_t limit; /* the largest number; of texts, the size with the NUL */
} members[] = {
	{"run", NAME, offsetof(struct manifest, run), MANIFEST_NAME},
	{"host", NAME, offsetof(struct manifest, host), MANIFEST_NAME},
	{"profile", NAME, offsetof(struct manifest, profile), MANIFEST_NAME},
	{"mode", NAME, offsetof(struct manifest, mode), MANIFEST_NAME},
	{"started", NAME, offsetof(struct manifest, started), MANIFEST_TIME},
	{"ended", NAME, offsetof(struct manifest, ended), MANIFEST_TIME},
	{"seed", NUMBER64, offsetof(struct manifest, seed), INT64_MAX},
	{"depth", NUMBER32, offsetof(struct manifest, depth), LAYERS_MAX - 1},
	{"boots", NUMBER32, offsetof(struct manifest, boots), INT32_MAX},
	{"rounds", NUMBER32, offsetof(struct manifest, rounds), INT32_MAX},
	{"batches", NUMBER32, offsetof(struct manifest, batches), INT32_MAX},
	{"host_is_vm", FLAG, offsetof(struct manifest, host_is_vm), 1},
};
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static void *place_of(struct manifest *m, const struct member *member)
{
	return (char *)m + member->offset;
}

/* Building */

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
		if (!(copy[i] = strdup(argv[i]))) {
			while (i)
				free(copy[--i]);
			free(copy);
			goto fail;
		}
	for (char **word = m->command; word && *word; word++)
		free(*word);
	free(m->command);
	m->command = copy;
	return 0;
fail:
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
	for (char **word = m->command; word && *word; word++)
		free(*word);
	free(m->command);
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

/* Saving. jansson's functions take NULL for what could not be made, and then fail themselves. */

static int put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static json_t *text_json(const char *text)
{
	char printable[4096];

	/* JSON holds UTF-8 only; a command line or a fact may hold anything. */
	json_t *value = json_string(text);

	return value ? value : json_string(csv_printable(text, printable, sizeof(printable)));
}

static json_t *facts_json(const struct facts *facts)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < facts->count; i++)
		if (put(object, facts->item[i].key, text_json(facts->item[i].value)) < 0) {
			json_decref(object);
			return NULL;
		}
	return object;
}

static json_t *command_json(char *const *command)
{
	json_t *array = json_array();

	for (; array && command && *command; command++)
		if (json_array_append_new(array, text_json(*command)) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *plan_json(const struct manifest *m)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < m->jobs; i++) {
		const struct manifest_job *job = &m->job[i];
		json_t *item = json_pack("{s:s, s:s, s:I}", "workload", job->workload, "params",
					 job->params, "threads", (json_int_t)job->threads);

		if (json_array_append_new(array, item) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *member_json(const struct manifest *m, const struct member *member)
{
	const char *place = (const char *)m + member->offset;
	uint32_t narrow;
	uint64_t wide;
	bool flag;

	switch (member->kind) {
	case NAME:
		return text_json(place);
	case NUMBER32:
		memcpy(&narrow, place, sizeof(narrow));
		return json_integer((json_int_t)narrow);
	case NUMBER64:
		memcpy(&wide, place, sizeof(wide));
		return json_integer((json_int_t)wide);
	case FLAG:
		memcpy(&flag, place, sizeof(flag));
		return json_boolean(flag);
	}
	return NULL;
}

static json_t *manifest_json(const struct manifest *m)
{
	json_t *root = json_object();
	int bad = put(root, "format", json_integer(MANIFEST_FORMAT));

	for (size_t i = 0; i < MEMBERS; i++)
		bad |= put(root, members[i].name, member_json(m, &members[i]));
	bad |= put(root, "state", json_string(run_state_name(m->state)));
	bad |= put(root, "command", command_json(m->command));
	bad |= put(root, "plan", plan_json(m));
	bad |= put(root, "versions", facts_json(&m->versions));
	bad |= put(root, "hashes", facts_json(&m->hashes));
	bad |= put(root, "more", facts_json(&m->more));
	if (m->unknown)
		bad |= json_object_update_missing(root, m->unknown);
	if (bad) {
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
	rc = file_write_whole(path, file.data, file.len, err);
cleanup:
	buf_release(&file);
	free(text);
	json_decref(root);
	return rc;
}

/* Loading. Errors name the member; manifest_load puts the path in front. */

static int wrong(const char *name, const json_t *value, const char *expected, struct err *err)
{
	return err_set(err, EXIT_USAGE, "\"%s\" is %s instead of %s", name,
		       value ? "something else" : "missing", expected);
}

static int load_text(const json_t *value, const char *name, char *place, size_t size,
		     struct err *err)
{
	const char *text = json_string_value(value);
	char expected[64];

	snprintf(expected, sizeof(expected), "a line of text of at most %zu bytes", size - 1);
	if (!text || json_string_length(value) >= size || strlen(text) != json_string_length(value))
		return wrong(name, value, expected, err);
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return wrong(name, value, expected, err);
	strcpy(place, text);
	return 0;
}

static int load_number(const json_t *value, const char *name, uint64_t limit, uint64_t *out,
		       struct err *err)
{
	char expected[80];

	snprintf(expected, sizeof(expected), "a whole number from 0 to %" PRIu64, limit);
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > limit)
		return wrong(name, value, expected, err);
	*out = (uint64_t)json_integer_value(value);
	return 0;
}

static int load_member(const json_t *root, const struct member *member, struct manifest *m,
		       struct err *err)
{
	const json_t *value = json_object_get(root, member->name);
	void *place = place_of(m, member);
	uint64_t number = 0;
	uint32_t narrow;

	if (member->kind == NAME)
		return load_text(value, member->name, place, member->limit, err);
	if (member->kind == FLAG) {
		if (!json_is_boolean(value))
			return wrong(member->name, value, "true or false", err);
		*(bool *)place = json_is_true(value);
		return 0;
	}
	if (load_number(value, member->name, member->limit, &number, err) < 0)
		return -1;
	narrow = (uint32_t)number;
	if (member->kind == NUMBER32)
		memcpy(place, &narrow, sizeof(narrow));
	else
		memcpy(place, &number, sizeof(number));
	return 0;
}

static int load_facts(const json_t *root, const char *name, struct facts *facts, struct err *err)
{
	json_t *object = json_object_get(root, name), *value;
	const char *key;

	if (!json_is_object(object))
		return wrong(name, object, "an object", err);
	json_object_foreach(object, key, value)
	{
		if (!json_is_string(value))
			return wrong(name, value, "an object that holds texts only", err);
		facts_set(facts, key, "%s", json_string_value(value));
	}
	if (facts->failed)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	return 0;
}

static int load_command(const json_t *root, struct manifest *m, struct err *err)
{
	json_t *array = json_object_get(root, "command"), *word;
	const char **words;
	size_t i;
	int rc = -1;

	if (!json_is_array(array) || json_array_size(array) > MANIFEST_WORDS)
		return wrong("command", array, "an array of words", err);
	words = calloc(json_array_size(array) + 1, sizeof(*words));
	if (!words)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	json_array_foreach(array, i, word)
	{
		words[i] = json_string_value(word);
		if (!words[i]) {
			wrong("command", word, "an array of words", err);
			goto cleanup;
		}
	}
	rc = manifest_set_command(m, words, err);
cleanup:
	free(words);
	return rc;
}

static int load_plan(const json_t *root, struct manifest *m, struct err *err)
{
	json_t *array = json_object_get(root, "plan"), *item;
	char workload[ROW_WORKLOAD], params[ROW_PARAMS];
	uint64_t threads;
	size_t i;

	if (!json_is_array(array) || json_array_size(array) > MANIFEST_JOBS)
		return wrong("plan", array, "an array of at most 100000 jobs", err);
	json_array_foreach(array, i, item)
	{
		if (load_text(json_object_get(item, "workload"), "workload", workload,
			      sizeof(workload), err) < 0 ||
		    load_text(json_object_get(item, "params"), "params", params, sizeof(params),
			      err) < 0 ||
		    load_number(json_object_get(item, "threads"), "threads", INT32_MAX, &threads,
				err) < 0)
			return err_context(err, "job %zu of the plan", i + 1);
		if (manifest_add_job(m, workload, params, (uint32_t)threads, err) < 0)
			return -1;
	}
	return 0;
}

static int load_state(const json_t *root, struct manifest *m, struct err *err)
{
	const json_t *value = json_object_get(root, "state");
	const char *text = json_string_value(value);

	for (unsigned i = 0; text && i < STATES; i++)
		if (strcmp(text, state_names[i]) == 0) {
			m->state = (enum run_state)i;
			return 0;
		}
	return wrong("state", value, "one of running, complete and interrupted", err);
}

static int load_all(json_t *root, struct manifest *m, struct err *err)
{
	static const char *const others[] = {"format",	 "state",  "command", "plan",
					     "versions", "hashes", "more"};
	uint64_t format;

	if (load_number(json_object_get(root, "format"), "format", INT32_MAX, &format, err) < 0)
		return -1;
	if (format != MANIFEST_FORMAT)
		return err_set(err, EXIT_USAGE,
			       "\"format\" is %" PRIu64 ", but this version of nestbench reads %d: "
			       "use the version that made the run",
			       format, MANIFEST_FORMAT);
	for (size_t i = 0; i < MEMBERS; i++)
		if (load_member(root, &members[i], m, err) < 0)
			return -1;
	if (load_state(root, m, err) < 0 || load_command(root, m, err) < 0 ||
	    load_plan(root, m, err) < 0 || load_facts(root, "versions", &m->versions, err) < 0 ||
	    load_facts(root, "hashes", &m->hashes, err) < 0 ||
	    load_facts(root, "more", &m->more, err) < 0)
		return -1;
	for (size_t i = 0; i < MEMBERS; i++)
		json_object_del(root, members[i].name);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		json_object_del(root, others[i]);
	m->unknown = json_incref(root);
	return 0;
}

int manifest_load(const char *dir, struct manifest *m, struct err *err)
{
	struct manifest loaded = MANIFEST_INIT;
	struct buf text = BUF_INIT;
	json_t *root = NULL;
	json_error_t trouble;
	char path[RUNDIR_PATH], said[sizeof(trouble.text)];
	int rc = -1;

	if (rundir_path(dir, MANIFEST_FILE, path, err) < 0 ||
	    file_read(path, MANIFEST_LIMIT, &text, err) < 0)
		goto cleanup;
	root = json_loadb(buf_str(&text), text.len, JSON_REJECT_DUPLICATES, &trouble);
	if (!root) {
		err_set(err, EXIT_USAGE, "%s:%d:%d: %s", path, trouble.line, trouble.column,
			csv_printable(trouble.text, said, sizeof(said)));
		goto cleanup;
	}
	if (!json_is_object(root)) {
		err_set(err, EXIT_USAGE, "%s: not a JSON object", path);
		goto cleanup;
	}
	if (load_all(root, &loaded, err) < 0) {
		err_context(err, "%s", path);
		goto cleanup;
	}
	*m = loaded;
	loaded = (struct manifest)MANIFEST_INIT;
	rc = 0;
cleanup:
	manifest_release(&loaded);
	json_decref(root);
	buf_release(&text);
	return rc;
}
