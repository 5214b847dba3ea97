/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/placement.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/host/placement_cpus.h"
#include "lib/affinity.h"
#include "lib/str.h"

static void note(struct placement *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct placement *p, const char *fmt, ...)
{
	va_list ap;

	if (p->notes[0])
		str_addf(p->notes, sizeof(p->notes), " ");
	va_start(ap, fmt);
	str_vaddf(p->notes, sizeof(p->notes), fmt, ap);
	va_end(ap);
}

/* The CPUs that a search considers. */
struct scope {
	int node;	    /* -1: all of them */
	bool with_siblings; /* SMT siblings of a core, too */
	bool isolated;	    /* only isolated CPUs, or only the others */
};

static bool in_scope(const struct cpu *c, const struct scope *s)
{
	return (s->node < 0 || c->node == s->node) && (s->with_siblings || c->sibling == 0) &&
	       c->isolated == s->isolated;
}

static int count_in(const struct cpus *m, const struct scope *s)
{
	int n = 0;

	for (int i = 0; i < m->count; i++)
		n += in_scope(&m->cpu[i], s);
	return n;
}

/* Cores of a node for the room: isolated CPUs do not count. */
static int count_room(const struct cpus *m, int node)
{
	const struct scope s = {.node = node};

	return count_in(m, &s);
}

/*
 * The first node with at least `want` CPUs in the scope, and room beyond them where requested; -1:
 * none.
 */
static int find_node(const struct cpus *m, int want, const struct scope *like, bool with_room)
{
	for (int node = 0; node < m->nodes; node++) {
		const struct scope s = {.node = node,
					.with_siblings = like->with_siblings,
					.isolated = like->isolated};
		int have = count_in(m, &s);

		if (have >= want && (!with_room || count_room(m, node) > (s.isolated ? 0 : want)))
			return node;
	}
	return -1;
}

/* All measured vCPUs on isolated CPUs, or none of them. */
static bool choose_isolated(const struct cpus *m, int measured, struct placement *p)
{
	const struct scope isolated = {.node = -1, .with_siblings = true, .isolated = true};

	if (count_in(m, &isolated) >= measured)
		return true;
	if (m->isolated)
		note(p,
		     "Isolated CPUs stay unused: the %d that may be used are too few for %d "
		     "measured "
		     "vCPUs.",
		     m->isolated, measured);
	return false;
}

/* The order of preference that the header promises. */
static struct scope choose_scope(const struct cpus *m, int measured, struct placement *p)
{
	struct scope s = {.isolated = choose_isolated(m, measured, p)};
	const struct scope all_cores = {.node = -1, .isolated = s.isolated},
			   all = {.node = -1, .with_siblings = true, .isolated = s.isolated};

	s.node = find_node(m, measured, &s, true);
	if (s.node < 0)
		s.node = find_node(m, measured, &s, false);
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
	s.node = find_node(m, measured, &s, false);
	if (count_in(m, &all) >= measured)
		note(p, "Measured vCPUs share cores as SMT siblings: %d vCPUs on %d cores.",
		     measured, count_in(m, &all_cores));
	else
		note(p, "Measured vCPUs share CPUs: %d vCPUs on %d CPUs.", measured,
		     count_in(m, &all));
	return s;
}

/* A core that a measured vCPU uses is not free, nor are its siblings. */
static bool core_taken(const struct cpus *m, int core)
{
	for (int i = 0; i < m->count; i++)
		if (m->cpu[i].core == core && m->cpu[i].taken)
			return true;
	return false;
}

static void take_measured(struct cpus *m, const struct scope *s, int measured, struct placement *p)
{
	while (p->measured_count < measured)
		for (int i = 0; i < m->count && p->measured_count < measured; i++)
			if (in_scope(&m->cpu[i], s)) {
				m->cpu[i].taken = true;
				p->measured[p->measured_count++] = m->cpu[i].os;
			}
}

/* Gives the room the CPUs of a node (-1: of any) that disturb no measured vCPU; returns their
 * number. */
static int take_room(const struct cpus *m, int node, bool with_siblings, struct placement *p)
{
	for (int i = 0; i < m->count; i++) {
		const struct cpu *c = &m->cpu[i];

		if ((node < 0 || c->node == node) && !c->isolated &&
		    !(with_siblings ? c->taken : core_taken(m, c->core)))
			p->room[p->room_count++] = c->os;
	}
	return p->room_count;
}

static void choose_room(const struct cpus *m, const struct scope *s, struct placement *p)
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

static const struct cpu *find_cpu(const struct cpus *m, int os)
{
	for (int i = 0; i < m->count; i++)
		if (m->cpu[i].os == os)
			return &m->cpu[i];
	return NULL;
}

/* Describes the choice: the node that all share, and whether the cores are alike. */
static void review(const struct cpus *m, struct placement *p)
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
		p->node = first->node_os;
	if (!one_kind)
		note(p, "The measured vCPUs run on cores of different kinds.");
}

static int compare_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* A CPU list in the kernel's format, truncated to size. */
static void write_list(const int *cpu, int count, char *text, size_t size)
{
	text[0] = '\0';
	for (int i = 0, last; i < count; i = last + 1) {
		for (last = i; last + 1 < count && cpu[last + 1] == cpu[last] + 1;)
			last++;
		str_addf(text, size, "%s%d", i ? "," : "", cpu[i]);
		if (last > i)
			str_addf(text, size, "-%d", cpu[last]);
	}
}

static void write_text(struct placement *p)
{
	qsort(p->room, (size_t)p->room_count, sizeof(p->room[0]), compare_int);
	write_list(p->room, p->room_count, p->room_list, sizeof(p->room_list));
	p->text[0] = '\0';
	for (int i = 0; i < p->measured_count; i++)
		str_addf(p->text, sizeof(p->text), "vcpu%d:%d ", i, p->measured[i]);
	str_addf(p->text, sizeof(p->text), "room:%s", p->room_list);
}

int placement_plan(const struct placement_source *source, int measured, struct placement *out,
		   struct err *err)
{
	struct cpus m;
	struct scope s;

	if (measured < 1 || measured > PLACEMENT_CPUS)
		return err_set(err, EXIT_USAGE, "%d measured vCPUs are not possible: 1 to %d are",
			       measured, PLACEMENT_CPUS);
	if (cpus_init(&m, source, err) < 0)
		return -1;
	*out = (struct placement){.node = -1};
	s = choose_scope(&m, measured, out);
	take_measured(&m, &s, measured, out);
	choose_room(&m, &s, out);
	review(&m, out);
	write_text(out);
	cpus_release(&m);
	return 0;
}

int placement_permitted(struct err *err)
{
	struct affinity own;
	int done = 0;

	if (affinity_read(&own, err) < 0)
		return -1;
	if (affinity_apply(&own) < 0)
		done = err_errno(err, EXIT_MACHINE,
				 "nothing is pinned: threads may move between CPUs, since pinning "
				 "is refused here (sched_setaffinity)");
	affinity_release(&own);
	return done;
}

void placement_part(const struct placement *all, int first, int count, struct placement *out)
{
	*out = *all;
	for (int i = 0; i < count; i++)
		out->measured[i] = all->measured[(first + i) % all->measured_count];
	out->measured_count = count;
	write_text(out);
}
