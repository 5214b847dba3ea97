/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows as they were written before schema 2: without the columns class, unit, repeats, fastest_ns,
 * p50_ns, p99_ns, max_ns and flags. What those say stood in the name of the workload and in the
 * reason, and is read from there; nothing else in the tree does that.
 *
 *   class     what stands before the dot of the name; "control" for nop, clock, sleep and inject,
 *             "app" for command
 *   unit      by class and name
 *   reason    parts, separated by "; ": "warm-up" (the first), "short batch", "repeats round N"
 *             (the last), "the slowest of N", "the fastest took N ns", "as told by the program",
 *             "p50 N UNIT p99 N UNIT max N UNIT"; other parts are the remark of the work
 */
#include "results/rundir/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cpu_signature.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/layers.h"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* ---- from the name ---- */

static const char *class_of(const char *workload, char text[ROW_CLASS])
{
	static const char *const controls[] = {"nop", "clock", "sleep", "inject", NULL};

	snprintf(text, ROW_CLASS, "%.*s", (int)strcspn(workload, "."), workload);
	if (str_is_one_of(text, controls))
		return "control";
	return strcmp(text, "command") == 0 ? "app" : text;
}

static enum sample_unit unit_of(const char *class, const char *workload)
{
	if (strcmp(class, "capacity") != 0)
		return SAMPLE_NS_PER_OP;
	return strcmp(workload, "capacity.cpus") == 0 ? SAMPLE_CPUS : SAMPLE_BYTES;
}

static unsigned flags_of(const char *workload)
{
	static const char *const waits[] = {"exit.",	 "io.",	      "net.",	   "sleep",
					    "timer",	 "cpu.sys",   "cpu.ctxsw", "cpu.futex",
					    "cpu.fork",	 "cpu.exec",  "cpu.thre",  "mem.fault",
					    "mem.chase", "gpu.launch"};
	unsigned flags = begins(workload, "io.rand") ? SAMPLE_IOPS : 0;

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		if (begins(workload, waits[i]))
			flags |= SAMPLE_LATENCY;
	return flags;
}

/* ---- from the reason ---- */

/* Nobody waits longer. */
static const double LONGEST_NS = 1e15;

static bool read_duration(const char *number, const char *name, uint64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}};
	struct err ignored;
	double value;

	if (parse_double(number, "", 0, LONGEST_NS, &value, &ignored) < 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(name, units[i].name) == 0) {
			*ns = (uint64_t)llround(fmin(value * units[i].ns, 2 * LONGEST_NS));
			return (double)*ns <= LONGEST_NS;
		}
	return false;
}

static bool read_latency(const char *part, struct sample_latency *out)
{
	static const char *const names[] = {"p50", "p99", "max"};
	char copy[SAMPLE_REASON], *rest = copy;
	struct sample_latency found;
	struct err ignored;
	uint64_t ns[3];

	str_copy(copy, sizeof(copy), part);
	for (int i = 0; i < 3; i++) {
		const char *name = strsep(&rest, " "), *number = strsep(&rest, " ");
		const char *unit = strsep(&rest, " ");

		if (!unit || strcmp(name, names[i]) != 0 || !read_duration(number, unit, &ns[i]))
			return false;
	}
	found = (struct sample_latency){ns[0], ns[1], ns[2]};
	if (rest || sample_check_latency(&found, &ignored) < 0)
		return false;
	*out = found;
	return true;
}

static uint32_t read_repeats(const char *part)
{
	static const char words[] = "repeats round ";
	struct err ignored;
	uint64_t round;

	if (!begins(part, words) ||
	    parse_u64(part + strlen(words), "", 1, INT32_MAX, &round, &ignored) < 0)
		return 0;
	return (uint32_t)round;
}

/* One part of a reason. False: it is a remark of the work. */
static bool read_part(const char *part, struct row *row)
{
	static const char fastest[] = "the fastest took ";

	row->repeats = read_repeats(part); /* the last one counts */
	if (begins(part, fastest))
		row->sample.fastest_ns = strtoull(part + strlen(fastest), NULL, 10);
	return begins(part, "warm-up") || begins(part, "short batch") ||
	       begins(part, "the slowest of ") || begins(part, fastest) ||
	       begins(part, "repeats round ") || read_latency(part, &row->sample.latency);
}

static void read_reason(struct row *row, char remark[SAMPLE_REASON])
{
	const char *reason = row->sample.reason;
	char part[SAMPLE_REASON];

	remark[0] = '\0';
	row->sample.flags |= begins(reason, "warm-up") ? SAMPLE_WARM_UP : 0;
	row->sample.flags |= strstr(reason, "short batch") ? SAMPLE_SHORT : 0;
	row->sample.flags |= strstr(reason, "as told by the program") ? SAMPLE_SELF_REPORTED : 0;
	while (*reason) {
		const char *end = strstr(reason, "; ");
		size_t len = end ? (size_t)(end - reason) : strlen(reason);

		snprintf(part, sizeof(part), "%.*s", (int)len, reason);
		reason += len + (end ? 2 : 0);
		if (!read_part(part, row))
			str_addf(remark, SAMPLE_REASON, "%s%s", remark[0] ? "; " : "", part);
	}
}

void schema1_complete(struct row *row, struct schema1_texts *texts)
{
	row->class = class_of(row->workload, texts->class);
	row->unit = unit_of(row->class, row->workload);
	row->repeats = 0;
	row->sample.fastest_ns = 0;
	row->sample.latency = (struct sample_latency){0};
	row->sample.flags = flags_of(row->workload);
	read_reason(row, texts->remark);
	row->remark = texts->remark;
}

/*
 * Of runs before layers.csv had the fact emulated: what it would have been. L0's own CPU is told by
 * its hypervisor's signature, a VM's by its accelerator. NULL: nothing of this boot tells.
 */
const char *schema1_emulated(const struct layer_facts *item)
{
	const char *accel = facts_get(&item->facts, "accel");
	const char *hypervisor = facts_get(&item->facts, "hypervisor");
	const char *below = hypervisor ? cpu_signature_emulated(hypervisor) : NULL;

	if ((accel && strcmp(accel, "tcg") == 0) || (below && strcmp(below, "yes") == 0))
		return "yes";
	if (item->layer == 0)
		return below;
	if (!accel)
		return NULL;
	return strcmp(accel, "kvm") == 0 ? "no" : "unknown";
}
