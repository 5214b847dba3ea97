/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/size/size_parts.h"

#include <math.h>
#include <string.h>

#include "lib/nearest.h"
#include "lib/str.h"

static const double PAGE_TABLES = 1.0 / 256;

const char *size_resource_name(enum size_resource r)
{
	static const char *const names[] = {"CPUs", "memory", "I/O requests"};

	return names[r];
}

/* Memory */

static double with_overhead(const struct size_demand *d, double vm)
{
	return vm * (1 + PAGE_TABLES) + (double)d->overhead_bytes;
}

/* The memory that all VMs take of their layer: from the guests outwards to L1. */
static double vm_memory(const struct size_demand *d, const double *keep, uint32_t depth,
			double guests)
{
	double need = guests * with_overhead(d, (double)d->memory_bytes);

	for (uint32_t k = depth - 1; k >= 1; k--)
		need = with_overhead(d, keep[k] + need);
	return need;
}

static double host_memory(const struct size_demand *d, const double *keep, uint32_t depth,
			  double guests)
{
	double vms = depth ? vm_memory(d, keep, depth, guests) : guests * (double)d->memory_bytes;

	return (keep[0] + vms) / (1 - d->headroom);
}

/* The number of guests that fit into this memory: vm_memory() is linear in the guests. */
static double memory_fit(const struct size_demand *d, const double *keep, uint32_t depth,
			 double memory)
{
	double none = host_memory(d, keep, depth, 0), each = host_memory(d, keep, depth, 1) - none;

	return each > 0 ? fmax(0, floor((memory - none) / each + 1e-9)) : NAN;
}

/* One layer */

static double at_least_one(double ratio)
{
	return ratio < 1 ? 1 : ratio;
}

static void set_ratio(struct size_place *p, enum size_resource r, const struct estimate *e,
		      const struct size_loss *loss)
{
	p->loss[r] = loss->expected;
	p->bad_loss[r] = loss->pessimistic;
	p->ratio[r] = isnan(e->mid) ? NAN : at_least_one(e->mid);
	p->bad_ratio[r] = isnan(e->high) ? p->ratio[r] : at_least_one(e->high);
}

static struct size_need needs(const struct size_demand *d, const struct size_place *p,
			      const double *ratio, const double *loss, const double *keep)
{
	double free_part = 1 - d->headroom;
	struct size_need n;

	n.of[SIZE_CPU] =
		(double)(d->guests * d->vcpus) * ratio[SIZE_CPU] * loss[SIZE_CPU] / free_part;
	n.of[SIZE_MEMORY] = host_memory(d, keep, p->depth, (double)d->guests);
	n.of[SIZE_IOPS] = d->iops ? (double)(d->guests * d->iops) * ratio[SIZE_IOPS] *
					    loss[SIZE_IOPS] / free_part
				  : NAN;
	return n;
}

/* The least number of guests that fit on a host, over all resources, and the binding one. */
static double fit(const struct size_demand *d, const struct size_place *p, const double *host,
		  const double *ratio, const double *loss, const double *keep,
		  enum size_resource *binding)
{
	double free_part = 1 - d->headroom, least = NAN;
	double by[SIZE_RESOURCES] = {NAN, NAN, NAN};

	by[SIZE_CPU] = floor(host[SIZE_CPU] * free_part /
				     ((double)d->vcpus * ratio[SIZE_CPU] * loss[SIZE_CPU]) +
			     1e-9);
	if (!isnan(host[SIZE_MEMORY]))
		by[SIZE_MEMORY] = memory_fit(d, keep, p->depth, host[SIZE_MEMORY]);
	if (d->iops)
		by[SIZE_IOPS] =
			floor(host[SIZE_IOPS] * free_part /
				      ((double)d->iops * ratio[SIZE_IOPS] * loss[SIZE_IOPS]) +
			      1e-9);
	for (int r = 0; r < SIZE_RESOURCES; r++)
		if (!isnan(by[r]) && !(least <= by[r])) {
			least = by[r];
			*binding = (enum size_resource)r;
		}
	return least;
}

