/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.json: one table of its members, by which it is read and written. */
#include "results/rundir/rundir.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/str.h"
#include "results/rundir/members.h"
#include "results/rundir/rows.h"

enum { MANIFEST_LIMIT = 4 << 20, MANIFEST_JOBS = 100000, MANIFEST_WORDS = 10000 };

/* Nothing may be said, but what is not known must not be taken for one of them. */
static int load_mode(const json_t *value, const struct member *member, void *place, struct err *err)
{
	if (member_load_text(value, member, place, err) < 0)
		return -1;
	if (*(const char *)place && strcmp(place, "shape") != 0 && strcmp(place, "share") != 0)
		return member_wrong(member->name, value, "one of shape and share", err);
	return 0;
}

static json_t *save_format(const struct member *member, const void *place)
{
	const uint32_t *format = place;

	return json_integer(*format ? (json_int_t)*format : MANIFEST_FORMAT);
}

static int load_format(const json_t *value, const struct member *member, void *place,
		       struct err *err)
{
	uint32_t *format = place;

	if (member_load_number(value, member, format, err) < 0)
		return -1;
	if (*format < 1 || *format > MANIFEST_FORMAT)
		return err_set(err, EXIT_USAGE,
			       "\"format\" is %" PRIu32
			       ", but this version of nestbench reads 1 to %d: "
			       "use the version that made the run",
			       *format, MANIFEST_FORMAT);
	return 0;
}

static json_t *save_bool(const struct member *member, const void *place)
{
	return json_boolean(*(const bool *)place);
}

static int load_bool(const json_t *value, const struct member *member, void *place, struct err *err)
{
	if (!json_is_boolean(value))
		return member_wrong(member->name, value, "true or false", err);
	*(bool *)place = json_is_true(value);
	return 0;
}

static json_t *save_state(const struct member *member, const void *place)
{
	return json_string(run_state_name(*(const enum run_state *)place));
}

static int load_state(const json_t *value, const struct member *member, void *place,
		      struct err *err)
{
	const char *text = json_string_value(value);

	for (enum run_state s = RUN_RUNNING; text && s <= RUN_INTERRUPTED; s++)
		if (strcmp(text, run_state_name(s)) == 0) {
			*(enum run_state *)place = s;
			return 0;
		}
	return member_wrong(member->name, value, "one of running, complete and interrupted", err);
}

static json_t *save_facts(const struct member *member, const void *place)
{
	const struct facts *facts = place;
	json_t *object = json_object();

	for (size_t i = 0; i < facts->count; i++)
		object = json_with(object, facts->item[i].key, json_string(facts->item[i].value));
	return object;
}

static int load_facts(const json_t *value, const struct member *member, void *place,
		      struct err *err)
{
	struct facts *facts = place;
	const char *key;
	json_t *one;

	if (!json_is_object(value))
		return member_wrong(member->name, value, "an object", err);
	json_object_foreach((json_t *)value, key, one)
	{
		if (!json_is_string(one))
			return member_wrong(member->name, one, "an object that holds texts only",
					    err);
		facts_set(facts, key, "%s", json_string_value(one));
	}
	if (facts->failed)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	return 0;
}

/* The place of the jobs is the manifest. */
static json_t *save_plan(const struct member *member, const void *place)
{
	const struct manifest *m = place;
	json_t *array = json_array();

	for (size_t i = 0; i < m->jobs; i++) {
		const struct manifest_job *job = &m->job[i];

		array = json_and(array,
				 json_pack("{s:s, s:s, s:I}", "workload", job->workload, "params",
					   job->params, "threads", (json_int_t)job->threads));
	}
	return array;
}

