/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer as text and as JSON. */
#include "results/size/size_write.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "lib/parse.h"
#include "results/table/text.h"

json_t *size_emulated_json(enum layer_cpu cpu)
{
	return cpu == CPU_UNKNOWN ? json_null() : json_boolean(cpu == CPU_EMULATED);
}

const char *size_amount(enum size_resource r, double x, char text[TEXT_SHORT])
{
	if (r == SIZE_MEMORY || isnan(x))
		text_figure("bytes", x, text);
	else
		snprintf(text, TEXT_SHORT, "%.0f", ceil(x - 1e-9));
	return text;
}

/* The first cell of a place's row. */
static void add_place(struct text_table *t, const struct size_place *p)
{
	if (p->layer)
		text_cell(t, "in %s", p->name);
	else
		text_cell(t, "bare metal");
}

/* The width of the column of places; the names of a tree are longer than "L2". */
static int place_width(const struct size_answer *a)
{
	size_t width = 12;

	for (size_t i = 0; i < a->places; i++)
		if (strlen(a->place[i].name) + 4 > width)
			width = strlen(a->place[i].name) + 4;
	return -(int)width;
}

void size_demand_text(const struct size_demand *d, struct buf *out)
{
	char memory[SIZE_TEXT], like[TEXT_SHORT];

	buf_addf(out, "%" PRIu64 " guest%s the work of %" PRIu64 " CPU%s, %s", d->guests,
		 d->guests == 1 ? " with" : "s, each", d->vcpus, d->vcpus == 1 ? "" : "s",
		 format_size_short(d->memory_bytes, memory));
	if (d->iops)
		buf_addf(out, ", %" PRIu64 " requests/s", d->iops);
	buf_addf(out, "; work like \"%s\"; %.0f %% headroom\n\n",
		 csv_printable(d->like, like, sizeof(like)), 100 * d->headroom);
}

static void add_needs(const struct size_answer *a, struct buf *out)
{
	const struct text_column columns[] = {
		{"", place_width(a), 0},  {"CPUs", -20, 0},	{"memory", -20, 0},
		{"I/O requests", -20, 0}, {"each guest", 0, 0},
	};
	struct text_table t = TEXT_TABLE(out, columns);
	char text[TEXT_SHORT], other[TEXT_SHORT];

	buf_addf(out, "For %" PRIu64 " guest%s the host needs: expected … pessimistic\n",
		 a->demand.guests, a->demand.guests == 1 ? "" : "s");
	text_titles(&t);
	for (size_t i = 0; i < a->places; i++) {
		const struct size_place *p = &a->place[i];

		add_place(&t, p);
		for (int r = 0; r < SIZE_RESOURCES; r++) {
			size_amount((enum size_resource)r, p->expected.of[r], text);
			size_amount((enum size_resource)r, p->pessimistic.of[r], other);
			if (strcmp(text, other) == 0)
				text_cell(&t, "%s", text);
			else
				text_cell(&t, "%s … %s", text, other);
		}
		text_cell(&t, "%.0f vCPUs", p->guest_vcpus);
	}
	if (!isnan(a->l1_vcpus))
		buf_addf(out, "\nSize of L1 (pessimistic): %.0f vCPUs, %s\n", a->l1_vcpus,
			 size_amount(SIZE_MEMORY, a->l1_memory_bytes, text));
}

static void add_fits(const struct size_answer *a, struct buf *out)
{
	const struct size_demand *d = &a->demand;
	const struct text_column by_place[] = {{"", place_width(a), 0}, {"", 0, 0}};
	struct text_table t = TEXT_TABLE(out, by_place);
	char memory[SIZE_TEXT];

	if (!d->host_vcpus && !d->host_memory_bytes && !d->host_iops)
		return;
	buf_addstr(out, "On a host of");
	if (d->host_vcpus)
		buf_addf(out, " %" PRIu64 " CPUs", d->host_vcpus);
	if (d->host_memory_bytes)
		buf_addf(out, " %s", format_size_short(d->host_memory_bytes, memory));
	if (d->host_iops)
		buf_addf(out, " %" PRIu64 " requests/s", d->host_iops);
	buf_addstr(out, " fit\n");
	for (size_t i = 0; i < a->places; i++) {
		const struct size_place *p = &a->place[i];

		add_place(&t, p);
		if (isnan(p->bad_fit))
			text_cell(&t, "unknown");
		else
			text_cell(&t, "%.0f guests at least, %.0f expected; bound by %s",
				  p->bad_fit, p->fit, size_resource_name(p->binding));
	}
	buf_addstr(out, "\n");
}