/* The number of machines like the measured one; without a given host they determine what binds. */
static void count_hosts(const struct size_answer *a, struct size_place *p)
{
	const double has[] = {a->measured_vcpus, a->measured_memory_bytes, a->measured_iops};
	double most = NAN;

	for (int r = 0; r < SIZE_RESOURCES; r++) {
		double times = p->pessimistic.of[r] / has[r];

		if (isnan(times) || most >= times)
			continue;
		most = times;
		if (isnan(p->bad_fit))
			p->binding = (enum size_resource)r;
	}
	p->hosts = isnan(most) ? NAN : ceil(most - 1e-9);
}

static void make_place(const struct summary *s, struct size_answer *a, uint32_t layer,
		       const double *keep)
{
	struct size_place *p = &a->place[a->places];
	const struct size_demand *d = &a->demand;
	struct estimate cpu = size_ratio(s, d->like, layer), io = size_ratio(s, "io", layer);
	struct size_loss cpu_loss, io_loss;
	enum size_resource ignored;

	*p = (struct size_place){.layer = layer, .depth = s->tree.layer[layer].depth};
	str_copy(p->name, sizeof(p->name), summary_layer_name(s, layer));
	if (isnan(cpu.mid))
		return;
	cpu_loss = size_concurrency(s, d->like, layer);
	io_loss = size_concurrency(s, "io", layer);
	set_ratio(p, SIZE_CPU, &cpu, &cpu_loss);
	set_ratio(p, SIZE_IOPS, &io, &io_loss);
	p->ratio[SIZE_MEMORY] = p->bad_ratio[SIZE_MEMORY] = 1;
	p->loss[SIZE_MEMORY] = p->bad_loss[SIZE_MEMORY] = 1;
	a->most_at_once = cpu_loss.most; /* the deepest place's is kept */
	a->guests_measured = cpu_loss.guests;
	p->guest_vcpus =
		ceil((double)d->vcpus * p->bad_ratio[SIZE_CPU] * p->bad_loss[SIZE_CPU] - 1e-9);
	p->expected = needs(d, p, p->ratio, p->loss, keep);
	p->pessimistic = needs(d, p, p->bad_ratio, p->bad_loss, keep);
	p->fit = fit(d, p, a->host, p->ratio, p->loss, keep, &ignored);
	p->bad_fit = fit(d, p, a->host, p->bad_ratio, p->bad_loss, keep, &p->binding);
	count_hosts(a, p);
	a->places++;
}

/* The answer */

static int check_demand(const struct size_demand *d, struct err *err)
{
	if (d->guests == 0 || d->vcpus == 0 || d->memory_bytes == 0)
		return err_set(err, EXIT_USAGE,
			       "guests, vCPUs and memory of a guest must be above 0");
	if (!(d->headroom >= 0 && d->headroom < 1))
		return err_set(err, EXIT_USAGE, "the headroom must be from 0%% to below 100%%");
	return 0;
}

static void set_host(struct size_answer *a)
{
	const struct size_demand *d = &a->demand;
	const uint64_t given[] = {d->host_vcpus, d->host_memory_bytes, d->host_iops};
	const double measured[] = {a->measured_vcpus, a->measured_memory_bytes, a->measured_iops};

	for (int r = 0; r < SIZE_RESOURCES; r++)
		a->host[r] = given[r] ? (double)given[r] : d->spread ? measured[r] : NAN;
}

/* Each vCPU of L1 is a CPU of the host while it works, so that L1 needs as many as the host. */
static void set_l1_size(struct size_answer *a, const double *keep)
{
	const struct size_place *deep = &a->place[a->places - 1];

	a->l1_vcpus = a->l1_memory_bytes = NAN;
	if (deep->depth < 2)
		return;
	a->l1_vcpus = ceil(deep->pessimistic.of[SIZE_CPU] - 1e-9);
	a->l1_memory_bytes = vm_memory(&a->demand, keep, deep->depth, (double)a->demand.guests);
	a->l1_memory_bytes =
		(a->l1_memory_bytes - (double)a->demand.overhead_bytes) / (1 + PAGE_TABLES);
}

