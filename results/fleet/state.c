/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/state.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/str.h"
#include "results/rundir/members.h"

#define SCHEMA "nestbench-fleet"
enum { FLEET_LIMIT = 32 << 20, FLEET_WORDS = 10000, FLEET_FACTS = 100 };
enum { FLEET_KEY = 64, FLEET_VALUE = 4096 };

static const char *const state_names[FLEET_STATES] = {
	[FLEET_WAITING] = "waiting",
	[FLEET_RUNNING] = "running",
	[FLEET_DONE] = "done",
	[FLEET_FAILED] = "failed",
};

const char *fleet_state_name(enum fleet_node_state s)
{
	return (unsigned)s < FLEET_STATES ? state_names[s] : "unknown";
}

/* ---- nodes ---- */

bool fleet_name_fits(const char *name)
{
	if (!isalnum((unsigned char)name[0]) && name[0] != '[')
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-+@:%[]", *c))
			return false;
	return strlen(name) < FLEET_NAME && strcmp(name, FLEET_FILE) != 0;
}

static int check_name(const struct fleet *f, const char *name, struct err *err)
{
	if (!fleet_name_fits(name))
		return err_set(err, EXIT_USAGE,
			       "\"%.80s\" is no name of a node: expected letters, digits and "
			       "._-+@:%%[], beginning with a letter or a digit",
			       name);
	if (f->nodes == FLEET_NODES_MAX)
		return err_set(err, EXIT_USAGE, "there are more than %d nodes", FLEET_NODES_MAX);
	for (size_t i = 0; i < f->nodes; i++)
		if (strcmp(f->node[i].name, name) == 0)
			return err_set(err, EXIT_USAGE, "the node %s is there twice", name);
	return 0;
}

int fleet_add_node(struct fleet *f, const char *name, struct err *err)
{
	struct fleet_node *node;

	if (check_name(f, name, err) < 0)
		return -1;
	node = array_grow(f->node, f->nodes, sizeof(*node));
	if (!node)
		return err_set(err, EXIT_INTERNAL, "out of memory for the nodes");
	f->node = node;
	node += f->nodes++;
	*node = (struct fleet_node){.state = FLEET_WAITING};
	str_copy(node->name, sizeof(node->name), name);
	return 0;
}

int fleet_order(const char *a, const char *b)
{
	return strverscmp(a, b);
}

static int compare_nodes(const void *left, const void *right)
{
	const struct fleet_node *a = left, *b = right;

	return fleet_order(a->name, b->name);
}

void fleet_sort(struct fleet *f)
{
	if (f->nodes)
		qsort(f->node, f->nodes, sizeof(*f->node), compare_nodes);
}

/* ---- fleet.json ---- */

static json_t *save_state(const struct member *member, const void *place)
{
	return json_string(fleet_state_name(*(const enum fleet_node_state *)place));
}

static int load_state(const json_t *value, const struct member *member, void *place,
		      struct err *err)
{
	const char *text = json_string_value(value);

	for (enum fleet_node_state s = FLEET_WAITING; text && s < FLEET_STATES; s++)
		if (strcmp(text, fleet_state_name(s)) == 0) {
			*(enum fleet_node_state *)place = s;
			return 0;
		}
	return member_wrong(member->name, value, "one of waiting, running, done and failed", err);
}

#define NODE_AT(member) MEMBER_AT(struct fleet_node, member)

static const struct member node_members[] = {
	{"name", member_save_text, member_load_text, NODE_AT(name), 0, NULL},
	{"state", save_state, load_state, NODE_AT(state), 0, NULL},
	{"reason", member_save_text, member_load_text, NODE_AT(reason), 0, NULL},
	{"job", member_save_text, member_load_text, NODE_AT(job), 0, NULL},
	{"begin", member_save_text, member_load_text, NODE_AT(begin), 0, NULL},
	{"end", member_save_text, member_load_text, NODE_AT(end), 0, NULL},
	{"run", member_save_text, member_load_text, NODE_AT(run), 0, NULL},
	{0},
};

/* The place is the fleet, here and below. */
static json_t *save_nodes(const struct member *member, const void *place)
{
	const struct fleet *f = place;
	json_t *array = json_array();

	for (size_t i = 0; i < f->nodes; i++)
		array = json_and(array, members_save(node_members, &f->node[i]));
	return array;
}

static int load_nodes(const json_t *value, const struct member *member, void *place,
		      struct err *err)
{
	struct fleet *f = place;
	const json_t *item;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) > FLEET_NODES_MAX)
		return member_wrong(member->name, value, "an array of at most 10000 nodes", err);
	json_array_foreach(value, i, item)
	{
		struct fleet_node node;

		if (members_load(item, node_members, &node, err) < 0 ||
		    fleet_add_node(f, node.name, err) < 0)
			return err_context(err, "node %zu", i + 1);
		f->node[i] = node;
	}
	return 0;
}

struct named {
	char name[FLEET_KEY], value[FLEET_VALUE];
};

static const struct member named_members[] = {
	{"name", member_save_text, member_load_text, MEMBER_AT(struct named, name), 0, NULL},
	{"value", member_save_text, member_load_text, MEMBER_AT(struct named, value), 0, NULL},
	{0},
};

