/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare/diffenv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"
#include "results/summary/summary_parts.h"

/* Rules for keys. '*' in a name stands for any text; the first match counts. */
static const struct rule {
	const char *key;
	enum env_weight weight;
	double tolerance; /* of numbers: a smaller relative difference only varies */
	const char *why;
} rules[] = {
	{"kind", ENV_REFUSES, 0, "another kind of layer"},
	{"accel", ENV_REFUSES, 0,
	 "emulation and hardware virtualization differ by orders of magnitude"},
	{"hypervisor", ENV_REFUSES, 0, "another hypervisor runs this layer"},
	{"nestkernel_sha256", ENV_REFUSES, 0, "another program was measured"},
	{"nestkernel_dl_sha256", ENV_REFUSES, 0, "another program was measured"},
	{"vcpus", ENV_REFUSES, 0, "another number of CPUs in this layer"},
	{"memory_bytes", ENV_REFUSES, 0.05, "another size of memory in this layer"},
	{"vm_memory_bytes", ENV_REFUSES, 0, "another size of memory in this layer"},
	{"cpu_model", ENV_REFUSES, 0, "another CPU"},
	{"mode", ENV_REFUSES, 0, "the layers were sized in another way"},
	{"host_is_vm", ENV_REFUSES, 0, "one run stands on bare metal, the other in a VM"},
	{"kernel", ENV_MATTERS, 0, "its scheduler, paging, KVM and mitigations"},
	{"microcode", ENV_MATTERS, 0, "can change the cost of exits and of system calls"},
	{"mitigations", ENV_MATTERS, 0, "every entry into a kernel and every exit pays for them"},
	{"emulator", ENV_MATTERS, 0, "another QEMU runs this layer"},
	{"qemu", ENV_MATTERS, 0, "emulated devices, and all work where the CPU is emulated"},
	{"libvirt", ENV_MATTERS, 0, "the VM may be configured differently"},
	{"cpu_flags", ENV_MATTERS, 0,
	 "paging, timers and nested virtualization may work differently"},
	{"cpu_without", ENV_MATTERS, 0, "how memory is cleared and copied where it is emulated"},
	{"boot_options", ENV_MATTERS, 0,
	 "what the guest's kernel was told: its code, and its start"},
	{"firmware", ENV_MATTERS, 0, "what starts the guest's kernel, and how soon"},
	{"npt_ept", ENV_MATTERS, 0, "page faults cost several times as much without nested paging"},
	{"nested", ENV_MATTERS, 0, "whether this layer can use hardware virtualization"},
	{"thp", ENV_MATTERS, 0, "huge pages: first touch and page walks"},
	{"hugepages", ENV_MATTERS, 0, "huge pages: first touch and page walks"},
	{"halt_poll_ns", ENV_MATTERS, 0, "wake-ups out of idle, so all waiting I/O"},
	{"governor", ENV_MATTERS, 0, "the frequency of the CPU"},
	{"cpu_quota", ENV_MATTERS, 0,
	 "work is stopped where its share of a period is used up: tails first"},
	{"turbo*", ENV_MATTERS, 0, "the frequency of the CPU"},
	{"smt", ENV_MATTERS, 0, "whether an SMT sibling shares the core"},
	{"clocksource*", ENV_MATTERS, 0, "the cost of reading the clock, and its accuracy"},
	{"disk_cache", ENV_MATTERS, 0, "the I/O of this layer"},
	{"scratch_cache", ENV_MATTERS, 0, "the I/O of this layer"},
	{"scratch", ENV_MATTERS, 0, "the I/O of this layer"},
	{"placement", ENV_MATTERS, 0, "which CPUs the vCPUs run on"},
	{"measured_cpus", ENV_MATTERS, 0, "which CPUs were measured"},
	{"not_honoured*", ENV_MATTERS, 0, "a request could not be honoured"},
	{"topology", ENV_MATTERS, 0, "cores, caches and NUMA nodes"},
	{"numa_nodes", ENV_MATTERS, 0, "distance to memory"},
	{"module_params", ENV_MATTERS, 0, "parameters of the modules of the guests' kernel"},
	{"image", ENV_MATTERS, 0, "other programs or another kernel in the guests"},
	{"host", ENV_MATTERS, 0, "another machine, by its name"},
	{"profile", ENV_MATTERS, 0, "other workloads, or other lengths of a batch"},
	{"depth", ENV_MATTERS, 0, "only layers that both runs have are compared"},
	{"layers", ENV_MATTERS, 0, "only layers that both runs have are compared"},
	{"boots", ENV_VARIES, 0, "the confidence in the figures"},
	{"rounds", ENV_VARIES, 0, "the confidence in the figures"},
	{"batches", ENV_VARIES, 0, "the confidence in the figures"},
	{"seed", ENV_VARIES, 0, "the order of the work and its data"},
	{"state", ENV_MATTERS, 0, "a run that did not end has fewer rounds"},
	{"environment", ENV_MATTERS, 0, "variables that libraries of this layer obey"},
	{"environment_removed", ENV_VARIES, 0, "variables that had no effect"},
	{"domain", ENV_VARIES, 0, "a name"},
	{"qemu_probe", ENV_VARIES, 0, "whether libvirt had to ask QEMU what it can do"},
	{"ab_*", ENV_VARIES, 0, "a name"},
	{"load*", ENV_VARIES, 0, "other load of the machine at the start"},
	{"memory_available*", ENV_VARIES, 0, "other load of the machine at the start"},
	{"agent_cpu_share", ENV_VARIES, 0, "a measurement"},
	{"clock_*", ENV_VARIES, 0, "a measurement"},
	{"started_again*", ENV_VARIES, 0, "how the start went"},
	{"isolation", ENV_VARIES, 0, "follows from what is in the other lines"},
	{"emulated", ENV_VARIES, 0, "follows from what is in the other lines"},
	{"starter", ENV_VARIES, 0, "follows from what is in the other lines"},
	{"warning", ENV_VARIES, 0, "follows from what is in the other lines"},
	{"restarted_layers", ENV_VARIES, 0, "how the run went"},
	{"from_round", ENV_VARIES, 0, "how the run went"},
	{"evidence*", ENV_VARIES, 0, "how the run went"},
	{"calibrated_without", ENV_VARIES, 0, "how the start went"},
	{"round.*", ENV_VARIES, 0, "what disturbed a round"},
	{"*_ns", ENV_VARIES, 0, "a measurement"},
	{"*", ENV_MATTERS, 0, "it is part of the environment"},
};

