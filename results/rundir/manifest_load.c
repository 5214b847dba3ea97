/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/rundir.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/str.h"
#include "lib/utf8.h"
#include "results/rundir/csvfile.h"
#include "results/rundir/manifest_parts.h"
#include "results/rundir/rows.h"

enum { MANIFEST_LIMIT = 4 << 20, MANIFEST_JOBS = 100000, MANIFEST_WORDS = 10000 };

/* Errors name the member; manifest_load puts the path in front. */

/* text holds zeros; jansson leaves them behind what fits. */
static const char *show(const json_t *value, char text[80])
{
	enum { SHOWN = 60 };
	size_t len = json_dumpb(value, text, SHOWN, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (!value || len == 0)
		return value ? "something else" : "missing";
	if (len > SHOWN)
		str_addf(text, 80, " ...");
	return text;
}

static int wrong(const char *name, const json_t *value, const char *expected, struct err *err)
{
	char text[80] = "";

	return err_set(err, EXIT_USAGE, "\"%s\" is %s instead of %s", name, show(value, text),
		       expected);
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
	str_copy(place, size, text);
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

static int load_member(const json_t *root, const struct manifest_member *member, struct manifest *m,
		       struct err *err)
{
	const json_t *value = json_object_get(root, member->name);
	void *place = (char *)m + member->offset;
	uint64_t number = 0;

	if (member->kind == MEMBER_TEXT)
		return load_text(value, member->name, place, member->limit, err);
	if (member->kind == MEMBER_BOOL) {
		if (!json_is_boolean(value))
			return wrong(member->name, value, "true or false", err);
		*(bool *)place = json_is_true(value);
		return 0;
	}
	if (load_number(value, member->name, member->limit, &number, err) < 0)
		return -1;
	if (member->kind == MEMBER_U32)
		*(uint32_t *)place = (uint32_t)number;
	else
		*(uint64_t *)place = number;
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
	size_t i;

	if (!json_is_array(array) || json_array_size(array) > MANIFEST_WORDS)
		return wrong("command", array, "an array of words", err);
	m->command = calloc(json_array_size(array) + 1, sizeof(*m->command));
	if (!m->command)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	json_array_foreach(array, i, word)
	{
		if (!json_is_string(word))
			return wrong("command", word, "a word", err);
		m->command[i] = json_bytes_value(word);
		if (!m->command[i])
			return err_set(err, EXIT_INTERNAL, "out of memory");
	}
	return 0;
}

static int load_plan(const json_t *root, struct manifest *m, struct err *err)
{
	json_t *array = json_object_get(root, "plan"), *item;
	char workload[ROW_WORKLOAD], params[ROW_PARAMS];
	uint64_t threads = 0;
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

/* What was calibrated for each job of the plan; a run that was made without it has none. */
static int load_counts(const json_t *root, struct manifest *m, struct err *err)
{
	json_t *array = json_object_get(root, "counts");

	if (!array)
		return 0;
	if (!json_is_array(array) || json_array_size(array) != m->jobs)
		return wrong("counts", array, "an array with a number for each job of the plan",
			     err);
	for (size_t i = 0; i < m->jobs; i++)
		if (load_number(json_array_get(array, i), "counts", INT64_MAX, &m->job[i].ops,
				err) < 0)
			return -1;
	return 0;
}

static int load_state(const json_t *root, struct manifest *m, struct err *err)
{
	const json_t *value = json_object_get(root, "state");
	const char *text = json_string_value(value);

	for (enum run_state s = RUN_RUNNING; text && s <= RUN_INTERRUPTED; s++)
		if (strcmp(text, run_state_name(s)) == 0) {
			m->state = s;
			return 0;
		}
	return wrong("state", value, "one of running, complete and interrupted", err);
}

/* Nothing may be said, but what is not known must not be taken for one of them. */
static int check_mode(const json_t *root, const struct manifest *m, struct err *err)
{
	if (!m->mode[0] || strcmp(m->mode, "shape") == 0 || strcmp(m->mode, "share") == 0)
		return 0;
	return wrong("mode", json_object_get(root, "mode"), "one of shape and share", err);
}

static int load_all(json_t *root, struct manifest *m, struct err *err)
{
	static const char *const others[] = {"format",	 "state",  "command", "plan",
					     "versions", "hashes", "more",    "counts"};
	uint64_t format = 0;

	if (load_number(json_object_get(root, "format"), "format", INT32_MAX, &format, err) < 0)
		return -1;
	if (format < 1 || format > MANIFEST_FORMAT)
		return err_set(err, EXIT_USAGE,
			       "\"format\" is %" PRIu64
			       ", but this version of nestbench reads 1 to %d: "
			       "use the version that made the run",
			       format, MANIFEST_FORMAT);
	m->format = (uint32_t)format;
	for (const struct manifest_member *member = manifest_members; member->name; member++)
		if (load_member(root, member, m, err) < 0)
			return -1;
	if (check_mode(root, m, err) < 0 || load_state(root, m, err) < 0 ||
	    load_command(root, m, err) < 0 || load_plan(root, m, err) < 0 ||
	    load_counts(root, m, err) < 0 || load_facts(root, "versions", &m->versions, err) < 0 ||
	    load_facts(root, "hashes", &m->hashes, err) < 0 ||
	    load_facts(root, "more", &m->more, err) < 0)
		return -1;
	for (const struct manifest_member *member = manifest_members; member->name; member++)
		json_object_del(root, member->name);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		json_object_del(root, others[i]);
	m->unknown = json_incref(root);
	return 0;
}

int manifest_parse(const char *name, const char *text, size_t len, struct manifest *m,
		   struct err *err)
{
	struct manifest loaded = MANIFEST_INIT;
	json_error_t trouble;
	char said[sizeof(trouble.text)];
	size_t bom = utf8_bom(text, len);
	json_t *root = json_loadb(text + bom, len - bom, JSON_REJECT_DUPLICATES, &trouble);
	int rc = -1;

	if (!root && json_error_code(&trouble) == json_error_out_of_memory) {
		err_set(err, EXIT_INTERNAL, "out of memory while reading %s", name);
		goto cleanup;
	}
	if (!root) {
		err_set(err, EXIT_USAGE, "%s:%d:%d: %s", name, trouble.line, trouble.column,
			csv_printable(trouble.text, said, sizeof(said)));
		goto cleanup;
	}
	if (!json_is_object(root)) {
		err_set(err, EXIT_USAGE, "%s: not a JSON object", name);
		goto cleanup;
	}
	if (load_all(root, &loaded, err) < 0) {
		err_context(err, "%s", name);
		goto cleanup;
	}
	*m = loaded;
	loaded = (struct manifest)MANIFEST_INIT;
	rc = 0;
cleanup:
	manifest_release(&loaded);
	json_decref(root);
	return rc;
}

int manifest_load(const char *dir, struct manifest *m, struct err *err)
{
	struct buf text = BUF_INIT;
	char path[RUNDIR_PATH];
	int rc = -1;

	if (rundir_path(dir, MANIFEST_FILE, path, err) == 0 &&
	    file_read(path, MANIFEST_LIMIT, &text, err) == 0)
		rc = manifest_parse(path, buf_str(&text), text.len, m, err);
	buf_release(&text);
	return rc;
}
