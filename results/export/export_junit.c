/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JUnit XML, as Jenkins, GitLab and GitHub's actions read it. */
#include "results/export/export_exits.h"

#include <math.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/printable.h"
#include "lib/str.h"

/* Texts are printable ASCII, and "×". */

static void begin_case(struct buf *out, const char *class, const char *name)
{
	buf_addstr(out, "    <testcase classname=\"nestbench.");
	escape_xml(out, class);
	buf_addstr(out, "\" name=\"");
	escape_xml(out, name);
	buf_addstr(out, "\" time=\"0\"");
}

static void end_case(struct buf *out, const char *tag, const char *type, const char *message)
{
	if (!tag) {
		buf_addstr(out, "/>\n");
		return;
	}
	buf_addf(out, ">\n      <%s ", tag);
	if (type)
		buf_addf(out, "type=\"%s\" ", type);
	buf_addstr(out, "message=\"");
	escape_xml(out, message);
	buf_addstr(out, "\"/>\n    </testcase>\n");
}

static void begin_suite(struct buf *out, const char *name, size_t tests, size_t failures,
			size_t errors, size_t skipped)
{
	buf_addf(out,
		 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		 "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		 "skipped=\"%zu\" time=\"0\">\n",
		 name, tests, failures, errors, skipped);
}

/* Damaged lines are listed after the cases. */
static void end_suite(struct buf *out, const struct buf *damage)
{
	if (damage->len) {
		buf_addstr(out, "    <system-err>");
		escape_xml(out, buf_str(damage));
		buf_addstr(out, "</system-err>\n");
	}
	buf_addstr(out, "  </testsuite>\n</testsuites>\n");
	out->failed |= damage->failed;
}

/* The outcome of a workload in a layer. */
static const char *tag_of(const struct summary_entry *e)
{
	if (e->failed || e->timed_out)
		return "error";
	return summary_has_cost(e) ? NULL : "skipped";
}

struct properties {
	struct buf *out;
	bool begun;
};

static int add_property(void *ctx, const struct export_exit *e, struct err *err)
{
	struct properties *p = ctx;
	char name[EXPORT_NAME];

	buf_addf(p->out, "%s      <property name=\"exits_per_op ",
		 p->begun ? "" : "    <properties>\n");
	p->begun = true;
	escape_xml(p->out, export_exit_name(e, ' ', name));
	buf_addf(p->out, "\" value=\"%.10g\"/>\n", e->metric->per_op.mid);
	return 0;
}

int export_junit(const struct summary *s, struct buf *out, struct err *err)
{
	struct properties properties = {.out = out};
	struct buf damage = BUF_INIT;
	size_t errors = 0, skipped = 0;

	for (size_t i = 0; i < s->entries; i++) {
		const char *tag = tag_of(&s->entry[i]);

		errors += tag && strcmp(tag, "error") == 0;
		skipped += tag && strcmp(tag, "skipped") == 0;
	}
	begin_suite(out, "nestbench run", s->entries, 0, errors, skipped);
	if (export_exits(s, add_property, &properties, err) < 0)
		return -1;
	if (properties.begun)
		buf_addstr(out, "    </properties>\n");
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		char name[EXPORT_NAME], class[64];
		const char *tag = tag_of(e);

		begin_case(out, csv_printable(e->class, class, sizeof(class)),
			   export_name(s, e, ' ', name));
		end_case(out, tag,
			 tag && strcmp(tag, "error") == 0 ? (e->timed_out ? "timeout" : "failure")
							  : NULL,
			 e->reason ? e->reason : "no row says why");
	}
	damage_format(s->dir, &s->damage, &damage);
	end_suite(out, &damage);
	buf_release(&damage);
	return buf_check(out, err);
}

/* The gate */

static const char *gate_tag(const struct gate_finding *f)
{
	switch (f->state) {
	case GATE_REGRESSION:
		return "failure";
	case GATE_MISSING:
		return f->missing->failed ? "error" : "skipped";
	case GATE_SUSPICIOUS:
	case GATE_BLIND:
	case GATE_ALLOWED:
		return "skipped";
	default:
		return NULL;
	}
}

static void add_message(const struct gate_finding *f, struct buf *out)
{
	char base[COMPARE_TEXT], new[COMPARE_TEXT], change[COMPARE_TEXT], p[COMPARE_TEXT];
	const struct compare_item *item = f->item;

	if (f->missing) {
		buf_addstr(out, f->missing->reason ? f->missing->reason : "NEW has no figures");
		return;
	}
	buf_addf(out, "%s: %s to %s, %s, threshold %.3g %%, p %s", gate_state_name(f->state),
		 compare_level(item, item->base, base), compare_level(item, item->new, new),
		 compare_change(item, change), 100 * f->policy.threshold, compare_p(item, p));
}

static void add_gate_name(const struct gate_finding *f, struct buf *out)
{
	char what[COMPARE_WHAT];

	compare_label(f->item, out);
	if (f->missing)
		buf_addf(out, " %s", compare_layer(f->item, what));
	else
		buf_addf(out, " %s", compare_what(f->item, what));
}

void export_junit_gate(const struct gate *g, struct buf *out)
{
	size_t count[3] = {0};
	struct buf name = BUF_INIT, message = BUF_INIT, damage = BUF_INIT;
	char class[64], dir[RUNDIR_PATH];

	for (size_t i = 0; i < g->findings; i++) {
		const char *tag = gate_tag(&g->finding[i]);

		if (tag)
			count[tag[0] == 'f' ? 0 : tag[0] == 'e' ? 1 : 2]++;
	}
	begin_suite(out, "nestbench gate", g->findings + g->empty, count[0], count[1] + g->empty,
		    count[2]);
	for (size_t i = 0; i < g->findings; i++) {
		const struct gate_finding *f = &g->finding[i];
		const char *tag = gate_tag(f);

		buf_clear(&name);
		buf_clear(&message);
		add_gate_name(f, &name);
		add_message(f, &message);
		begin_case(out, csv_printable(f->item->class, class, sizeof(class)),
			   buf_str(&name));
		end_case(out, tag, tag && tag[0] == 's' ? NULL : "regression", buf_str(&message));
	}
	for (size_t i = 0; i < g->runs; i++) {
		const struct summary *run = g->run[i].run;

		damage_format(run->dir, &run->damage, &damage);
		if (!g->run[i].empty)
			continue;
		/* A run without figures is an error of its own. */
		begin_case(out, "run", printable(str_copy(dir, sizeof(dir), run->dir)));
		end_case(out, "error", "empty", "no figure to compare");
	}
	end_suite(out, &damage);
	buf_done(&damage, out);
	buf_done(&name, out);
	buf_done(&message, out);
}
