/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/placement_cpus.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/parse.h"
#include "lib/str.h"

/* The allowed CPUs; NULL with an err. The caller frees them. */
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
		return err_set(err, EXIT_USAGE, "\"%.200s\" is not a synthetic topology of hwloc",
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
			c.node_os = (int)node->os_index;
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

/* The isolated CPUs, from the kernel or from the source. */
static hwloc_bitmap_t isolated_cpus(const struct placement_source *source)
{
	static const char *const files[] = {"/sys/devices/system/cpu/isolated",
					    "/sys/devices/system/cpu/nohz_full"};
	hwloc_bitmap_t all = hwloc_bitmap_alloc(), one = hwloc_bitmap_alloc();
	char list[PLACEMENT_TEXT];

	if (all && source->isolated && hwloc_bitmap_list_sscanf(all, source->isolated) < 0)
		hwloc_bitmap_zero(all);
	for (size_t i = 0; all && one && !source->isolated && !source->synthetic && i < 2; i++)
		/* Empty, or "(null)", where there are none. */
		if (file_line(list, sizeof(list), "%s", files[i]) && list[0] &&
		    list[strspn(list, "0123456789,-")] == '\0' &&
		    hwloc_bitmap_list_sscanf(one, list) == 0)
			hwloc_bitmap_or(all, all, one);
	hwloc_bitmap_free(one);
	return all;
}

/* The number within its core and kind (isolated or not): 0 for the first, 1 for the next, … */
static int sibling_number(const struct cpus *m, const struct cpu *c)
{
	int n = 0;

	for (int i = 0; i < m->count; i++)
		n += m->cpu[i].core == c->core && m->cpu[i].isolated == c->isolated;
	return n;
}

static void add_cpus(struct cpus *m, hwloc_topology_t t, hwloc_bitmap_t allowed,
		     hwloc_bitmap_t isolated)
{
	hwloc_obj_t pu = NULL;

	/* If all are isolated, none counts as such. */
	if (hwloc_bitmap_isincluded(allowed, isolated))
		hwloc_bitmap_zero(isolated);
	while ((pu = hwloc_get_next_obj_by_type(t, HWLOC_OBJ_PU, pu))) {
		struct cpu c = describe_cpu(t, pu);

		if (!hwloc_bitmap_isset(allowed, pu->os_index) || m->count == PLACEMENT_CPUS)
			continue;
		c.isolated = hwloc_bitmap_isset(isolated, pu->os_index);
		c.sibling = sibling_number(m, &c);
		m->isolated += c.isolated;
		m->cpu[m->count++] = c;
	}
	qsort(m->cpu, (size_t)m->count, sizeof(*m->cpu), compare);
}

static const struct placement_source this_machine = {0};

int cpus_init(struct cpus *m, const struct placement_source *source, struct err *err)
{
	hwloc_bitmap_t allowed = NULL, isolated = NULL;
	hwloc_topology_t t;
	int done = -1;

	*m = (struct cpus){0};
	if (!source)
		source = &this_machine;
	if (load(&t, source, err) < 0)
		return -1;
	allowed = allowed_cpus(t, source, err);
	if (!allowed)
		goto out;
	isolated = isolated_cpus(source);
	m->nodes = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE);
	m->cpu = calloc((size_t)hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU), sizeof(*m->cpu));
	if (!m->cpu || !isolated) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		cpus_release(m);
		goto out;
	}
	add_cpus(m, t, allowed, isolated);
	done = 0;
out:
	hwloc_bitmap_free(isolated);
	hwloc_bitmap_free(allowed);
	hwloc_topology_destroy(t);
	return done;
}

void cpus_release(struct cpus *m)
{
	free(m->cpu);
	*m = (struct cpus){0};
}

static void add_count(char text[PLACEMENT_TEXT], int count, const char *one, const char *many)
{
	if (count > 0)
		str_addf(text, PLACEMENT_TEXT, "%s%d %s", text[0] ? ", " : "", count,
			 count == 1 ? one : many);
}

int placement_topology(const struct placement_source *source, char text[PLACEMENT_TEXT],
		       struct err *err)
{
	hwloc_topology_t t;
	hwloc_obj_t cache;

	if (load(&t, source ? source : &this_machine, err) < 0)
		return -1;
	text[0] = '\0';
	add_count(text, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PACKAGE), "package", "packages");
	add_count(text, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE), "NUMA node", "NUMA nodes");
	add_count(text, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE), "core", "cores");
	add_count(text, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU), "CPU", "CPUs");
	cache = hwloc_get_obj_by_type(t, HWLOC_OBJ_L3CACHE, 0);
	if (cache) {
		char size[SIZE_TEXT];

		str_addf(text, PLACEMENT_TEXT, ", L3 %s",
			 format_size(cache->attr->cache.size, size));
	}
	hwloc_topology_destroy(t);
	return 0;
}
