/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/layers.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/rundir.h"

enum { FACT_KEY = 64, FACT_VALUE = 4096 };

/* In the order of LAYERS_HEADER. */
enum column { RUN, BOOT, LAYER, KEY, VALUE, COLUMNS };
static const struct column_text columns[] = {
	[RUN] = {"run", "id of the run"},
	[BOOT] = {"boot", "the start of all layers that the fact belongs to, from 1"},
	[LAYER] = {"layer", "number of the layer; 0 is the machine itself"},
	[KEY] = {"key", "name of the fact; of several lines with the same, the last one counts"},
	[VALUE] = {"value", "the fact; a name that ends in _ns has nanoseconds, in _bytes bytes"},
};

struct column_text layers_column(size_t i)
{
	return i < COLUMNS ? columns[i] : (struct column_text){NULL, NULL};
}

static bool is_key(const char *key)
{
	return key[0] && strlen(key) < FACT_KEY &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(key);
}

/* A fact of a guest that is longer than anyone needs does not fail a run: it is cut, and says so.
 */
static void add_value(struct buf *text, const char *value)
{
	static const char mark[] = " (cut)";
	char cut[FACT_VALUE];

	if (strlen(value) < sizeof(cut)) {
		csv_add_field(text, value);
		return;
	}
	str_copy(cut, sizeof(cut) - strlen(mark), value);
	str_addf(cut, sizeof(cut), "%s", mark);
	csv_add_field(text, cut);
}

int layers_append(const char *dir, const char *run, uint32_t boot, uint32_t layer,
		  const struct facts *facts, struct err *err)
{
	struct buf text = BUF_INIT;
	char path[RUNDIR_PATH];
	int rc = -1, fd = -1;

	if (rundir_path(dir, LAYERS_FILE, path, err) < 0)
		return -1;
	if (facts->failed)
		return err_set(err, EXIT_INTERNAL,
			       "out of memory while collecting the facts of L%" PRIu32, layer);
	for (size_t i = 0; i < facts->count; i++) {
		const struct fact *f = &facts->item[i];

		if (!is_key(f->key)) {
			err_set(err, EXIT_INTERNAL,
				"%s: \"%.64s\" cannot be a key (a-z, 0-9, '_' and '.', at most %d)",
				path, f->key, FACT_KEY - 1);
			goto cleanup;
		}
		csv_add_field(&text, run);
		buf_addf(&text, ",%" PRIu32 ",%" PRIu32 ",%s,", boot, layer, f->key);
		add_value(&text, f->value);
		buf_addstr(&text, "\n");
	}
	fd = csv_append_open(path, LAYERS_HEADER, err);
	if (fd < 0 || csv_append_line(fd, path, &text, err) < 0)
		goto cleanup;
	if (fdatasync(fd) < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot flush %s to the disk", path);
		goto cleanup;
	}
	rc = 0;
cleanup:
	if (fd >= 0)
		close(fd);
	buf_release(&text);
	return rc;
}

/* The line that is being read. */
struct fact_line {
	struct layers *layers;
	uint32_t boot, layer;
	char key[FACT_KEY], value[FACT_VALUE];
};

static int take_number(const char *text, const char *name, uint64_t max, uint32_t *out,
		       struct err *err)
{
	uint64_t number;

	if (parse_u64(text, name, 0, max, &number, err) < 0)
		return -1;
	*out = (uint32_t)number;
	return 0;
}

static int take_field(void *ctx, size_t column, const char *text, struct err *err)
{
	struct fact_line *line = ctx;

	switch ((enum column)column) {
	case RUN:
		if (text[0] == '\0' || strlen(text) >= ROW_RUN)
			return err_set(err, EXIT_USAGE, "run: \"%.64s\" is not the id of a run",
				       text);
		if (!line->layers->run[0])
			str_copy(line->layers->run, ROW_RUN, text);
		return row_is_of(text, line->layers->run, err);
	case BOOT:
		return take_number(text, "boot", INT32_MAX, &line->boot, err);
	case LAYER:
		return take_number(text, "layer", LAYERS_MAX - 1, &line->layer, err);
	case KEY:
		if (!is_key(text))
			return err_set(err, EXIT_USAGE,
				       "key: \"%.64s\" is not made of a-z, 0-9, '_' and '.'", text);
		str_copy(line->key, sizeof(line->key), text);
		return 0;
	default:
		if (strlen(text) >= FACT_VALUE)
			return err_set(err, EXIT_USAGE, "value: more than %d characters",
				       FACT_VALUE - 1);
		str_copy(line->value, sizeof(line->value), text);
		return 0;
	}
}

