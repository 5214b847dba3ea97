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

/* Then it ends by itself, as nobody reads: while other layers are measured no records pile up. */
#define TRACE_LIMIT_S "20"
#define CUT_OFF "cut_off"

enum { LOOK_US = 10000, FILE_MAX = 1 << 30 };

struct xen_counter {
	char dir[PATH_MAX];
	unsigned domain;
	bool svm, begun;
	struct counts sum;
	struct xen_counter *next; /* that is begun */
};

/* Xen has one set of trace buffers, which all counters that are begun share. */
static struct {
	struct child child;
	char records[PATH_MAX + 32], log[PATH_MAX + 32];
	struct xen_counter *first;
} trace = {.child = CHILD_NONE};

struct xen_counter *xen_counter_make(const char *work_dir)
{
	struct xen_counter *c = calloc(1, sizeof(*c));
	struct buf text = BUF_INIT;
	char vendor[32];

	if (!c)
		return NULL;
	str_copy(c->dir, sizeof(c->dir), work_dir);
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

/* Dom0 itself leaves records all the time, so that the first show that it has begun. */
static int wait_for_records(struct err *err)
{
	uint64_t until = clock_now(&clock_machine) + BEGIN_LIMIT_NS;
	char line[160];
	struct stat st;

	while (clock_now(&clock_machine) < until && child_look(trace.child.pid) == CHILD_RUNS) {
		if (stat(trace.records, &st) == 0 && st.st_size > 0)
			return 0;
		usleep(LOOK_US);
	}
	file_line(line, sizeof(line), "%s", trace.log);
	return err_set(err, EXIT_MACHINE, "xentrace begins no trace: %s",
		       line[0] ? line : "it writes no records");
}

static void stop_tracing(void)
{
	child_stop(&trace.child, END_LIMIT_NS);
	unlink(trace.records);
	unlink(trace.log);
}

/* 2 MiB of records a CPU, of some 20 bytes each, written down every 20 ms; buffers that are there
 * keep their size. Xen's own option for them, tbuf_size, would trace from its boot on. */
static int start_tracing(struct err *err)
{
	const char *const argv[] = {"xentrace", "-D",  "-e", XEN_TRACE_EVENTS, "-s",	      "20",
				    "-S",	"512", "-T", TRACE_LIMIT_S,    trace.records, NULL};
	const struct child_options opt = {.log = trace.log};

	if (!trace.first)
		return 0;
	snprintf(trace.records, sizeof(trace.records), "%s/xentrace.records", trace.first->dir);
	snprintf(trace.log, sizeof(trace.log), "%s/xentrace.log", trace.first->dir);
	if (child_start(&trace.child, argv, &opt, err) == 0 && wait_for_records(err) == 0)
		return 0;
	stop_tracing();
	return -1;
}

/* Ends the trace, of which each counter takes its part. */
static int take_records(struct err *err)
{
	bool cut_off = trace.child.pid > 0 && child_look(trace.child.pid) != CHILD_RUNS;
	struct buf data = BUF_INIT;
	int done = 0;

	child_stop(&trace.child, END_LIMIT_NS);
	if (trace.first && file_exists("%s", trace.records))
		done = file_read(trace.records, FILE_MAX, &data, err);
	for (struct xen_counter *c = trace.first; c && done == 0; c = c->next) {
		xen_trace_add(data.data, data.len, c->domain, c->svm, &c->sum);
		if (cut_off)
			counts_add(&c->sum, COUNT_XEN, CUT_OFF, 1);
	}
	unlink(trace.records);
	unlink(trace.log);
	buf_release(&data);
	return done;
}

static void leave(struct xen_counter *c)
{
	struct xen_counter **at = &trace.first;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
	c->begun = false;
}

static void join(struct xen_counter *c)
{
	if (!c->begun) {
		c->next = trace.first;
		trace.first = c;
	}
	c->begun = true;
	counts_add(&c->sum, COUNT_XEN, "exits", 0);
}

static int read_begun(struct xen_counter *c, const char *name, enum counting how, struct err *err)
{
	if (how == COUNTING_BEGIN && find_domain(c, name, err) < 0)
		return -1;
	if (take_records(err) < 0)
		return -1;
	if (how == COUNTING_BEGIN)
		join(c);
	if (how == COUNTING_END)
		leave(c);
	return start_tracing(err);
}

void xen_counter_read(struct xen_counter *c, const char *name, enum counting how,
		      struct counts *out)
{
	uint64_t now = clock_now(&clock_machine);
	struct err err;

	if (how != COUNTING_BEGIN && !c->begun)
		return;
	if (read_begun(c, name, how, &err) == 0) {
		*out = c->sum;
		out->at_ns = how == COUNTING_BEGIN ? 0 : now;
		return;
	}
	leave(c);
	counts_remark(out,
		      "hypercalls and exits are not counted, for which xentrace of xen-utils is "
		      "needed, and root: %s",
		      err.text);
}

void xen_counter_release(struct xen_counter *c)
{
	struct err ignored;

	if (!c)
		return;
	if (c->begun) {
		(void)take_records(&ignored);
		leave(c);
		(void)start_tracing(&ignored);
	}
	free(c);
}
