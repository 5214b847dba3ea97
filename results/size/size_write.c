/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to the question of size, for people and for programs. */
#include "results/size/size.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "lib/parse.h"
#include "results/table/text.h"

enum { WIDTH = 96 };

/* null: not known. */
static json_t *is_emulated(enum layer_cpu cpu)
{
	return cpu == CPU_UNKNOWN ? json_null() : json_boolean(cpu == CPU_EMULATED);
}

static const char *amount(enum size_resource r, double x, char text[TEXT_SHORT])
{
	if (isnan(x))
		snprintf(text, TEXT_SHORT, "-");
	else if (r == SIZE_MEMORY)
		format_size_short((uint64_t)x, text);
	else
		snprintf(text, TEXT_SHORT, "%.0f", ceil(x - 1e-9));
	return text;
}

static void place_name(const struct size_place *p, char text[TEXT_SHORT])
{
	if (p->layer)
		snprintf(text, TEXT_SHORT, "in L%" PRIu32, p->layer);
	else
		snprintf(text, TEXT_SHORT, "bare metal");
}

static void add_demand(const struct size_answer *a, struct buf *out)
{
	const struct size_demand *d = &a->demand;
	char memory[SIZE_TEXT], like[TEXT_SHORT];

	buf_addf(out, "%" PRIu64 " guest%s the work of %" PRIu64 " CPU%s, %s", d->guests,
		 d->guests == 1 ? " with" : "s, each", d->vcpus, d->vcpus == 1 ? "" : "s",
		 format_size_short(d->memory_bytes, memory));
	if (d->iops)
		buf_addf(out, ", %" PRIu64 " requests/s", d->iops);
	buf_addf(out, "; work like \"%s\"; %.0f %% headroom\n\n",
		 csv_printable(d->like, like, sizeof(like)), 100 * d->headroom);
}

static void add_row(const struct size_place *p, struct buf *out)
{
	char name[TEXT_SHORT], text[TEXT_SHORT], other[TEXT_SHORT];

	place_name(p, name);
	buf_addstr(out, "  ");
	text_pad(out, name, 12);
	for (int r = 0; r < SIZE_RESOURCES; r++) {
		char both[2 * TEXT_SHORT + 8];

		amount((enum size_resource)r, p->expected.of[r], text);
		amount((enum size_resource)r, p->pessimistic.of[r], other);
		if (strcmp(text, other) == 0)
			snprintf(both, sizeof(both), "%s", text);
		else
			snprintf(both, sizeof(both), "%s … %s", text, other);
		text_pad(out, both, 20);
	}
	buf_addf(out, "%.0f vCPUs", p->guest_vcpus);
	buf_addstr(out, "\n");
}

static void add_needs(const struct size_answer *a, struct buf *out)
{
	buf_addf(out, "For %" PRIu64 " guest%s the host needs: expected … pessimistic\n  ",
		 a->demand.guests, a->demand.guests == 1 ? "" : "s");
	text_pad(out, "", 12);
	for (int r = 0; r < SIZE_RESOURCES; r++)
		text_pad(out, size_resource_name((enum size_resource)r), 20);
	buf_addstr(out, "each guest\n");
	for (size_t i = 0; i < a->places; i++)
		add_row(&a->place[i], out);
	if (!isnan(a->l1_vcpus)) {
		char memory[TEXT_SHORT];

		buf_addf(out, "\nShape of L1 (pessimistic): %.0f vCPUs, %s\n", a->l1_vcpus,
			 amount(SIZE_MEMORY, a->l1_memory_bytes, memory));
	}
}

static void add_fits(const struct size_answer *a, struct buf *out)
{
	const struct size_demand *d = &a->demand;
	char name[TEXT_SHORT], memory[SIZE_TEXT];

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

		place_name(p, name);
		buf_addstr(out, "  ");
		text_pad(out, name, 12);
		if (isnan(p->bad_fit))
			buf_addstr(out, "unknown\n");
		else
			buf_addf(out, "%.0f guests at least, %.0f expected; bound by %s\n",
				 p->bad_fit, p->fit, size_resource_name(p->binding));
	}
	buf_addstr(out, "\n");
}

static void add_hosts(const struct size_answer *a, struct buf *out)
{
	char name[TEXT_SHORT], memory[TEXT_SHORT];

	if (isnan(a->measured_vcpus) || isnan(a->measured_memory_bytes))
		return;
	buf_addf(out, "\nMachines like the measured one (%.0f CPUs, %s), pessimistic\n",
		 a->measured_vcpus, amount(SIZE_MEMORY, a->measured_memory_bytes, memory));
	for (size_t i = 0; i < a->places; i++) {
		place_name(&a->place[i], name);
		buf_addstr(out, "  ");
		text_pad(out, name, 12);
		buf_addf(out, "%.0f; bound by %s\n", a->place[i].hosts,
			 size_resource_name(a->place[i].binding));
	}
}

void size_answer_text(const struct size_answer *a, struct buf *out)
{
	const char *note = buf_str(&a->notes);

	add_demand(a, out);
	add_fits(a, out); /* with a host given this is the question */
	add_needs(a, out);
	add_hosts(a, out);
	buf_addstr(out, "\nWhat this stands on\n");
	while (*note) {
		size_t len = strcspn(note, "\n");
		struct buf line = BUF_INIT;

		buf_add(&line, note, len);
		text_wrap(out, "  - ", buf_str(&line), WIDTH);
		out->failed |= line.failed;
		buf_release(&line);
		note += len + (note[len] == '\n');
	}
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
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
		"layer", (int)p->layer, "cpu_ratio", json_real_or_null(p->ratio[SIZE_CPU]),
		"cpu_ratio_pessimistic", json_real_or_null(p->bad_ratio[SIZE_CPU]), "io_ratio",
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

static json_t *demand_object(const struct size_demand *d)
{
	char like[TEXT_SHORT];

	return json_pack("{s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:s}", "guests",
			 (json_int_t)d->guests, "vcpus", (json_int_t)d->vcpus, "memory_bytes",
			 (json_int_t)d->memory_bytes, "iops", (json_int_t)d->iops, "headroom",
			 d->headroom, "host_vcpus", (json_int_t)d->host_vcpus, "host_memory_bytes",
			 (json_int_t)d->host_memory_bytes, "host_iops", (json_int_t)d->host_iops,
			 "guest_overhead_bytes", (json_int_t)d->overhead_bytes, "like",
			 csv_printable(d->like, like, sizeof(like)));
}

static json_t *notes_array(const struct size_answer *a)
{
	json_t *list = json_array();

	for (const char *note = buf_str(&a->notes); *note; note += *note == '\n') {
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
	return json_write(json_pack("{s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o, s:o}, s:o, s:o, s:o}",
				    "demand", demand_object(&a->demand), "places", places, "l1",
				    "vcpus", json_real_or_null(a->l1_vcpus), "memory_bytes",
				    json_real_or_null(a->l1_memory_bytes), "measured", "vcpus",
				    json_real_or_null(a->measured_vcpus), "memory_bytes",
				    json_real_or_null(a->measured_memory_bytes), "iops",
				    json_real_or_null(a->measured_iops), "emulated",
				    is_emulated(a->cpu), "most_at_once",
				    json_real_or_null(a->most_at_once), "notes", notes_array(a)),
			  out, err);
}