static struct layer_facts *find(const struct layers *layers, uint32_t boot, uint32_t layer)
{
	for (size_t i = 0; i < layers->count; i++)
		if (layers->item[i].boot == boot && layers->item[i].layer == layer)
			return &layers->item[i];
	return NULL;
}

static int take_line(void *ctx, uint64_t number, struct err *err)
{
	struct fact_line *line = ctx;
	struct layers *layers = line->layers;
	struct layer_facts *item = find(layers, line->boot, line->layer);

	if (!item) {
		item = array_grow(layers->item, layers->count, sizeof(*item));
		if (!item)
			goto fail;
		layers->item = item;
		item += layers->count++;
		*item = (struct layer_facts){.boot = line->boot, .layer = line->layer};
	}
	facts_set(&item->facts, line->key, "%s", line->value);
	if (!item->facts.failed)
		return 0;
fail:
	return err_set(err, EXIT_INTERNAL, "out of memory while reading " LAYERS_FILE);
}

/* What the layers were is not worth refusing a run for: the figures stand in another file. */
static const struct csv_reader_ops line_ops = {
	.header = LAYERS_HEADER, .any_header = true, .field = take_field, .row = take_line};

int layers_parse(const char *name, const char *text, size_t len, struct layers *layers,
		 struct damage *damage, struct err *err)
{
	struct fact_line line = {.layers = layers};
	struct csv_reader *r = csv_reader_new(name, &line_ops, &line, damage, err);
	int rc = -1;

	if (r && csv_reader_feed(r, text, len, err) == 0)
		rc = csv_reader_finish(r, err);
	csv_reader_free(r);
	return rc;
}

int layers_read(const char *dir, struct layers *layers, struct damage *damage, struct err *err)
{
	struct fact_line line = {.layers = layers};
	char path[RUNDIR_PATH];

	if (rundir_path(dir, LAYERS_FILE, path, err) < 0)
		return -1;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	return csv_read_file(path, &line_ops, &line, damage, err);
}

const char *layers_get(const struct layers *layers, uint32_t boot, uint32_t layer, const char *key)
{
	const struct layer_facts *item = find(layers, boot, layer);

	return item ? facts_get(&item->facts, key) : NULL;
}

const char *layers_first(const struct layers *layers, uint32_t layer, const char *key)
{
	const char *text = NULL;

	for (size_t i = 0; i < layers->count && !text; i++)
		if (layers->item[i].layer == layer)
			text = facts_get(&layers->item[i].facts, key);
	return text;
}

double layers_number(const struct layers *layers, uint32_t layer, const char *key)
{
	double number;
	struct err err;

	for (size_t i = 0; i < layers->count; i++) {
		const char *text = facts_get(&layers->item[i].facts, key);

		if (layers->item[i].layer == layer && text &&
		    parse_double(text, key, 0, 1e18, &number, &err) == 0)
			return number;
	}
	return NAN;
}

/* What one boot of a layer says of its own CPU, whatever lies below it. False: nothing. */
static bool own_cpu(const struct layer_facts *item, enum layer_cpu *cpu)
{
	const char *emulated = facts_get(&item->facts, "emulated");

	emulated = emulated ? emulated : schema1_emulated(item);
	if (!emulated)
		return false;
	*cpu = strcmp(emulated, "yes") == 0  ? CPU_EMULATED
	       : strcmp(emulated, "no") == 0 ? CPU_HARDWARE
					     : CPU_UNKNOWN;
	return true;
}

enum layer_cpu layers_cpu(const struct layers *layers, uint32_t layer)
{
	uint64_t way =
		layers->tree ? layer_tree_way(layers->tree, layer) : (UINT64_C(2) << layer) - 1;
	enum layer_cpu cpu = CPU_HARDWARE;
	uint64_t said = 0;

	for (size_t i = 0; i < layers->count; i++) {
		const struct layer_facts *item = &layers->item[i];
		enum layer_cpu own;

		if (!(way >> item->layer & 1) || !own_cpu(item, &own))
			continue;
		if (own == CPU_EMULATED)
			return own;
		said |= UINT64_C(1) << item->layer;
		if (own == CPU_UNKNOWN)
			cpu = own;
	}
	return said == way ? cpu : CPU_UNKNOWN;
}

bool layers_are_emulated(const struct layers *layers, uint32_t layer)
{
	for (size_t i = 0; i < layers->count; i++) {
		enum layer_cpu own;

		if (layers->item[i].layer == layer && own_cpu(&layers->item[i], &own) &&
		    own == CPU_EMULATED)
			return true;
	}
	return false;
}

void layers_release(struct layers *layers)
{
	for (size_t i = 0; i < layers->count; i++)
		facts_release(&layers->item[i].facts);
	free(layers->item);
	*layers = (struct layers){0};
}