static int load_plan(const json_t *value, const struct member *member, void *place, struct err *err)
{
	struct job {
		char workload[ROW_WORKLOAD], params[ROW_PARAMS];
		uint32_t threads;
	} job;
	static const struct member members[] = {
		{"workload", NULL, member_load_text, offsetof(struct job, workload), ROW_WORKLOAD,
		 0},
		{"params", NULL, member_load_text, offsetof(struct job, params), ROW_PARAMS, 0},
		{"threads", NULL, member_load_number, offsetof(struct job, threads),
		 sizeof(uint32_t), INT32_MAX},
		{0},
	};
	const json_t *item;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) > member->limit)
		return member_wrong(member->name, value, "an array of at most 100000 jobs", err);
	json_array_foreach(value, i, item)
	{
		if (members_load(item, members, &job, err) < 0)
			return err_context(err, "job %zu of the plan", i + 1);
		if (manifest_add_job(place, job.workload, job.params, job.threads, err) < 0)
			return -1;
	}
	return 0;
}

/* A member "parent" of null: it is the first, or its parent is not part of the run. */
static json_t *save_layers(const struct member *member, const void *place)
{
	const struct manifest *m = place;
	struct layer_tree chain;
	const struct layer_tree *t = &m->layers;
	json_t *array = json_array();

	if (!t->count) {
		layer_tree_chain(&chain, m->depth + 1);
		t = &chain;
	}
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t parent = t->layer[i].parent;

		array = json_and(array, json_pack("{s:s, s:o}", "name", t->layer[i].name, "parent",
						  parent == LAYER_NO_PARENT
							  ? json_null()
							  : json_integer((json_int_t)parent)));
	}
	return array;
}

static int load_layer(const json_t *item, struct layer_tree *t, struct err *err)
{
	static const struct member name = {"name", NULL, member_load_text, 0, LAYER_NAME, 0};
	const json_t *parent = json_object_get(item, "parent");
	struct layer_node *node = &t->layer[t->count];
	uint32_t number = LAYER_NO_PARENT;

	if (json_is_integer(parent) && json_integer_value(parent) >= 0 &&
	    json_integer_value(parent) < (json_int_t)t->count)
		number = (uint32_t)json_integer_value(parent);
	else if (!json_is_null(parent) || !parent)
		return member_wrong("parent", parent, "the number of a layer before it, or null",
				    err);
	if (member_load_text(json_object_get(item, "name"), &name, node->name, err) < 0)
		return -1;
	node->parent = number;
	node->depth = number == LAYER_NO_PARENT ? 0 : t->layer[number].depth + 1;
	t->count++;
	return 0;
}

/* A run that does not say them has a chain, of the depth that is read before. */
static int load_layers(const json_t *value, const struct member *member, void *place,
		       struct err *err)
{
	struct manifest *m = place;
	const json_t *item;
	size_t i;

	m->layers.count = 0;
	if (!value) {
		layer_tree_chain(&m->layers, m->depth + 1);
		return 0;
	}
	if (!json_is_array(value) || json_array_size(value) < 1 ||
	    json_array_size(value) > LAYERS_MAX)
		return member_wrong(member->name, value, "an array of 1 to 64 layers", err);
	json_array_foreach(value, i, item)
	{
		if (load_layer(item, &m->layers, err) < 0)
			return err_context(err, "layer %zu", i);
	}
	return 0;
}

/* Beside the plan, which does not depend on how fast the machine is. */
static json_t *save_counts(const struct member *member, const void *place)
{
	const struct manifest *m = place;
	json_t *array = json_array();

	for (size_t i = 0; i < m->jobs; i++)
		array = json_and(array, json_integer((json_int_t)m->job[i].ops));
	return array;
}

/* What was calibrated for each job of the plan; a run that was made without it has none. */
static int load_counts(const json_t *value, const struct member *member, void *place,
		       struct err *err)
{
	struct manifest *m = place;

	if (!value)
		return 0;
	if (!json_is_array(value) || json_array_size(value) != m->jobs)
		return member_wrong(member->name, value,
				    "an array with a number for each job of the plan", err);
	for (size_t i = 0; i < m->jobs; i++)
		if (member_load_number(json_array_get(value, i), member, &m->job[i].ops, err) < 0)
			return -1;
	return 0;
}

/* ---- all of them ---- */

#define AT(member) MEMBER_AT(struct manifest, member)

