/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of hosts: what a host holds, from what those of its nodes hold. */
#include "results/size/size_fleet_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "results/fleet/state.h"
#include "results/stats/stats.h"

/* Of the pessimistic figures, this part of further hosts is no worse. */
static const double CONFIDENCE = 0.95;

/* ---- which nodes are of one kind ---- */

static const struct price *price_of(const struct size_fleet *f, const struct size_node *node)
{
	return node->price == PRICES_NONE ? NULL : &f->prices->item[node->price];
}

static int compare_nodes(const void *a, const void *b)
{
	const struct size_node *x = a, *y = b;

	if (x->machine != y->machine)
		return x->machine < y->machine ? -1 : 1;
	if (x->price != y->price)
		return x->price < y->price ? -1 : 1;
	return fleet_order(x->name, y->name);
}

static bool is_kind(const struct size_node *a, const struct size_node *b)
{
	return a->machine == b->machine && a->price == b->price;
}

static void sort_nodes(struct size_fleet *f)
{
	fleet_classes_sort(&f->classes);
	for (size_t i = 0; i < f->nodes; i++)
		f->node[i].machine = fleet_classes_find(&f->classes, &f->node[i].class);
	qsort(f->node, f->nodes, sizeof(*f->node), compare_nodes);
}

/* ---- over nodes ---- */

static double fit_of(const struct size_place *p)
{
	return p->fit;
}

static double bad_fit_of(const struct size_place *p)
{
	return p->bad_fit;
}

static double share_of(const struct size_place *p)
{
	return 1 / (p->ratio[SIZE_CPU] * p->loss[SIZE_CPU]);
}

static double bad_share_of(const struct size_place *p)
{
	return 1 / (p->bad_ratio[SIZE_CPU] * p->bad_loss[SIZE_CPU]);
}

typedef double (*figure_fn)(const struct size_place *p);

/* A figure of each node that has the place, ascending. How many there are. */
static size_t gather(const struct size_host *h, const char *name, figure_fn figure, double *out)
{
	size_t n = 0;

	for (size_t i = 0; i < h->nodes; i++) {
		size_t at = size_node_place(&h->node[i], name);

		if (at < h->node[i].places)
			out[n++] = figure(&h->node[i].place[at]);
	}
	if (n)
		stats_sort(out, n);
	return n;
}

/* The r of the header. */
static size_t bound_rank(size_t n)
{
	size_t rank = (size_t)ceil(CONFIDENCE * (double)(n + 1) - 1e-9);

	return rank < n ? rank : n;
}

/* The r-th most of n figures, of each of which more is better. */
static double bound(const double *ascending, size_t n)
{
	return ascending[n - bound_rank(n)];
}

/* What binds a node that holds so many guests. */
static enum size_resource binding_at(const struct size_host *h, const char *name, double bad_fit)
{
	for (size_t i = 0; i < h->nodes; i++) {
		size_t at = size_node_place(&h->node[i], name);

		if (at < h->node[i].places && h->node[i].place[at].bad_fit == bad_fit)
			return h->node[i].place[at].binding;
	}
	return SIZE_CPU;
}

static double hosts_alone(const struct size_fleet *f, double bad_fit)
{
	return bad_fit >= 1 ? ceil((double)f->demand.guests / bad_fit) : NAN;
}

static void make_host_place(const struct size_fleet *f, struct size_host *h, size_t place,
			    double *work)
{
	struct size_host_place *p = &h->place[place];
	const char *name = f->place[place].name;
	size_t n = gather(h, name, bad_fit_of, work);

	*p = (struct size_host_place){.nodes = n, .alone = NAN};
	if (n == 0)
		return;
	p->bad_fit = bound(work, n);
	p->confidence = (double)bound_rank(n) / (double)(n + 1);
	p->binding = binding_at(h, name, p->bad_fit);
	gather(h, name, fit_of, work);
	p->fit = work[(n - 1) / 2]; /* whole guests: of two in the middle the fewer */
	gather(h, name, bad_share_of, work);
	p->bad_share = bound(work, n);
	gather(h, name, share_of, work);
	p->share = stats_median(work, n);
	p->alone = hosts_alone(f, p->bad_fit);
	p->enough = !isnan(p->alone) && (!h->price || p->alone <= (double)h->price->count);
}

