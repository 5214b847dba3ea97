/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters of a domain by xentrace(8), from a begin to an end, since every record takes time. Xen's
 * perf counters (xenperf) would be there always, but only a Xen that was built for them has them
 * (CONFIG_PERF_COUNTERS; Debian's was not), and they are of all domains together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/xen/parts.h"
#include "drivers/xen/trace.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/str.h"

#define BEGIN_LIMIT_NS (10 * NS_PER_S)
#define END_LIMIT_NS (5 * NS_PER_S)

enum { LOOK_US = 10000, FILE_MAX = 1 << 30 };

struct xen_counter {
	struct child child;
	char records[PATH_MAX], log[PATH_MAX];
	unsigned domain;
	const char *events;
	bool svm, begun;
	struct counts sum;
};

/* Xen has one set of trace buffers. */
static const struct xen_counter *tracing;

struct xen_counter *xen_counter_make(const char *work_dir, const char *name, enum domu_type type)
{
	struct xen_counter *c = calloc(1, sizeof(*c));
	struct buf text = BUF_INIT;
	char vendor[32];

	if (!c)
		return NULL;
	c->child = (struct child)CHILD_NONE;
	snprintf(c->records, sizeof(c->records), "%s/%s.trace", work_dir, name);
	snprintf(c->log, sizeof(c->log), "%s/%s.trace.log", work_dir, name);
	c->events = type == DOMU_PV ? XEN_TRACE_PV : XEN_TRACE_PVH;
	file_text(&text, "/proc/cpuinfo");
	c->svm = !proc_value(buf_str(&text), "vendor_id", vendor, sizeof(vendor)) ||
		 strcmp(vendor, "GenuineIntel") != 0;
	buf_release(&text);
	return c;
}

static int find_domain(struct xen_counter *c, const char *name, struct err *err)
{
	struct buf out = BUF_INIT;
	int done = dom0_xl((const char *const[]){"xl", "domid", name, NULL}, &out, err);

	c->domain = (unsigned)strtoul(buf_str(&out), NULL, 10);
	buf_release(&out);
	return done;
}

static void stop_tracing(struct xen_counter *c)
{
	child_stop(&c->child, END_LIMIT_NS);
	if (tracing == c)
		tracing = NULL;
	c->begun = false;
}

/* Dom0 itself leaves records all the time, so that the first show that it has begun. */
static int wait_for_records(struct xen_counter *c, struct err *err)
{
	uint64_t until = clock_now(&clock_machine) + BEGIN_LIMIT_NS;
	char line[160];
	struct stat st;

	while (clock_now(&clock_machine) < until && child_look(c->child.pid) == CHILD_RUNS) {
		if (stat(c->records, &st) == 0 && st.st_size > 0)
			return 0;
		usleep(LOOK_US);
	}
	file_line(line, sizeof(line), "%s", c->log);
	return err_set(err, EXIT_MACHINE, "xentrace begins no trace: %s",
		       line[0] ? line : "it writes no records");
}

/* 2 MiB of records a CPU, of some 20 bytes each, written down every 20 ms; buffers that are there
 * keep their size. Xen's own option for them, tbuf_size, would trace from its boot on. */
static int start_tracing(struct xen_counter *c, struct err *err)
{
	const char *const argv[] = {"xentrace", "-D", "-e",  c->events,	 "-s",
				    "20",	"-S", "512", c->records, NULL};
	const struct child_options opt = {.log = c->log};

	if (tracing)
		return err_set(err, EXIT_MACHINE,
			       "Xen's trace buffers are in use for another domain");
	unlink(c->records);
	unlink(c->log);
	if (child_start(&c->child, argv, &opt, err) < 0)
		return -1;
	tracing = c;
	c->begun = true;
	if (wait_for_records(c, err) == 0)
		return 0;
	stop_tracing(c);
	return -1;
}

static int take_records(struct xen_counter *c, struct err *err)
{
	struct buf data = BUF_INIT;
	int done;

	stop_tracing(c);
	done = file_read(c->records, FILE_MAX, &data, err);
	if (done == 0)
		xen_trace_add(data.data, data.len, c->domain, c->svm, &c->sum);
	unlink(c->records);
	unlink(c->log);
	buf_release(&data);
	return done;
}

static int begin(struct xen_counter *c, const char *name, struct err *err)
{
	if (c->begun)
		stop_tracing(c);
	counts_add(&c->sum, COUNT_XEN, "exits", 0);
	return find_domain(c, name, err) < 0 ? -1 : start_tracing(c, err);
}

void xen_counter_read(struct xen_counter *c, const char *name, enum counting how,
		      struct counts *out)
{
	uint64_t now = clock_now(&clock_machine);
	bool was = c->begun;
	struct err err;
	int done = 0;

	if (how == COUNTING_BEGIN)
		done = begin(c, name, &err);
	else if (was)
		done = take_records(c, &err);
	if (done == 0 && (was || how == COUNTING_BEGIN)) {
		*out = c->sum;
		out->at_ns = how == COUNTING_BEGIN ? 0 : now;
	}
	if (done == 0 && was && how == COUNTING_READ)
		done = start_tracing(c, &err);
	if (done < 0)
		counts_remark(
			out,
			"hypercalls and exits are not counted, for which xentrace of xen-utils "
			"is needed, and root: %s",
			err.text);
}

void xen_counter_release(struct xen_counter *c)
{
	if (!c)
		return;
	if (c->begun)
		stop_tracing(c);
	unlink(c->records);
	unlink(c->log);
	free(c);
}