struct column_text env_key(size_t i)
{
	enum { RULES = sizeof(rules) / sizeof(rules[0]) - 1 };

	return i < RULES ? (struct column_text){rules[i].key, rules[i].why}
			 : (struct column_text){NULL, NULL};
}

static const struct rule *rule_of(const char *key)
{
	const struct rule *rule = rules;

	/* The last one matches everything. */
	while (strcmp(rule->key, "*") != 0 && !parse_matches(rule->key, key))
		rule++;
	return rule;
}

static bool is_near(const char *base, const char *new, double tolerance)
{
	struct err ignored;
	double a, b;

	if (tolerance == 0 || parse_double(base, "", 0, 1e300, &a, &ignored) < 0 ||
	    parse_double(new, "", 0, 1e300, &b, &ignored) < 0)
		return false;
	return fabs(a - b) <= tolerance * fmax(a, b);
}

const char *env_why(const char *key)
{
	return rule_of(key)->why;
}

/* A value that one side does not know is no reason to refuse. */
enum env_weight env_weigh(const char *key, const char *base, const char *new)
{
	const struct rule *rule = rule_of(key);

	if (is_near(base, new, rule->tolerance))
		return ENV_VARIES;
	return rule->weight == ENV_REFUSES && (!*base || !*new) ? ENV_MATTERS : rule->weight;
}