static void set_sizes(struct size_host *h)
{
	for (int r = 0; r < SIZE_RESOURCES; r++) {
		h->least[r] = h->most[r] = NAN;
		for (size_t i = 0; i < h->nodes; i++) {
			h->least[r] = fmin(h->least[r], h->node[i].answer.host[r]);
			h->most[r] = fmax(h->most[r], h->node[i].answer.host[r]);
		}
	}
}

/* ---- all of them ---- */

static int compare_places(const void *a, const void *b)
{
	const struct size_fleet_place *x = a, *y = b;

	return x->depth != y->depth ? (x->depth < y->depth ? -1 : 1) : strcmp(x->name, y->name);
}

static int add_place(struct size_fleet *f, const struct size_place *p, struct err *err)
{
	struct size_fleet_place *place = &f->place[f->places];

	for (size_t i = 0; i < f->places; i++)
		if (strcmp(f->place[i].name, p->name) == 0)
			return 0;
	if (f->places == SIZE_FLEET_PLACES)
		return err_set(err, EXIT_USAGE,
			       "the nodes were measured in more than %d layers: --layer says for "
			       "which to size",
			       SIZE_FLEET_PLACES);
	*place = (struct size_fleet_place){.depth = p->depth, .fewest = NAN};
	str_copy(place->name, sizeof(place->name), p->name);
	f->places++;
	return 0;
}

static int make_places(struct size_fleet *f, struct err *err)
{
	for (size_t i = 0; i < f->nodes; i++)
		for (size_t k = 0; k < f->node[i].places; k++)
			if (add_place(f, &f->node[i].place[k], err) < 0)
				return -1;
	qsort(f->place, f->places, sizeof(f->place[0]), compare_places);
	return 0;
}

static void make_hosts(struct size_fleet *f, double *work)
{
	for (size_t first = 0, end; first < f->nodes; first = end) {
		struct size_host *h = &f->host[f->hosts];

		for (end = first + 1; end < f->nodes && is_kind(&f->node[first], &f->node[end]);)
			end++;
		*h = (struct size_host){.class = f->node[first].class,
					.price = price_of(f, &f->node[first]),
					.node = &f->node[first],
					.nodes = end - first};
		fleet_letter(h->node->machine, h->letter);
		str_copy(h->label, sizeof(h->label), h->letter);
		f->hosts++;
		set_sizes(h);
		for (size_t i = 0; i < f->places; i++)
			make_host_place(f, h, i, work);
	}
}

/* Kinds of one class stand side by side. */
static void number_prices(struct size_fleet *f)
{
	for (size_t first = 0, end; first < f->hosts; first = end) {
		size_t machine = f->host[first].node->machine;

		for (end = first + 1; end < f->hosts && f->host[end].node->machine == machine;)
			end++;
		for (size_t i = first; end - first > 1 && i < end; i++)
			str_addf(f->host[i].label, SIZE_LABEL, ".%zu", i - first + 1);
	}
}

static void set_fewest(struct size_fleet *f)
{
	for (size_t i = 0; i < f->places; i++)
		for (size_t h = 0; h < f->hosts; h++)
			if (f->host[h].place[i].enough)
				f->place[i].fewest =
					fmin(f->place[i].fewest, f->host[h].place[i].alone);
}

int size_hosts_make(struct size_fleet *f, struct err *err)
{
	double *work = calloc(f->nodes, sizeof(*work));

	f->host = calloc(f->nodes, sizeof(*f->host));
	if (!work || !f->host) {
		free(work);
		return err_set(err, EXIT_INTERNAL, "out of memory for the hosts of a fleet");
	}
	sort_nodes(f);
	if (make_places(f, err) == 0) {
		make_hosts(f, work);
		number_prices(f);
	}
	free(work);
	if (f->hosts == 0)
		return -1;
	set_fewest(f);
	return 0;
}