/* The place is facts. */
static json_t *save_facts(const struct member *member, const void *place)
{
	const struct facts *facts = place;
	json_t *array = json_array();

	for (size_t i = 0; i < facts->count; i++)
		array = json_and(array, json_pack("{s:s, s:s}", "name", facts->item[i].key, "value",
						  facts->item[i].value));
	return array;
}

static int load_facts(const json_t *value, const struct member *member, void *place,
		      struct err *err)
{
	struct facts *facts = place;
	struct named named;
	const json_t *item;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) > member->limit)
		return member_wrong(member->name, value, "an array of names and values", err);
	json_array_foreach(value, i, item)
	{
		if (members_load(item, named_members, &named, err) < 0)
			return err_context(err, "\"%s\"", member->name);
		facts_set(facts, named.name, "%s", named.value);
	}
	return facts->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}

static json_t *save_plan(const struct member *member, const void *place)
{
	const struct fleet *f = place;

	return f->plan ? member_save_words(member, &f->plan) : json_null();
}

static int load_plan(const json_t *value, const struct member *member, void *place, struct err *err)
{
	struct fleet *f = place;

	return json_is_null(value) ? 0 : member_load_words(value, member, &f->plan, err);
}

static json_t *save_schema(const struct member *member, const void *place)
{
	return json_string(SCHEMA);
}

static int load_schema(const json_t *value, const struct member *member, void *place,
		       struct err *err)
{
	const char *text = json_string_value(value);

	return text && strcmp(text, SCHEMA) == 0
		       ? 0
		       : member_wrong(member->name, value, "\"" SCHEMA "\"", err);
}

static json_t *save_version(const struct member *member, const void *place)
{
	return json_integer(FLEET_VERSION);
}

static int load_version(const json_t *value, const struct member *member, void *place,
			struct err *err)
{
	if (json_is_integer(value) && json_integer_value(value) == FLEET_VERSION)
		return 0;
	return member_wrong(member->name, value,
			    "1, which this nestbench reads: use the version that made the fleet",
			    err);
}

#define AT(member) MEMBER_AT(struct fleet, member)

/* In the order in which they are written. */
static const struct member members[] = {
	{"schema", save_schema, load_schema, 0, 0, 0, NULL},
	{"version", save_version, load_version, 0, 0, 0, NULL},
	{"engine", member_save_text, member_load_text, AT(engine), 0, NULL},
	{"engine_options", save_facts, load_facts, AT(options), FLEET_FACTS, NULL},
	{"parallel", member_save_number, member_load_number, AT(parallel), INT32_MAX, NULL},
	{"started", member_save_text, member_load_text, AT(started), 0, NULL},
	{"run_options", member_save_words, member_load_words, AT(run_options), FLEET_WORDS, NULL},
	{"plan", save_plan, load_plan, 0, 0, FLEET_WORDS, NULL},
	{"seed", member_save_number, member_load_number, AT(seed), INT64_MAX, NULL},
	{"pilot", member_save_text, member_load_text, AT(pilot), 0, NULL},
	{"boots", member_save_number, member_load_number, AT(boots), INT32_MAX, NULL},
	{"rounds", member_save_number, member_load_number, AT(rounds), INT32_MAX, NULL},
	{"batches", member_save_number, member_load_number, AT(batches), INT32_MAX, NULL},
	{"hashes", save_facts, load_facts, AT(hashes), FLEET_FACTS, NULL},
	{"nodes", save_nodes, load_nodes, 0, 0, 0, NULL},
	{0},
};

bool fleet_is_there(const char *dir)
{
	return file_exists("%s/" FLEET_FILE, dir);
}

int fleet_save(const char *dir, const struct fleet *f, struct err *err)
{
	char path[RUNDIR_PATH];

	if (rundir_path(dir, FLEET_FILE, path, err) < 0)
		return -1;
	return members_write(path, members_save(members, f), err);
}

int fleet_parse(const char *name, const char *text, size_t len, struct fleet *f, struct err *err)
{
	struct fleet loaded = {0};
	json_t *root = members_read(name, text, len, err);
	int rc = root ? members_load(root, members, &loaded, err) : -1;

	if (root && rc < 0)
		err_context(err, "%s", name);
	if (rc == 0)
		*f = loaded;
	else
		fleet_release(&loaded);
	json_decref(root);
	return rc;
}

int fleet_load(const char *dir, struct fleet *f, struct err *err)
{
	struct buf text = BUF_INIT;
	char path[RUNDIR_PATH];
	int rc = -1;

	if (!fleet_is_there(dir))
		return err_set(err, EXIT_USAGE,
			       "%s is not the directory of a fleet: it has no readable " FLEET_FILE,
			       dir);
	if (rundir_path(dir, FLEET_FILE, path, err) == 0 &&
	    file_read(path, FLEET_LIMIT, &text, err) == 0)
		rc = fleet_parse(path, buf_str(&text), text.len, f, err);
	buf_release(&text);
	return rc;
}

void fleet_release(struct fleet *f)
{
	member_words_free(f->run_options);
	member_words_free(f->plan);
	facts_release(&f->options);
	facts_release(&f->hashes);
	free(f->node);
	*f = (struct fleet){0};
}

/* ---- who works on it ---- */

int fleet_lock(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, EXIT_USAGE, "cannot open the directory of the fleet, %s",
				 dir);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return err_set(err, EXIT_USAGE,
		       "another nestbench fleet works on %s: see nestbench fleet status", dir);
}

bool fleet_is_locked(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	return locked;
}