static int add(struct env_differences *d, int layer, const char *key, const char *base,
	       const char *new, struct err *err)
{
	struct env_difference *item;
	char part[1024];

	d->facts++;
	if (strcmp(base, new) == 0)
		return 0;
	item = array_grow(d->item, d->count, sizeof(*item));
	if (!item)
		return err_set(err, EXIT_INTERNAL,
			       "out of memory for differences of the environment");
	d->item = item;
	item += d->count;
	*item = (struct env_difference){
		.weight = env_weigh(key, base, new), .layer = layer, .why = rule_of(key)->why};
	item->key = strdup(key);
	item->base = strdup(csv_printable(base, part, sizeof(part)));
	item->new = strdup(csv_printable(new, part, sizeof(part)));
	d->count++;
	if (item->key && item->base && item->new)
		return 0;
	return err_set(err, EXIT_INTERNAL, "out of memory for differences of the environment");
}

static bool has_layer(const struct layers *layers, uint32_t layer)
{
	for (size_t i = 0; i < layers->count; i++)
		if (layers->item[i].layer == layer)
			return true;
	return false;
}

/* The same layer of the other run, by its way from L0 unless both are chains. */
static uint32_t layer_like(const struct summary *s, uint32_t layer, const struct summary *other)
{
	return s->is_tree || other->is_tree
		       ? layer < s->layers ? summary_layer_like(s, layer, other) : LAYER_NO_PARENT
		       : layer;
}

static int add_of_layer(struct env_differences *d, const struct summary *s, uint32_t layer,
			bool named, const char *key, const char *const value[2], struct err *err)
{
	size_t before = d->count;

	if (add(d, (int)layer, key, value[0], value[1], err) < 0)
		return -1;
	if (d->count > before && named)
		str_copy(d->item[before].name, LAYER_NAME, summary_layer_name(s, layer));
	return 0;
}

/* Compares what one layer says of itself, which is `like` in the other run. */
static int add_layer(struct env_differences *d, const struct summary run[2], uint32_t layer,
		     uint32_t like, struct err *err)
{
	bool named = run[0].is_tree || run[1].is_tree;
	struct facts base = FACTS_INIT, new = FACTS_INIT;
	int rc = env_layer_facts(&run[0].facts, layer, &base, err);

	if (rc == 0)
		rc = env_layer_facts(&run[1].facts, like, &new, err);
	for (size_t i = 0; i < base.count && rc == 0; i++) {
		const char *other = facts_get(&new, base.item[i].key);

		rc = add_of_layer(d, &run[0], layer, named, base.item[i].key,
				  (const char *const[]){base.item[i].value, other ? other : ""},
				  err);
	}
	for (size_t i = 0; i < new.count &&rc == 0; i++)
		if (!facts_get(&base, new.item[i].key))
			rc = add_of_layer(d, &run[1], like, named, new.item[i].key,
					  (const char *const[]){"", new.item[i].value}, err);
	facts_release(&base);
	facts_release(&new);
	return rc;
}

static int add_layers(struct env_differences *d, const struct summary run[2], struct err *err)
{
	const struct layers *layers = &run[0].facts;
	uint64_t done = 0;

	for (size_t i = 0; i < layers->count; i++) {
		uint32_t layer = layers->item[i].layer, like = layer_like(&run[0], layer, &run[1]);

		if (done >> layer & 1 || !has_layer(&run[1].facts, like))
			continue;
		done |= UINT64_C(1) << layer;
		if (add_layer(d, run, layer, like, err) < 0)
			return -1;
	}
	return 0;
}