/* In the order in which they are written; the counts need the plan. */
static const struct member members[] = {
	{"format", save_format, load_format, AT(format), INT32_MAX,
	 "version of the manifest and of samples.csv"},
	{"run", member_save_text, member_load_text, AT(run), 0, "id of the run"},
	{"host", member_save_text, member_load_text, AT(host), 0, "name of the machine"},
	{"profile", member_save_text, member_load_text, AT(profile), 0,
	 "profile that was measured"},
	{"mode", member_save_text, load_mode, AT(mode), 0,
	 "shape: every measured layer is the same; share: each passes on what it does not need"},
	{"started", member_save_text, member_load_text, AT(started), 0, "when the run began, UTC"},
	{"ended", member_save_text, member_load_text, AT(ended), 0,
	 "when it ended, UTC; empty while it runs"},
	{"seed", member_save_number, member_load_number, AT(seed), INT64_MAX,
	 "of the order and the data"},
	{"depth", member_save_number, member_load_number, AT(depth), LAYERS_MAX - 1,
	 "of the deepest layer; L0 is 0"},
	{"layers", save_layers, load_layers, 0, 0, 0,
	 "array of the layers by their numbers: name, and parent, the number of the layer that "
	 "each stands in (null: none in this run)"},
	{"boots", member_save_number, member_load_number, AT(boots), INT32_MAX,
	 "how many were planned"},
	{"rounds", member_save_number, member_load_number, AT(rounds), INT32_MAX, "of each boot"},
	{"batches", member_save_number, member_load_number, AT(batches), INT32_MAX,
	 "of each round"},
	{"host_is_vm", save_bool, load_bool, AT(host_is_vm), 0, "whether L0 is itself a VM"},
	{"state", save_state, load_state, AT(state), 0, "running, complete or interrupted"},
	{"command", member_save_words, member_load_words, AT(command), MANIFEST_WORDS,
	 "the command line, word by word"},
	{"plan", save_plan, load_plan, 0, 0, MANIFEST_JOBS,
	 "array of what each round measures: workload, params, threads"},
	{"counts", save_counts, load_counts, 0, sizeof(uint64_t), INT64_MAX,
	 "array of the operations in each batch, one number for each member of plan; 0: not known "
	 "yet"},
	{"versions", save_facts, load_facts, AT(versions), 0, "object: versions of the programs"},
	{"hashes", save_facts, load_facts, AT(hashes), 0,
	 "object: SHA-256 of the programs and of the image"},
	{"more", save_facts, load_facts, AT(more), 0, "object: whatever else is worth keeping"},
	{0},
};

struct column_text manifest_member(size_t i)
{
	enum { MEMBERS = sizeof(members) / sizeof(members[0]) };
	const struct member *m = &members[i < MEMBERS ? i : MEMBERS - 1];

	return (struct column_text){m->name, m->meaning};
}

/* NULL: memory ran out. */
static json_t *manifest_json(const struct manifest *m)
{
	json_t *root = members_save(members, m);

	if (root && m->unknown && json_object_update_missing(root, m->unknown) < 0) {
		json_decref(root);
		return NULL;
	}
	return root;
}

int manifest_save(const char *dir, const struct manifest *m, struct err *err)
{
	char path[RUNDIR_PATH];

	if (rundir_path(dir, MANIFEST_FILE, path, err) < 0)
		return -1;
	if (m->seed > INT64_MAX)
		return err_set(err, EXIT_USAGE, "the seed %" PRIu64 " is above %" PRId64, m->seed,
			       INT64_MAX);
	return members_write(path, manifest_json(m), err);
}

int manifest_parse(const char *name, const char *text, size_t len, struct manifest *m,
		   struct err *err)
{
	struct manifest loaded = {0};
	json_t *root = members_read(name, text, len, err);
	int rc = root ? members_load(root, members, &loaded, err) : -1;

	if (root && rc < 0)
		err_context(err, "%s", name);
	if (rc == 0) {
		for (const struct member *one = members; one->name; one++)
			json_object_del(root, one->name);
		loaded.unknown = json_incref(root);
		*m = loaded;
	} else {
		manifest_release(&loaded);
	}
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
