/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/placement.h"

#include <hwloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/parse.h"

/* One CPU that may be used. */
struct cpu {
	int os;
	int core;    /* logical index of its core */
	int node;    /* logical index of its NUMA node */
	int kind;    /* efficiency rank of its core: higher is faster */
	int sibling; /* 0 for the first allowed CPU of its core, 1 for the next, … */
	bool taken;
};

struct machine {
	hwloc_topology_t topology;
	struct cpu *cpu; /* in the order of preference */
	int count;
	int nodes;
};

static void note(struct placement *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct placement *p, const char *fmt, ...)
{
	size_t len = strlen(p->notes);
	va_list ap;

	if (len)
		len += (size_t)snprintf(p->notes + len, sizeof(p->notes) - len, " ");
	va_start(ap, fmt);
	if (len < sizeof(p->notes))
		vsnprintf(p->notes + len, sizeof(p->notes) - len, fmt, ap);
	va_end(ap);
}

/* The CPUs to stay within; NULL with an err. The caller frees it. */
static hwloc_bitmap_t allowed_cpus(hwloc_topology_t t, const struct placement_source *source,
				   struct err *err)
{
	hwloc_bitmap_t set = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(t)), own;

	own = set ? hwloc_bitmap_alloc() : NULL;
	if (!own) {
		hwloc_bitmap_free(set);
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	if (source->allowed) {
		if (hwloc_bitmap_list_sscanf(own, source->allowed) == 0)
			hwloc_bitmap_and(set, set, own);
		else
			hwloc_bitmap_zero(set);
	} else if (!source->synthetic && hwloc_get_cpubind(t, own, HWLOC_CPUBIND_PROCESS) == 0) {
		hwloc_bitmap_and(set, set, own);
	}
	hwloc_bitmap_free(own);
	if (!hwloc_bitmap_iszero(set))
		return set;
	hwloc_bitmap_free(set);
	err_set(err, EXIT_MACHINE, "no CPU of this machine may be used (allowed: %s)",
		source->allowed ? source->allowed : "the process's affinity");
	return NULL;
}

static int load(hwloc_topology_t *t, const struct placement_source *source, struct err *err)
{
	if (hwloc_topology_init(t) < 0)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	if (source->synthetic && hwloc_topology_set_synthetic(*t, source->synthetic) < 0) {
		hwloc_topology_destroy(*t);
		return err_set(err, EXIT_USAGE,
			       "\"%.200s\" is not a topology that hwloc can make up",
			       source->synthetic);
	}
	if (hwloc_topology_load(*t) < 0) {
		hwloc_topology_destroy(*t);
		return err_set(err, EXIT_MACHINE, "hwloc cannot read the topology of this machine");
	}
	return 0;
}

static struct cpu describe_cpu(hwloc_topology_t t, hwloc_obj_t pu)
{
	hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(t, HWLOC_OBJ_CORE, pu), node = NULL;
	struct cpu c = {.os = (int)pu->os_index};

	c.core = (int)(core ? core->logical_index : pu->logical_index);
	while ((node = hwloc_get_next_obj_by_type(t, HWLOC_OBJ_NUMANODE, node)))
		if (hwloc_bitmap_isset(node->cpuset, pu->os_index)) {
			c.node = (int)node->logical_index;
			break;
		}
	c.kind = hwloc_cpukinds_get_by_cpuset(t, pu->cpuset, 0);
	return c;
}

/* Fast cores first; within a kind first CPUs of cores before their siblings; then by number. */
static int compare(const void *a, const void *b)
{
	const struct cpu *x = a, *y = b;

	if (x->kind != y->kind)
		return y->kind - x->kind;
	if (x->sibling != y->sibling)
		return x->sibling - y->sibling;
	if (x->core != y->core)
		return x->core - y->core;
	return x->os - y->os;
}

static int machine_init(struct machine *m, const struct placement_source *source, struct err *err)
{
	hwloc_bitmap_t allowed;
	hwloc_obj_t pu = NULL;

	*m = (struct machine){0};
	if (load(&m->topology, source, err) < 0)
		return -1;
	allowed = allowed_cpus(m->topology, source, err);
	if (!allowed)
		goto fail;
	m->nodes = hwloc_get_nbobjs_by_type(m->topology, HWLOC_OBJ_NUMANODE);
	m->cpu = calloc((size_t)hwloc_get_nbobjs_by_type(m->topology, HWLOC_OBJ_PU),
			sizeof(*m->cpu));
	if (!m->cpu) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		goto fail;
	}
	while ((pu = hwloc_get_next_obj_by_type(m->topology, HWLOC_OBJ_PU, pu))) {
		struct cpu c = describe_cpu(m->topology, pu);

		if (!hwloc_bitmap_isset(allowed, pu->os_index) || m->count == PLACEMENT_CPUS)
			continue;
		/* hwloc lists the CPUs of a core one after the other. */
		if (m->count && m->cpu[m->count - 1].core == c.core)
			c.sibling = m->cpu[m->count - 1].sibling + 1;
		m->cpu[m->count++] = c;
	}
	qsort(m->cpu, (size_t)m->count, sizeof(*m->cpu), compare);
	hwloc_bitmap_free(allowed);
	return 0;