static int add_facts(struct env_differences *d, const struct facts *base, const struct facts *new,
		     struct err *err)
{
	for (size_t i = 0; i < base->count; i++) {
		const char *other = facts_get(new, base->item[i].key);

		if (add(d, -1, base->item[i].key, base->item[i].value, other ? other : "", err) < 0)
			return -1;
	}
	for (size_t i = 0; i < new->count; i++)
		if (!facts_get(base, new->item[i].key) &&
		    add(d, -1, new->item[i].key, "", new->item[i].value, err) < 0)
			return -1;
	return 0;
}

static int add_manifests(struct env_differences *d, const struct manifest *base,
			 const struct manifest *new, struct err *err)
{
	struct facts facts[2] = {FACTS_INIT, FACTS_INIT};
	int rc = env_run_facts(base, &facts[0], err);

	if (rc == 0)
		rc = env_run_facts(new, &facts[1], err);
	if (rc == 0)
		rc = add_facts(d, &facts[0], &facts[1], err);
	facts_release(&facts[0]);
	facts_release(&facts[1]);
	return rc;
}

static int compare_items(const void *left, const void *right)
{
	const struct env_difference *a = left, *b = right;

	if (a->weight != b->weight)
		return (int)a->weight - (int)b->weight;
	return a->layer != b->layer ? a->layer - b->layer : strcmp(a->key, b->key);
}

static void list_layers(const struct summary *s, struct buf *out)
{
	for (uint32_t k = 0; k < s->layers; k++)
		buf_addf(out, "%s%s", k ? ", " : "", summary_layer_name(s, k));
}

static int add_trees(struct env_differences *d, const struct summary run[2], struct err *err)
{
	struct buf base = BUF_INIT, new = BUF_INIT;
	int rc = 0;

	list_layers(&run[0], &base);
	list_layers(&run[1], &new);
	if (run[0].is_tree || run[1].is_tree)
		rc = base.failed || new.failed
			     ? err_set(err, EXIT_INTERNAL, "out of memory for the layers")
			     : add(d, -1, "layers", buf_str(&base), buf_str(&new), err);
	buf_release(&base);
	buf_release(&new);
	return rc;
}

/* What a run says of its environment; no rows are read. */
static int read_run(const char *dir, struct summary *s, char trouble[SUMMARY_TROUBLE],
		    struct damage *damage, struct err *err)
{
	if (summary_load_manifest(dir, &s->manifest, trouble, err) < 0)
		return -1;
	str_copy(s->facts.run, sizeof(s->facts.run), s->manifest.run);
	if (layers_read(dir, &s->facts, damage, err) < 0)
		return -1;
	arrange_layers(s);
	return 0;
}

static int compare(struct env_differences *d, const struct summary run[2], struct err *err)
{
	if (!d->trouble[0][0] && !d->trouble[1][0] &&
	    (add_manifests(d, &run[0].manifest, &run[1].manifest, err) < 0 ||
	     add_trees(d, run, err) < 0))
		return -1;
	return add_layers(d, run, err);
}

int env_compare(const char *base, const char *new, struct env_differences *d, struct err *err)
{
	struct summary *run = NULL;
	int rc = -1;

	*d = (struct env_differences){0};
	if (rundir_open(base, err) < 0 || rundir_open(new, err) < 0)
		return -1;
	run = calloc(2, sizeof(*run));
	if (!run)
		return err_set(err, EXIT_INTERNAL, "out of memory for two environments");
	if (read_run(base, &run[0], d->trouble[0], &d->damage, err) < 0 ||
	    read_run(new, &run[1], d->trouble[1], &d->damage, err) < 0 || compare(d, run, err) < 0)
		goto cleanup;
	if (d->count)
		qsort(d->item, d->count, sizeof(*d->item), compare_items);
	rc = 0;
cleanup:
	for (int i = 0; i < 2; i++)
		summary_release(&run[i]);
	free(run);
	if (rc < 0)
		env_differences_release(d);
	return rc;
}

void env_differences_release(struct env_differences *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->item[i].key);
		free(d->item[i].base);
		free(d->item[i].new);
	}
	free(d->item);
	*d = (struct env_differences){0};
}
