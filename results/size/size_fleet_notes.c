/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sizing over a fleet stands on, in sentences. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "results/size/size_fleet_parts.h"

/* Nodes that differ by less than this part of their memory are of one size. */
static const double SAME_MEMORY = 0.05;

/* ---- what the nodes' own answers stand on ---- */

static bool has_line(const struct size_node *node, const char *line, size_t len)
{
	for (const char *at = buf_str(&node->answer.notes); *at;) {
		size_t end = strcspn(at, "\n");

		if (end == len && memcmp(at, line, len) == 0)
			return true;
		at += end + (at[end] == '\n');
	}
	return false;
}

/* Nodes that were picked out of the fleet's. */
struct picked {
	const struct size_node **node;
	size_t count;
};

static const char *picked_name(const void *ctx, size_t i)
{
	return ((const struct picked *)ctx)->node[i]->name;
}

/* "a1 and b1: ", unless it is all of them. */
static void add_picked(struct size_fleet *f, const struct picked *p)
{
	if (p->count == f->nodes)
		return;
	size_add_list(&f->notes, p->count, picked_name, p);
	buf_addstr(&f->notes, ": ");
}

/* Those from the first on that say the line. */
static void pick_saying(const struct size_fleet *f, size_t first, const char *line, size_t len,
			struct picked *p)
{
	p->count = 0;
	for (size_t i = first; i < f->nodes; i++)
		if (has_line(&f->node[i], line, len))
			p->node[p->count++] = &f->node[i];
}

static bool is_said_before(const struct size_fleet *f, size_t node, const char *line, size_t len)
{
	for (size_t i = 0; i < node; i++)
		if (has_line(&f->node[i], line, len))
			return true;
	return false;
}

/* Each line once, with the nodes that say it unless all do. */
static void note_nodes(struct size_fleet *f, struct picked *p)
{
	for (size_t i = 0; i < f->nodes; i++) {
		const char *line = buf_str(&f->node[i].answer.notes);

		for (size_t len; *line; line += len + (line[len] == '\n')) {
			len = strcspn(line, "\n");
			if (is_said_before(f, i, line, len))
				continue;
			pick_saying(f, i, line, len, p);
			add_picked(f, p);
			buf_add(&f->notes, line, len);
			buf_addstr(&f->notes, "\n");
		}
	}
}

/* ---- concurrency and requests ---- */

/* vCPUs on a full host like the node. */
static double asked_of(const struct size_node *node)
{
	const struct size_answer *a = &node->answer;

	return fmin((double)a->demand.guests, a->place[a->places - 1].fit) *
	       (double)a->demand.vcpus;
}

static bool lacks_concurrency(const struct size_node *node)
{
	return node->answer.most_at_once <= 1;
}

static bool exceeds_concurrency(const struct size_node *node)
{
	return !lacks_concurrency(node) && asked_of(node) > node->answer.most_at_once;
}

static bool lacks_guests(const struct size_node *node)
{
	return !lacks_concurrency(node) && !node->answer.guests_measured;
}

static bool lacks_io(const struct size_node *node)
{
	const struct size_answer *a = &node->answer;

	return a->demand.iops && isnan(a->place[a->places - 1].ratio[SIZE_IOPS]);
}

static bool exceeds_iops(const struct size_node *node)
{
	const struct size_answer *a = &node->answer;

	return a->demand.iops && !lacks_io(node) && a->guest_iops < (double)a->demand.iops;
}

/* Appends the nodes of which it is true, and what is said of them. */
__attribute__((format(printf, 4, 5))) static void note_where(struct size_fleet *f, struct picked *p,
							     bool (*is)(const struct size_node *),
							     const char *fmt, ...)
{
	va_list ap;

	p->count = 0;
	for (size_t i = 0; i < f->nodes; i++)
		if (is(&f->node[i]))
			p->node[p->count++] = &f->node[i];
	if (p->count == 0)
		return;
	add_picked(f, p);
	va_start(ap, fmt);
	buf_vaddf(&f->notes, fmt, ap);
	va_end(ap);
}

static void note_concurrency(struct size_fleet *f, struct picked *p)
{
	double asked = 0, least = INFINITY;

	for (size_t i = 0; i < f->nodes; i++) {
		asked = fmax(asked, asked_of(&f->node[i]));
		if (exceeds_concurrency(&f->node[i]))
			least = fmin(least, f->node[i].answer.most_at_once);
	}
	note_where(f, p, lacks_concurrency,
		   "EXTRAPOLATED: concurrency was not measured; up to %.0f vCPUs at once on a host "
		   "are assumed to lose no more than one.\n",
		   asked);
	note_where(f, p, exceeds_concurrency,
		   "EXTRAPOLATED: a host has up to %.0f vCPUs at once, %.0f were measured.\n",
		   asked, least);
	note_where(f, p, lacks_guests,
		   "Concurrency was measured within one VM, not with several guests (run "
		   "--guests).\n");
}