fail:
	hwloc_bitmap_free(allowed);
	hwloc_topology_destroy(m->topology);
	return -1;
}

static void machine_release(struct machine *m)
{
	free(m->cpu);
	hwloc_topology_destroy(m->topology);
}

/* Which CPUs a search looks at. */
struct scope {
	int node;	    /* -1: all of them */
	bool with_siblings; /* several CPUs of one core */
};

static bool in_scope(const struct cpu *c, const struct scope *s)
{
	return (s->node < 0 || c->node == s->node) && (s->with_siblings || c->sibling == 0);
}

static int count_in(const struct machine *m, const struct scope *s)
{
	int n = 0;

	for (int i = 0; i < m->count; i++)
		n += in_scope(&m->cpu[i], s);
	return n;
}

/* The first node with at least `want` CPUs in the scope; -1: none. */
static int find_node(const struct machine *m, int want, bool with_siblings)
{
	for (int node = 0; node < m->nodes; node++) {
		const struct scope s = {.node = node, .with_siblings = with_siblings};

		if (count_in(m, &s) >= want)
			return node;
	}
	return -1;
}

/* The order of preference that the header promises. */
static struct scope choose_scope(const struct machine *m, int measured, struct placement *p)
{
	struct scope s = {.node = find_node(m, measured + 1, false)};
	const struct scope all_cores = {.node = -1}, all = {.node = -1, .with_siblings = true};

	if (s.node >= 0)
		return s;
	s.node = find_node(m, measured, false);
	if (s.node >= 0)
		return s;
	if (count_in(m, &all_cores) >= measured) {
		note(p,
		     "The measured vCPUs are spread over several NUMA nodes, because none has %d "
		     "cores.",
		     measured);
		return all_cores;
	}
	s.with_siblings = true;
	s.node = find_node(m, measured, true);
	if (count_in(m, &all) >= measured)
		note(p, "Measured vCPUs share cores as SMT siblings: %d vCPUs on %d cores.",
		     measured, count_in(m, &all_cores));
	else
		note(p, "Measured vCPUs share CPUs: %d vCPUs on %d CPUs.", measured, m->count);
	return s;
}

/* A core that a measured vCPU uses is not free, neither are its siblings. */
static bool core_taken(const struct machine *m, int core)
{
	for (int i = 0; i < m->count; i++)
		if (m->cpu[i].core == core && m->cpu[i].taken)
			return true;
	return false;
}

static void take_measured(struct machine *m, const struct scope *s, int measured,
			  struct placement *p)
{
	while (p->measured_count < measured)
		for (int i = 0; i < m->count && p->measured_count < measured; i++)
			if (in_scope(&m->cpu[i], s)) {
				m->cpu[i].taken = true;
				p->measured[p->measured_count++] = m->cpu[i].os;
			}
}

/* Gives the room the CPUs of a node (-1: of any) that no measured vCPU disturbs; how many there
 * are. */
static int take_room(const struct machine *m, int node, bool with_siblings, struct placement *p)
{
	for (int i = 0; i < m->count; i++) {
		const struct cpu *c = &m->cpu[i];

		if ((node < 0 || c->node == node) &&
		    !(with_siblings ? c->taken : core_taken(m, c->core)))
			p->room[p->room_count++] = c->os;
	}
	return p->room_count;
}

static void choose_room(const struct machine *m, const struct scope *s, struct placement *p)
{
	if (take_room(m, s->node, false, p))
		return;
	if (take_room(m, -1, false, p)) {
		note(p, "The emulator runs on another NUMA node than the measured vCPUs.");
	} else if (take_room(m, s->node, true, p) || take_room(m, -1, true, p)) {
		note(p, "The emulator runs on SMT siblings of the measured vCPUs.");
	} else {
		for (int i = 0; i < m->count; i++)
			if (m->cpu[i].taken)
				p->room[p->room_count++] = m->cpu[i].os;
		note(p, "No CPU is left for the emulator: it shares those of the measured vCPUs.");
	}
}

