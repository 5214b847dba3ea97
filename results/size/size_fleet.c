/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/size/size_fleet_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/nearest.h"
#include "lib/str.h"

enum { LISTED = 5 };

static const char *node_name(const void *ctx, size_t i)
{
	return ((const struct size_node *)ctx)[i].name;
}

/* ---- prices ---- */

/* Whether it may be for a node that was left out. */
static bool may_be_left_out(const struct size_fleet *f, const struct price *price)
{
	char class[FLEET_CLASS_TEXT];

	for (size_t i = 0; i < f->left_outs; i++) {
		const struct size_left_out *node = &f->left_out[i];

		if ((price->scope == PRICE_CLASS && !node->class.cpu[0]) ||
		    price_fits(price, fleet_class_name(&node->class, class), node->name))
			return true;
	}
	return false;
}

static void expect_class(const struct size_fleet *f, const char *glob, struct buf *expected)
{
	char name[FLEET_CLASS_TEXT], best[FLEET_CLASS_TEXT] = "";
	char hint[NEAREST_TEXT];
	struct nearest near;

	buf_addstr(expected, "a glob that fits a class of this fleet, such as");
	nearest_init(&near, glob, strlen(glob));
	for (size_t i = 0; i < f->nodes; i++) {
		const struct size_node *node = &f->node[i];

		nearest_offer(&near, node->class.cpu);
		if (i && fleet_class_compare(&node->class, &node[-1].class) == 0)
			continue;
		fleet_class_name(&node->class, name);
		if (!best[0])
			str_copy(best, sizeof(best), name);
	}
	buf_addf(expected, " \"%s\"%s", best, nearest_hint(&near, " (", ")", hint));
}

static int fail_idle(const struct size_fleet *f, size_t index, struct err *err)
{
	const struct price *price = &f->prices->item[index];
	struct buf expected = BUF_INIT;

	if (price->scope == PRICE_CLASS) {
		expect_class(f, price->glob, &expected);
	} else {
		buf_addstr(&expected, "a glob that fits a node: ");
		size_add_list(&expected, f->nodes, node_name, f->node);
	}
	(void)price_unexpected(f->prices, index, buf_str(&expected), err);
	buf_release(&expected);
	return -1;
}

/* A section that fits no node was mistyped. */
static int check_prices(const struct size_fleet *f, struct err *err)
{
	for (size_t i = 0; i < f->prices->count; i++)
		if (!size_price_is_used(f, &f->prices->item[i]) &&
		    !may_be_left_out(f, &f->prices->item[i]))
			return fail_idle(f, i, err);
	return 0;
}

/* ---- the cheapest mix ---- */

static bool is_offered(const struct size_host *h, size_t place)
{
	return h->price && h->place[place].nodes;
}

/* The kinds of hosts that have a price, and their numbers among the hosts. */
static size_t make_kinds(const struct size_fleet *f, size_t place, struct mix_kind *kind,
			 size_t *number)
{
	size_t n = 0;

	for (size_t i = 0; i < f->hosts; i++) {
		const struct price *price = f->host[i].price;

		if (!is_offered(&f->host[i], place))
			continue;
		kind[n] = (struct mix_kind){
			.price = price->per_hour,
			.holds = (uint64_t)fmin(f->host[i].place[place].bad_fit, 1e15),
			.stock = price->count == PRICES_ANY ? MIX_NO_STOCK
							    : (size_t)(price - f->prices->item),
		};
		number[n++] = i;
	}
	return n;
}

/* What a mix is made of. */
struct mixing {
	struct mix_kind *kind;
	uint64_t *stock, *hosts;
	size_t *number;
};

static int make_mix(struct size_fleet *f, size_t place, struct mixing *m, struct err *err)
{
	struct mix_problem p = {.guests = f->demand.guests,
				.kind = m->kind,
				.kinds = make_kinds(f, place, m->kind, m->number),
				.stock = m->stock,
				.stocks = f->prices->count};
	struct size_fleet_place *at = &f->place[place];

	if (mix_solve(&p, m->hosts, &at->mix, err) < 0)
		return err_context(err, "%s", at->name);
	at->has_mix = at->mix.most >= p.guests;
	for (size_t k = 0; k < p.kinds; k++)
		f->host[m->number[k]].place[place].mixed = m->hosts[k];
	return 0;
}

static int make_mixes(struct size_fleet *f, struct err *err)
{
	struct mixing m = {.kind = calloc(f->hosts, sizeof(*m.kind)),
			   .stock = calloc(f->prices->count, sizeof(*m.stock)),
			   .hosts = calloc(f->hosts, sizeof(*m.hosts)),
			   .number = calloc(f->hosts, sizeof(*m.number))};
	int rc = 0;

	if (!m.kind || !m.stock || !m.hosts || !m.number)
		rc = err_set(err, EXIT_INTERNAL, "out of memory for a mix of hosts");
	/* More hosts than guests are never needed. */
	for (size_t i = 0; rc == 0 && i < f->prices->count; i++)
		m.stock[i] = f->prices->item[i].count < f->demand.guests ? f->prices->item[i].count
									 : f->demand.guests;
	for (size_t i = 0; rc == 0 && i < f->places; i++)
		rc = make_mix(f, i, &m, err);
	free(m.kind);
	free(m.stock);
	free(m.hosts);
	free(m.number);
	return rc;
}

