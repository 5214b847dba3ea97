/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/size/prices.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/buf.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"

enum { SECTIONS_MAX = 1000, PRICE_MAX = 1000000000, COUNT_MAX = 1000000 };

#define SECTIONS "[default], [class GLOB] or [node GLOB]"

static const char *const scope_names[] = {[PRICE_CLASS] = "class", [PRICE_NODE] = "node"};

const char *price_scope_name(enum price_scope scope)
{
	return scope_names[scope];
}

/* The sections so far, and the one that is being read. */
struct reading {
	struct prices *p;
	bool in_default, has_default, has_currency, has_count;
};

/* ---- sections ---- */

/* What a section is for; false: it is no such section. */
static bool parse_section(const char *section, struct price *price)
{
	for (int scope = PRICE_CLASS; scope <= PRICE_NODE; scope++) {
		size_t len = strlen(scope_names[scope]);

		if (strncmp(section, scope_names[scope], len) != 0 || section[len] != ' ' ||
		    !section[len + 1])
			continue;
		price->scope = (enum price_scope)scope;
		str_copy(price->glob, sizeof(price->glob), section + len + 1);
		return true;
	}
	return false;
}

static int add_price(struct prices *p, const struct price *price, const char *section,
		     struct err *err)
{
	struct price *grown;

	for (size_t i = 0; i < p->count; i++)
		if (p->item[i].scope == price->scope && strcmp(p->item[i].glob, price->glob) == 0)
			return inifile_unexpected("section", section, "it to be there once", err);
	if (p->count == SECTIONS_MAX)
		return inifile_unexpected("section", section, "fewer sections", err);
	grown = array_grow(p->item, p->count, sizeof(*price));
	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for prices");
	p->item = grown;
	p->item[p->count++] = *price;
	return 0;
}

static int begin_section(void *ctx, const char *section, int line, struct err *err)
{
	struct reading *r = ctx;
	struct price price = {.line = line, .count = PRICES_ANY};

	r->in_default = strcmp(section, "default") == 0;
	r->has_count = false;
	if (r->in_default && r->has_default)
		return inifile_unexpected("section", section, "it to be there once", err);
	if (r->in_default) {
		r->has_default = true;
		return 0;
	}
	if (!parse_section(section, &price))
		return inifile_unexpected("section", section, SECTIONS, err);
	return add_price(r->p, &price, section, err);
}

/* ---- keys ---- */

/* A key that is there for the second time fails. */
static int once(bool *has, const struct inifile_line *line, struct err *err)
{
	if (*has)
		return inifile_unexpected(line->key, line->value,
					  "it to be there once in a section, on one line", err);
	*has = true;
	return 0;
}

static int take_default(struct reading *r, const struct inifile_line *line, struct err *err)
{
	static const char *const keys[] = {"currency", NULL};

	if (strcmp(line->key, "currency") != 0)
		return inifile_not_among("key", line->key, keys, err);
	if (!line->value[0] || strlen(line->value) >= PRICES_CURRENCY || !is_printable(line->value))
		return inifile_unexpected("currency", line->value,
					  "a short name of the currency, such as EUR", err);
	str_copy(r->p->currency, PRICES_CURRENCY, line->value);
	return once(&r->has_currency, line, err);
}

static int take_price(struct price *price, const struct inifile_line *line, struct err *err)
{
	struct err ignored;

	if (parse_double(line->value, "price", 0, PRICE_MAX, &price->per_hour, &ignored) < 0)
		return inifile_unexpected("price", line->value,
					  "what a host costs for an hour, a number from 0 to 10^9",
					  err);
	return once(&price->has_price, line, err);
}

static int take(void *ctx, const struct inifile_line *line, struct err *err)
{
	static const char *const keys[] = {"price", "count", NULL};
	struct reading *r = ctx;
	struct price *price;
	struct err ignored;

	if (r->in_default)
		return take_default(r, line, err);
	price = &r->p->item[r->p->count - 1];
	if (strcmp(line->key, "price") == 0)
		return take_price(price, line, err);
	if (strcmp(line->key, "count") != 0)
		return inifile_not_among("key", line->key, keys, err);
	if (parse_u64(line->value, "count", 0, COUNT_MAX, &price->count, &ignored) < 0)
		return inifile_unexpected("count", line->value,
					  "how many hosts can be had, a whole number from 0 to "
					  "10^6",
					  err);
	return once(&r->has_count, line, err);
}

/* ---- the file ---- */

int price_unexpected(const struct prices *p, size_t index, const char *expected, struct err *err)
{
	const struct price *price = &p->item[index];

	return err_set(err, EXIT_USAGE, "%s:%d: [%s %s]: expected %s", p->file, price->line,
		       scope_names[price->scope], price->glob, expected);
}

static int check(const struct prices *p, struct err *err)
{
	if (p->count == 0)
		return err_set(err, EXIT_USAGE, "%s: expected a section: " SECTIONS, p->file);
	for (size_t i = 0; i < p->count; i++)
		if (!p->item[i].has_price)
			return price_unexpected(p, i, "\"price = NUMBER\" in this section", err);
	return 0;
}

int prices_parse(FILE *file, const char *name, struct prices *p, struct err *err)
{
	static const struct inifile_reader reader = {
		.section = begin_section, .line = take, .sections = SECTIONS};
	struct reading r = {.p = p};

	str_copy(p->file, sizeof(p->file), name);
	if (inifile_read(file, name, &reader, &r, err) == 0 && check(p, err) == 0)
		return 0;
	prices_release(p);
	return -1;
}

int prices_read(const char *path, struct prices *p, struct err *err)
{
	FILE *file = fopen(path, "re");
	int rc;

	if (!file)
		return err_errno(err, EXIT_USAGE, "cannot read the prices in %s", path);
	rc = prices_parse(file, path, p, err);
	fclose(file);
	return rc;
}

void prices_release(struct prices *p)
{
	free(p->item);
	*p = (struct prices){0};
}

/* ---- which one ---- */

bool price_fits(const struct price *price, const char *class, const char *node)
{
	return fnmatch(price->glob, price->scope == PRICE_NODE ? node : class, 0) == 0;
}

static int fail_twice(const struct prices *p, size_t first, size_t second, const char *node,
		      struct err *err)
{
	struct buf expected = BUF_INIT;

	buf_addf(&expected, "one section for the node %s, which [%s %s] in line %d fits, too", node,
		 scope_names[p->item[first].scope], p->item[first].glob, p->item[first].line);
	(void)price_unexpected(p, second, buf_str(&expected), err);
	buf_release(&expected);
	return -1;
}

int prices_find(const struct prices *p, const char *class, const char *node, size_t *found,
		struct err *err)
{
	*found = PRICES_NONE;
	for (int scope = PRICE_NODE; scope >= PRICE_CLASS && *found == PRICES_NONE; scope--)
		for (size_t i = 0; i < p->count; i++) {
			if ((int)p->item[i].scope != scope || !price_fits(&p->item[i], class, node))
				continue;
			if (*found != PRICES_NONE)
				return fail_twice(p, *found, i, node, err);
			*found = i;
		}
	return 0;
}