static void note_io(struct size_fleet *f, struct picked *p)
{
	double least = INFINITY;

	for (size_t i = 0; i < f->nodes; i++)
		if (exceeds_iops(&f->node[i]))
			least = fmin(least, f->node[i].answer.guest_iops);
	note_where(f, p, lacks_io,
		   "No I/O workload was measured in every layer: requests are not sized.\n");
	note_where(f, p, exceeds_iops,
		   "One guest reached no more than %.0f requests per second: %" PRIu64
		   " need a queue depth %.0f times as large, which is extrapolated.\n",
		   least, f->demand.iops, ceil((double)f->demand.iops / least));
	if (f->demand.iops && !f->demand.host_iops)
		buf_addstr(&f->notes, "The rate of a host's storage is the highest that L0 of its "
				      "nodes reached; --host-iops sets it.\n");
}

/* ---- nodes ---- */

static void note_left_out(struct size_fleet *f)
{
	enum { LISTED = 10 };

	for (size_t i = 0; i < f->left_outs && i < LISTED; i++)
		buf_addf(&f->notes, "%s is left out: %s.\n", f->left_out[i].name,
			 f->left_out[i].why);
	if (f->left_outs > LISTED)
		buf_addf(&f->notes, "So are %zu more nodes.\n", f->left_outs - LISTED);
}

static void note_lacking(struct size_fleet *f, struct picked *p)
{
	for (size_t i = 0; i < f->places; i++) {
		p->count = 0;
		for (size_t k = 0; k < f->nodes; k++)
			if (size_node_place(&f->node[k], f->place[i].name) == f->node[k].places)
				p->node[p->count++] = &f->node[k];
		if (p->count == 0)
			continue;
		buf_addf(&f->notes,
			 "No figures in %s, so that it counts elsewhere only: ", f->place[i].name);
		size_add_list(&f->notes, p->count, picked_name, p);
		buf_addstr(&f->notes, ".\n");
	}
}

/* ---- hosts ---- */

static void note_confidence(struct size_fleet *f)
{
	size_t said = 0, place = f->places - 1;

	buf_addstr(&f->notes,
		   "A host counts with the guests that the worst node of its kind holds, or, of 39 "
		   "nodes and more, the one that 5 % are worse than; a further host holds as many "
		   "with a probability of");
	for (size_t i = 0; i < f->hosts; i++) {
		const struct size_host_place *p = &f->host[i].place[place];

		if (p->nodes)
			buf_addf(&f->notes, "%s %.0f %% (%s, %zu node%s)", said++ ? "," : "",
				 100 * p->confidence, f->host[i].label, p->nodes,
				 p->nodes == 1 ? "" : "s");
	}
	buf_addstr(&f->notes, ".\n");
}

static void note_sizes(struct size_fleet *f)
{
	for (size_t i = 0; i < f->hosts; i++) {
		const struct size_host *h = &f->host[i];
		bool cpus = h->least[SIZE_CPU] != h->most[SIZE_CPU];
		bool memory = h->least[SIZE_MEMORY] < (1 - SAME_MEMORY) * h->most[SIZE_MEMORY];

		if (cpus || memory)
			buf_addf(
				&f->notes,
				"The nodes of %s have not the same %s: --prices with a [node GLOB] "
				"for each size tells them apart.\n",
				h->label,
				!memory ? "number of CPUs"
				: !cpus ? "memory"
					: "number of CPUs and memory");
	}
}

static void note_idle_prices(struct size_fleet *f)
{
	for (size_t i = 0; f->prices && i < f->prices->count; i++) {
		const struct price *price = &f->prices->item[i];

		if (!size_price_is_used(f, price))
			buf_addf(&f->notes,
				 "[%s %s] is the price of no node that could be sized.\n",
				 price_scope_name(price->scope), price->glob);
	}
}

static void note_prices(struct size_fleet *f)
{
	for (size_t i = 0; f->prices && i < f->hosts; i++)
		if (!f->host[i].price)
			buf_addf(&f->notes, "%s has no price, and is in no mix.\n",
				 f->host[i].label);
	for (size_t i = 0; i < f->places; i++) {
		const struct mix *m = &f->place[i].mix;
		char where[SIZE_WHERE];

		if (f->place[i].has_mix && !m->proven)
			buf_addf(&f->notes,
				 "Time ran out for the mix %s: there may be one that is cheaper by "
				 "up to %.2g %%.\n",
				 size_where(&f->place[i], where),
				 100 * (1 - m->at_least / m->price));
	}
}

int size_fleet_note(struct size_fleet *f, struct err *err)
{
	struct picked p = {.node = calloc(f->nodes, sizeof(*p.node))};

	if (!p.node)
		return err_set(err, EXIT_INTERNAL, "out of memory for notes on a fleet");
	note_left_out(f);
	note_nodes(f, &p);
	note_lacking(f, &p);
	note_confidence(f);
	note_sizes(f);
	note_idle_prices(f);
	note_prices(f);
	note_concurrency(f, &p);
	note_io(f, &p);
	free(p.node);
	return buf_check(&f->notes, err);
}
