/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JUnit XML, as Jenkins, GitLab and GitHub's actions read it. */
#include "results/export/export_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lib/printable.h"
#include "lib/str.h"

/* Text as XML: printable ASCII, and "×". Works for attributes and for contents. */
static void add_xml(struct buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			buf_addstr(out, "&amp;");
			break;
		case '<':
			buf_addstr(out, "&lt;");
			break;
		case '>':
			buf_addstr(out, "&gt;");
			break;
		case '"':
			buf_addstr(out, "&quot;");
			break;
		default:
			buf_add(out, text, 1);
		}
	}
}

static void begin_case(struct buf *out, const char *class, const char *name)
{
	buf_addstr(out, "    <testcase classname=\"nestbench.");
	add_xml(out, class);
	buf_addstr(out, "\" name=\"");
	add_xml(out, name);
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
	add_xml(out, message);
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

/* What of the runs is damaged stands behind the cases. */
static void end_suite(struct buf *out, const struct buf *damage)
{
	if (damage->len) {
		buf_addstr(out, "    <system-err>");
		add_xml(out, buf_str(damage));
		buf_addstr(out, "</system-err>\n");
	}
	buf_addstr(out, "  </testsuite>\n</testsuites>\n");
	out->failed |= damage->failed;
}

/* What happened to a workload in a layer. */
static const char *tag_of(const struct summary_entry *e)
{
	if (e->failed || e->timed_out)
		return "error";
	return summary_has_cost(e) ? NULL : "skipped";
}

int export_junit(const struct summary *runs, size_t count, struct buf *out, struct err *err)
{
	struct buf damage = BUF_INIT;
	size_t errors = 0, skipped = 0;

	(void)count;
	for (size_t i = 0; i < runs->entries; i++) {
		const char *tag = tag_of(&runs->entry[i]);

		errors += tag && strcmp(tag, "error") == 0;
		skipped += tag && strcmp(tag, "skipped") == 0;
	}
	begin_suite(out, "nestbench run", runs->entries, 0, errors, skipped);
	for (size_t i = 0; i < runs->entries; i++) {
		const struct summary_entry *e = &runs->entry[i];
		char name[EXPORT_NAME], class[64];
		const char *tag = tag_of(e);

		begin_case(out, csv_printable(e->class, class, sizeof(class)),
			   export_name(e, ' ', name));
		end_case(out, tag,
			 tag && strcmp(tag, "error") == 0 ? (e->timed_out ? "timeout" : "failure")
							  : NULL,
			 e->reason ? e->reason : "no row says why");
	}
	damage_format(runs->dir, &runs->damage, &damage);
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

	if (!item) {
		buf_addstr(out, f->missing->reason ? f->missing->reason : "NEW has no figures");
		return;
	}
	buf_addf(out, "%s: %s to %s, %s, threshold %.3g %%, p %s", gate_state_name(f->state),
		 compare_level(item, item->base, base), compare_level(item, item->new, new),
		 compare_change(item, change), 100 * f->policy.threshold, compare_p(item, p));
}

static void add_gate_name(const struct gate_finding *f, struct buf *out)
{
	struct compare_item key = {0};
	char what[32];

	if (f->item) {
		compare_label(f->item, out);
		buf_addf(out, " %s", compare_what(f->item, what));
		return;
	}
	key.workload = f->missing->workload;
	key.params = f->missing->params;
	key.threads = f->missing->threads;
	compare_label(&key, out);
	buf_addf(out, " L%" PRIu32, f->missing->layer);
}

/* A run that gives nothing is a case that went wrong. Returns how many there are; out NULL: only
 * counts them. */
static size_t add_empty(const struct gate *g, const struct compare_side *side, struct buf *out)
{
	char dir[RUNDIR_PATH];
	size_t count = 0;

	for (size_t i = 0; i < side->runs; i++) {
		if (!gate_is_empty(g, &side->run[i]))
			continue;
		count++;
		if (!out)
			continue;
		begin_case(out, "run", printable(str_copy(dir, sizeof(dir), side->run[i].dir)));
		end_case(out, "error", "empty", "no figure to compare");
	}
	return count;
}

static void add_damage(const struct compare_side *side, struct buf *out)
{
	for (size_t i = 0; i < side->runs; i++)
		damage_format(side->run[i].dir, &side->run[i].damage, out);
}

void export_junit_gate(const struct gate *g, struct buf *out)
{
	const struct comparison *c = g->comparison;
	size_t count[3] = {0}, empty = add_empty(g, &c->base, NULL) + add_empty(g, &c->new, NULL);
	struct buf name = BUF_INIT, message = BUF_INIT, damage = BUF_INIT;
	char class[64];

	for (size_t i = 0; i < g->findings; i++) {
		const char *tag = gate_tag(&g->finding[i]);

		if (tag)
			count[tag[0] == 'f' ? 0 : tag[0] == 'e' ? 1 : 2]++;
	}
	begin_suite(out, "nestbench gate", g->findings + empty, count[0], count[1] + empty,
		    count[2]);
	for (size_t i = 0; i < g->findings; i++) {
		const struct gate_finding *f = &g->finding[i];
		const char *tag = gate_tag(f);

		buf_clear(&name);
		buf_clear(&message);
		add_gate_name(f, &name);
		add_message(f, &message);
		csv_printable(f->item ? f->item->class : f->missing->class, class, sizeof(class));
		begin_case(out, class, buf_str(&name));
		end_case(out, tag, tag && tag[0] == 's' ? NULL : "regression", buf_str(&message));
	}
	add_empty(g, &c->base, out);
	add_empty(g, &c->new, out);
	add_damage(&c->base, &damage);
	add_damage(&c->new, &damage);
	end_suite(out, &damage);
	buf_release(&damage);
	out->failed |= name.failed || message.failed;
	buf_release(&name);
	buf_release(&message);
}