/* The layers from L0 to that of the guests. */
struct way {
	uint32_t layer[LAYERS_MAX], depth;
};

static int find_way(const struct summary *s, const char *name, struct way *way, struct err *err)
{
	uint32_t k = name ? layer_tree_find(&s->tree, name) : s->layers - 1;
	struct buf names = BUF_INIT;

	if (k < s->layers && (name || !s->is_tree) && layer_tree_is_in(&s->tree, k, 0)) {
		way->depth = s->tree.layer[k].depth;
		for (uint32_t i = way->depth + 1; i-- > 0; k = summary_parent(s, k))
			way->layer[i] = k;
		return 0;
	}
	for (k = 1; k < s->layers; k++)
		if (layer_tree_is_in(&s->tree, k, 0))
			buf_addf(&names, "%s%s", names.len ? ", " : "", summary_layer_name(s, k));
	if (name)
		err_set(err, EXIT_USAGE, "--layer: this run has no layer \"%.96s\" in L0, but %s",
			name, names.len ? buf_str(&names) : "L0 alone");
	else
		err_set(err, EXIT_USAGE,
			"this run has several chains of layers: --layer says for which of them to "
			"size: %s",
			buf_str(&names));
	buf_release(&names);
	return -1;
}

/* Of what was measured in a VM, or mistyped. */
static int no_ratio(const struct summary *s, const char *like, struct err *err)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, like, strlen(like));
	for (size_t i = 0; i < s->entries; i++) {
		if (size_is_like(&s->entry[i], like))
			return err_set(err, EXIT_INCONCLUSIVE,
				       "this run has no cost ratio of \"%s\" in a VM, so it cannot "
				       "size anything",
				       like);
		nearest_offer(&near, s->entry[i].class);
		nearest_offer(&near, s->entry[i].workload);
	}
	return err_set(err, EXIT_USAGE, "--like: this run has no class or workload \"%.80s\"%s",
		       like, nearest_hint(&near, " (", ")", hint));
}

int size_answer_make(const struct summary *s, const struct size_demand *d, struct size_answer *a,
		     struct err *err)
{
	double keep[LAYERS_MAX] = {0};
	uint32_t deepest = 0;
	bool known, all_known = true;
	struct way way;

	*a = (struct size_answer){.demand = *d, .most_at_once = 1};
	if (check_demand(d, err) < 0 || find_way(s, d->layer, &way, err) < 0)
		return -1;
	for (uint32_t k = 0; k <= way.depth; k++) {
		if (!isnan(size_ratio(s, d->like, way.layer[k]).mid))
			deepest = k;
		keep[k] = size_keep(s, way.layer[k], &known);
	}
	if (deepest == 0)
		return no_ratio(s, d->like, err);
	for (uint32_t k = 0; k < deepest; k++) {
		size_keep(s, way.layer[k], &known);
		all_known &= known;
	}
	a->cpu = s->layer[way.layer[deepest]].cpu;
	a->measured_vcpus = layers_number(&s->facts, 0, "vcpus");
	a->measured_memory_bytes = layers_number(&s->facts, 0, "memory_bytes");
	a->measured_iops = size_most_iops(s);
	set_host(a);
	make_place(s, a, 0, keep);
	make_place(s, a, way.layer[1], keep);
	if (deepest > 1)
		make_place(s, a, way.layer[deepest], keep);
	set_l1_size(a, keep);
	a->guest_iops = size_guest_iops(s, a->place[a->places - 1].layer);
	size_note_basis(s, a, &a->notes);
	if (!d->spread)
		size_note_concurrency(a, &a->notes);
	if (!all_known)
		buf_addstr(&a->notes,
			   "The memory that some layer keeps for itself was not measured, and "
			   "counts as nothing.\n");
	if (!d->spread)
		size_note_io(a, &a->notes);
	buf_addstr(&a->notes,
		   "QEMU's own memory per VM is assumed, not measured (--guest-overhead).\n");
	if (buf_check(&a->notes, err) == 0)
		return 0;
	size_answer_release(a);
	return -1;
}

void size_answer_release(struct size_answer *a)
{
	buf_release(&a->notes);
}