static void add_hosts(const struct size_answer *a, struct buf *out)
{
	const struct text_column by_place[] = {{"", place_width(a), 0}, {"", 0, 0}};
	struct text_table t = TEXT_TABLE(out, by_place);
	char memory[TEXT_SHORT];

	if (isnan(a->measured_vcpus) || isnan(a->measured_memory_bytes))
		return;
	buf_addf(out, "\nMachines like the measured one (%.0f CPUs, %s), pessimistic\n",
		 a->measured_vcpus, size_amount(SIZE_MEMORY, a->measured_memory_bytes, memory));
	for (size_t i = 0; i < a->places; i++) {
		add_place(&t, &a->place[i]);
		text_cell(&t, "%.0f; bound by %s", a->place[i].hosts,
			  size_resource_name(a->place[i].binding));
	}
}

void size_notes_text(const struct buf *notes, struct buf *out)
{
	const char *note = buf_str(notes);

	buf_addstr(out, "\nWhat this stands on\n");
	while (*note) {
		size_t len = strcspn(note, "\n");

		text_wrapf(out, "  - ", SIZE_COLUMNS, "%.*s", (int)len, note);
		note += len + (note[len] == '\n');
	}
}

void size_answer_text(const struct size_answer *a, struct buf *out)
{
	size_demand_text(&a->demand, out);
	add_fits(a, out); /* a given host asks for this */
	add_needs(a, out);
	add_hosts(a, out);
	size_notes_text(&a->notes, out);
}

static json_t *need_object(const struct size_need *n)
{
	return json_pack("{s:o, s:o, s:o}", "cpus", json_real_or_null(n->of[SIZE_CPU]),
			 "memory_bytes", json_real_or_null(n->of[SIZE_MEMORY]), "iops",
			 json_real_or_null(n->of[SIZE_IOPS]));
}

static json_t *place_object(const struct size_place *p)
{
	return json_pack(
		"{s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, "
		"s:o}",
		"layer", json_text(p->name), "depth", (int)p->depth, "cpu_ratio",
		json_real_or_null(p->ratio[SIZE_CPU]), "cpu_ratio_pessimistic",
		json_real_or_null(p->bad_ratio[SIZE_CPU]), "io_ratio",
		json_real_or_null(p->ratio[SIZE_IOPS]), "io_ratio_pessimistic",
		json_real_or_null(p->bad_ratio[SIZE_IOPS]), "concurrency_loss",
		json_real_or_null(p->loss[SIZE_CPU]), "concurrency_loss_pessimistic",
		json_real_or_null(p->bad_loss[SIZE_CPU]), "io_concurrency_loss",
		json_real_or_null(p->loss[SIZE_IOPS]), "io_concurrency_loss_pessimistic",
		json_real_or_null(p->bad_loss[SIZE_IOPS]), "guest_vcpus",
		json_real_or_null(p->guest_vcpus), "expected", need_object(&p->expected),
		"pessimistic", need_object(&p->pessimistic), "guests_fit",
		json_real_or_null(p->fit), "guests_fit_pessimistic", json_real_or_null(p->bad_fit),
		"bound_by", size_resource_name(p->binding), "machines_like_measured",
		json_real_or_null(p->hosts));
}

static json_t *if_given(uint64_t number)
{
	return number ? json_integer((json_int_t)number) : json_null();
}

json_t *size_demand_json(const struct size_demand *d)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:I, s:o, s:o}", "guests",
			 (json_int_t)d->guests, "vcpus", (json_int_t)d->vcpus, "memory_bytes",
			 (json_int_t)d->memory_bytes, "iops", (json_int_t)d->iops, "headroom_share",
			 d->headroom, "host_vcpus", if_given(d->host_vcpus), "host_memory_bytes",
			 if_given(d->host_memory_bytes), "host_iops", if_given(d->host_iops),
			 "guest_overhead_bytes", (json_int_t)d->overhead_bytes, "like",
			 json_text(d->like), "layer", json_text(d->layer));
}

json_t *size_notes_json(const struct buf *notes)
{
	json_t *list = json_array();

	for (const char *note = buf_str(notes); *note; note += *note == '\n') {
		size_t len = strcspn(note, "\n");

		list = json_and(list, json_stringn(note, len));
		note += len;
	}
	return list;
}

int size_answer_json(const struct size_answer *a, struct buf *out, struct err *err)
{
	json_t *places = json_array();

	for (size_t i = 0; i < a->places; i++)
		places = json_and(places, place_object(&a->place[i]));
	return json_write_answer(
		"size", 1,
		json_pack("{s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o, s:o}, s:o, s:o, s:o}", "demand",
			  size_demand_json(&a->demand), "places", places, "l1", "vcpus",
			  json_real_or_null(a->l1_vcpus), "memory_bytes",
			  json_real_or_null(a->l1_memory_bytes), "measured", "vcpus",
			  json_real_or_null(a->measured_vcpus), "memory_bytes",
			  json_real_or_null(a->measured_memory_bytes), "iops",
			  json_real_or_null(a->measured_iops), "emulated",
			  size_emulated_json(a->cpu), "most_at_once",
			  json_real_or_null(a->most_at_once), "notes", size_notes_json(&a->notes)),
		out, err);
}
