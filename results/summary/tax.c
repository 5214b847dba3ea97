/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/tax.h"

#include <math.h>
#include <string.h>

#include "results/rundir/params.h"
#include "results/summary/summary_parts.h"

static const struct {
	const char *name, *capacity, *class;
} resources[] = {
	[TAX_CPU] = {"CPUs", "capacity.cpus", "cpu"},
	[TAX_MEMORY] = {"memory", "capacity.memory", "mem"},
	[TAX_DISK] = {"disk", "capacity.disk", "io"},
};

const char *tax_resource_name(enum tax_resource r)
{
	return resources[r].name;
}

bool tax_applies(const struct summary *s)
{
	return strcmp(s->manifest.mode, "share") == 0 && s->layers > 1;
}

bool tax_has_step(const struct tax *t, uint32_t layer)
{
	return layer && layer_tree_is_in(&t->s->tree, layer, 0);
}

bool tax_known(const struct tax_step *step, bool speed)
{
	return !isnan(step->hypervisor.mid) && (!speed || !isnan(step->left.mid));
}

static struct estimate exact(double x)
{
	return (struct estimate){x, x, x};
}

/* An interval of one point was not measured. */
static struct estimate without_point(struct estimate e)
{
	if (e.low == e.high)
		e.low = e.high = NAN;
	return e;
}

static double low_of(struct estimate e)
{
	return isnan(e.low) ? e.mid : e.low;
}

static double high_of(struct estimate e)
{
	return isnan(e.high) ? e.mid : e.high;
}

static struct estimate scaled(struct estimate e, double factor)
{
	return (struct estimate){e.mid * factor, e.low * factor, e.high * factor};
}

/* a / b, both positive, with the outer ends of the intervals that exist. */
static struct estimate quotient(struct estimate a, struct estimate b)
{
	struct estimate q = {a.mid / b.mid, low_of(a) / high_of(b), high_of(a) / low_of(b)};

	return q;
}

/* factor * (1 - e), which swaps the ends. */
static struct estimate complement(struct estimate e, double factor)
{
	return (struct estimate){factor * (1 - e.mid), factor * (1 - e.high), factor * (1 - e.low)};
}

static struct estimate found(const struct summary *s, enum tax_resource r, uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++)
		if (s->entry[i].layer == layer && s->entry[i].cost.mid > 0 &&
		    strcmp(s->entry[i].workload, resources[r].capacity) == 0)
			return s->entry[i].cost;
	return ESTIMATE_NONE;
}

/* Sibling VMs in a layer in which no other stands. */
static double guests_of(const struct summary *s, uint32_t layer)
{
	double guests = 1;

	for (size_t i = 0; i < s->entries && layer_tree_is_leaf(&s->tree, layer); i++)
		if (s->entry[i].layer == layer || !s->is_tree)
			guests = fmax(guests, params_number(s->entry[i].params, "guests", 1));
	return guests;
}

/* The amount of a resource that a layer has. */
static double has(const struct summary *s, enum tax_resource r, uint32_t layer)
{
	switch (r) {
	case TAX_CPU:
		return s->layer[layer].vcpus;
	case TAX_MEMORY:
		return s->layer[layer].memory_bytes;
	default:
		return found(s, r, layer).mid;
	}
}

static double handed(const struct summary *s, enum tax_resource r, uint32_t layer)
{
	double above = has(s, r, summary_parent(s, layer));
	double each = r == TAX_CPU ? s->layer[layer].vcpus : s->layer[layer].vm_memory_bytes;

	if (r == TAX_DISK)
		return above;
	/* fmin() of NAN would be the other value. */
	if (isnan(above) || isnan(each))
		return NAN;
	/* Guests may share one CPU. */
	return fmin(above, guests_of(s, layer) * each);
}

static struct estimate usable(const struct summary *s, enum tax_resource r, uint32_t layer)
{
	bool holds_vms = !layer_tree_is_leaf(&s->tree, layer);

	if (r == TAX_MEMORY && holds_vms)
		return exact(has(s, r, layer));
	/* All guests share the disk. */
	return r == TAX_DISK ? found(s, r, layer) : scaled(found(s, r, layer), guests_of(s, layer));
}

/* The step to a layer; up is the cost of work there against the parent layer. */
static struct tax_step step_to(const struct summary *s, enum tax_resource r, uint32_t layer,
			       struct estimate up)
{
	uint32_t parent = summary_parent(s, layer);
	struct tax_step t = {.has = has(s, r, parent), .handed = handed(s, r, layer)};
	struct estimate above = usable(s, r, parent), y;
	double h = t.handed / t.has;

	t.usable = usable(s, r, layer);
	if (r == TAX_DISK) /* a disk's size is its usable part */
		above = exact(t.has);
	else if (t.usable.mid > t.handed)
		t.usable = exact(t.handed);
	y = quotient(scaled(t.usable, 1 / t.handed), scaled(above, 1 / t.has));
	t.reserved = without_point(exact(1 - h));
	t.hypervisor = without_point(complement(y, h));
	t.slower = complement(estimate_inverse(up), h * y.mid);
	t.left = without_point(scaled(quotient(y, up), h));
	t.usable = without_point(t.usable);
	return t;
}

/* Single threads only, so that missing CPUs do not count as slow ones. */
static bool is_about_speed(const struct summary_entry *e)
{
	return e->threads == 1 && strcmp(e->workload, "cpu.scale") != 0;
}

/* `left` over all steps down to a layer; l0 is the cost of work there against L0. */
static struct estimate left_of_l0(const struct summary *s, const struct tax_step *step,
				  uint32_t layer, struct estimate l0)
{
	struct estimate amount = {1, 1, 1};
	double left = 1;

	for (uint32_t k = layer; k; k = summary_parent(s, k)) {
		double h = 1 - step[k].reserved.mid;

		left *= step[k].left.mid;
		amount.mid *= h - step[k].hypervisor.mid;
		amount.low *= h - high_of(step[k].hypervisor);
		amount.high *= h - low_of(step[k].hypervisor);
	}
	return without_point(
		(struct estimate){left, left * amount.low / amount.mid * l0.mid / high_of(l0),
				  left * amount.high / amount.mid * l0.mid / low_of(l0)});
}

int tax_make(const struct summary *s, struct tax *t, struct err *err)
{
	struct estimator est = {0};
	struct class_figures f;
	int rc = 0;

	*t = (struct tax){.s = s, .layers = s->layers};
	est.seed = s->manifest.seed;
	for (int r = 0; r < TAX_RESOURCES && rc == 0; r++) {
		rc = class_measure(s, resources[r].class, is_about_speed, &est, &f, err);
		for (uint32_t k = 1; k < s->layers && rc == 0; k++) {
			if (!tax_has_step(t, k))
				continue;
			t->step[r][k] = step_to(s, (enum tax_resource)r, k, f.to_up[k]);
			t->step[r][k].left_l0 = left_of_l0(s, t->step[r], k, f.to_l0[k]);
		}
	}
	estimator_release(&est);
	return rc;
}