/* ---- what is impossible ---- */

/* The hosts that may be taken in a place. */
struct taken {
	const struct size_fleet *f;
	size_t place;
};

static bool is_taken(const struct taken *t, const struct size_host *h)
{
	return t->f->prices ? is_offered(h, t->place) : h->place[t->place].nodes > 0;
}

static void say_bound(const struct taken *t, struct buf *out)
{
	size_t said = 0;

	for (size_t i = 0; i < t->f->hosts && said <= LISTED; i++) {
		const struct size_host *h = &t->f->host[i];

		if (!is_taken(t, h))
			continue;
		if (said++ == LISTED)
			buf_addstr(out, ", …");
		else
			buf_addf(out, "%s%s by %s", said == 1 ? "" : ", ", h->label,
				 size_resource_name(h->place[t->place].binding));
	}
}

static void say_counts(const struct taken *t, struct buf *out)
{
	const struct prices *p = t->f->prices;
	size_t said = 0;

	for (size_t i = 0; i < p->count && said <= LISTED; i++) {
		bool taken = false;

		for (size_t k = 0; k < t->f->hosts; k++)
			taken |= t->f->host[k].price == &p->item[i] && is_taken(t, &t->f->host[k]);
		if (!taken || p->item[i].count == PRICES_ANY)
			continue;
		if (said++ == LISTED)
			buf_addstr(out, ", …");
		else
			buf_addf(out, "%s%" PRIu64 " of [%s %s]", said == 1 ? "" : ", ",
				 p->item[i].count, price_scope_name(p->item[i].scope),
				 p->item[i].glob);
	}
}

/* Appends why the guests cannot be in a place; nothing: they can. */
static void say_why_not(const struct taken *t, struct buf *out)
{
	const struct size_fleet_place *place = &t->f->place[t->place];
	char where[SIZE_WHERE];
	double most = 0;
	size_t taken = 0;

	size_where(place, where);
	for (size_t i = 0; i < t->f->hosts; i++) {
		if (!is_taken(t, &t->f->host[i]))
			continue;
		taken++;
		most = fmax(most, t->f->host[i].place[t->place].bad_fit);
	}
	if (taken == 0) {
		buf_addf(out, "%s no host that has a price was measured", where);
	} else if (most < 1) {
		buf_addf(out, "%s no host holds a single guest, bound: ", where);
		say_bound(t, out);
	} else if (t->f->prices && place->mix.most < t->f->demand.guests) {
		buf_addf(out,
			 "%s the hosts that can be had hold %" PRIu64 " of %" PRIu64
			 " guests, bound by their count: ",
			 where, place->mix.most, t->f->demand.guests);
		say_counts(t, out);
	}
}

static int judge(struct size_fleet *f, struct err *err)
{
	for (size_t i = 0; i < f->places; i++) {
		const struct taken t = {.f = f, .place = i};
		struct buf why = BUF_INIT;
		int rc;

		say_why_not(&t, &why);
		str_copy(f->place[i].infeasible, sizeof(f->place[i].infeasible), buf_str(&why));
		rc = buf_check(&why, err);
		buf_release(&why);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int size_fleet_check(const struct size_fleet *f, struct err *err)
{
	const struct size_fleet_place *place = &f->place[f->places - 1];

	return place->infeasible[0] ? err_set(err, EXIT_MACHINE, "%s", place->infeasible) : 0;
}

/* ---- the answer ---- */

/* Emulated where one is, hardware where all are. */
static void set_cpu(struct size_fleet *f)
{
	f->cpu = CPU_HARDWARE;
	for (size_t i = 0; i < f->nodes && f->cpu != CPU_EMULATED; i++)
		if (f->node[i].answer.cpu != CPU_HARDWARE)
			f->cpu = f->node[i].answer.cpu;
}

int size_fleet_make(const char *dir, const struct size_demand *d, const struct prices *prices,
		    struct size_fleet *f, struct err *err)
{
	*f = (struct size_fleet){.demand = *d, .prices = prices};
	f->demand.spread = true;
	if (size_nodes_read(dir, f, err) < 0 || size_hosts_make(f, err) < 0)
		return -1;
	if (prices && (check_prices(f, err) < 0 || make_mixes(f, err) < 0))
		return -1;
	if (judge(f, err) < 0)
		return -1;
	set_cpu(f);
	if (size_fleet_note(f, err) < 0)
		return -1;
	return buf_check(&f->damage, err);
}

void size_fleet_release(struct size_fleet *f)
{
	free(f->host);
	f->host = NULL;
	f->hosts = 0;
	size_nodes_release(f);
	buf_release(&f->damage);
	buf_release(&f->notes);
}