static const struct cpu *find_cpu(const struct machine *m, int os)
{
	for (int i = 0; i < m->count; i++)
		if (m->cpu[i].os == os)
			return &m->cpu[i];
	return NULL;
}

/* Looks back at the choice: the node that all share, and whether the cores are alike. */
static void review(const struct machine *m, struct placement *p)
{
	const struct cpu *first = find_cpu(m, p->measured[0]);
	bool one_node = true, one_kind = true;

	for (int i = 1; i < p->measured_count; i++) {
		const struct cpu *c = find_cpu(m, p->measured[i]);

		one_node = one_node && c->node == first->node;
		one_kind = one_kind && c->kind == first->kind;
	}
	p->node = -1;
	if (one_node && m->nodes > 1)
		p->node = (int)hwloc_get_obj_by_type(m->topology, HWLOC_OBJ_NUMANODE,
						     (unsigned)first->node)
				  ->os_index;
	if (!one_kind)
		note(p, "The measured vCPUs run on cores of different kinds.");
}

static int compare_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* A CPU list in the kernel's form, cut to size. */
static void write_list(const int *cpu, int count, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0, last; i < count && len < size; i = last + 1) {
		for (last = i; last + 1 < count && cpu[last + 1] == cpu[last] + 1;)
			last++;
		len += (size_t)snprintf(text + len, size - len, "%s%d", i ? "," : "", cpu[i]);
		if (last > i && len < size)
			len += (size_t)snprintf(text + len, size - len, "-%d", cpu[last]);
	}
}

static void write_text(struct placement *p)
{
	size_t len = 0;

	qsort(p->room, (size_t)p->room_count, sizeof(p->room[0]), compare_int);
	write_list(p->room, p->room_count, p->room_list, sizeof(p->room_list));
	for (int i = 0; i < p->measured_count && len < sizeof(p->text); i++)
		len += (size_t)snprintf(p->text + len, sizeof(p->text) - len, "vcpu%d:%d ", i,
					p->measured[i]);
	if (len < sizeof(p->text) - 6)
		snprintf(p->text + len, sizeof(p->text) - len, "room:%.*s",
			 (int)(sizeof(p->text) - len - 6), p->room_list);
}

static const struct placement_source this_machine = {0};

int placement_plan(const struct placement_source *source, int measured, struct placement *out,
		   struct err *err)
{
	struct machine m;
	struct scope s;

	if (measured < 1 || measured > PLACEMENT_CPUS)
		return err_set(err, EXIT_USAGE, "%d measured vCPUs are not possible: 1 to %d are",
			       measured, PLACEMENT_CPUS);
	if (machine_init(&m, source ? source : &this_machine, err) < 0)
		return -1;
	*out = (struct placement){.node = -1};
	s = choose_scope(&m, measured, out);
	take_measured(&m, &s, measured, out);
	choose_room(&m, &s, out);
	review(&m, out);
	write_text(out);
	machine_release(&m);
	return 0;
}

void placement_part(const struct placement *all, int first, int count, struct placement *out)
{
	*out = *all;
	for (int i = 0; i < count; i++)
		out->measured[i] = all->measured[(first + i) % all->measured_count];
	out->measured_count = count;
	write_text(out);
}

static void add_count(char *text, size_t *len, int count, const char *one, const char *many)
{
	if (count > 0 && *len < PLACEMENT_TEXT)
		*len += (size_t)snprintf(text + *len, PLACEMENT_TEXT - *len, "%s%d %s",
					 *len ? ", " : "", count, count == 1 ? one : many);
}

int placement_topology(const struct placement_source *source, char text[PLACEMENT_TEXT],
		       struct err *err)
{
	hwloc_topology_t t;
	hwloc_obj_t cache;
	size_t len = 0;

	if (load(&t, source ? source : &this_machine, err) < 0)
		return -1;
	text[0] = '\0';
	add_count(text, &len, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PACKAGE), "package",
		  "packages");
	add_count(text, &len, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE), "NUMA node",
		  "NUMA nodes");
	add_count(text, &len, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE), "core", "cores");
	add_count(text, &len, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU), "CPU", "CPUs");
	cache = hwloc_get_obj_by_type(t, HWLOC_OBJ_L3CACHE, 0);
	if (cache && len < PLACEMENT_TEXT) {
		char size[SIZE_TEXT];

		snprintf(text + len, PLACEMENT_TEXT - len, ", L3 %s",
			 format_size(cache->attr->cache.size, size));
	}
	hwloc_topology_destroy(t);
	return 0;
}
