/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer for a fleet as text and as JSON. */
#include <inttypes.h>
#include <math.h>

#include "lib/json.h"
#include "results/rundir/csvfile.h"
#include "results/size/size_fleet_parts.h"
#include "results/size/size_write.h"

/* ---- text ---- */

static const char *price_text(const struct size_fleet *f, double price, char text[TEXT_SHORT])
{
	const char *currency = f->prices ? f->prices->currency : "";

	snprintf(text, TEXT_SHORT, "%.6g%s%s", price, currency[0] ? " " : "", currency);
	return text;
}

/* "64", or "32 to 64" where the nodes differ. */
static const char *range_text(const struct size_host *h, enum size_resource r,
			      char text[TEXT_SHORT])
{
	char least[TEXT_SHORT], most[TEXT_SHORT];

	size_amount(r, h->least[r], least);
	size_amount(r, h->most[r], most);
	if (strcmp(least, most) == 0)
		snprintf(text, TEXT_SHORT, "%.30s", most);
	else
		snprintf(text, TEXT_SHORT, "%.28s to %.28s", least, most);
	return text;
}

static const char *node_name(const void *ctx, size_t i)
{
	return ((const struct size_node *)ctx)[i].name;
}

static void add_host(const struct size_fleet *f, const struct size_host *h, struct buf *out)
{
	char class[FLEET_CLASS_TEXT], first[SIZE_LABEL + 8], text[TEXT_SHORT];
	struct buf words = BUF_INIT;

	buf_addf(&words, "%s: %s CPUs, ", fleet_class_name(&h->class, class),
		 range_text(h, SIZE_CPU, text));
	buf_addf(&words, "%s; ", range_text(h, SIZE_MEMORY, text));
	if (h->price)
		buf_addf(&words, "%s an hour; ", price_text(f, h->price->per_hour, text));
	if (h->price && h->price->count != PRICES_ANY)
		buf_addf(&words, "%" PRIu64 " can be had; ", h->price->count);
	buf_addf(&words, "measured on ");
	size_add_list(&words, h->nodes, node_name, h->node);
	snprintf(first, sizeof(first), "  %-2s ", h->label);
	text_wrap(out, first, buf_str(&words), SIZE_COLUMNS);
	buf_done(&words, out);
}

/* "61.2 … 54.0 %" */
static const char *share_text(const struct size_host_place *p, char text[TEXT_SHORT])
{
	char expected[TEXT_SHORT], pessimistic[TEXT_SHORT];

	text_percent(p->share, expected);
	text_percent(p->bad_share, pessimistic);
	if (strcmp(expected, pessimistic) == 0)
		snprintf(text, TEXT_SHORT, "%.20s %%", expected);
	else
		snprintf(text, TEXT_SHORT, "%.20s … %.20s %%", expected, pessimistic);
	return text;
}

static void add_alone(const struct size_fleet *f, const struct size_host *h,
		      const struct size_host_place *p, struct text_table *t)
{
	char text[TEXT_SHORT];

	if (isnan(p->alone))
		text_cell(t, "none is enough");
	else if (!p->enough)
		text_cell(t, "%.0f, too many", p->alone);
	else if (h->price)
		text_cell(t, "%.0f: %s", p->alone,
			  price_text(f, p->alone * h->price->per_hour, text));
	else
		text_cell(t, "%.0f", p->alone);
}

static void add_row(const struct size_fleet *f, const struct size_host *h, size_t place,
		    struct text_table *t)
{
	const struct size_host_place *p = &h->place[place];
	char text[TEXT_SHORT];

	text_cell(t, "%s", h->label);
	if (p->nodes == 0) {
		text_cell(t, "not measured");
		text_end_row(t, "");
		return;
	}
	text_cell(t, "%s", share_text(p, text));
	if (p->fit == p->bad_fit)
		text_cell(t, "%.0f", p->fit);
	else
		text_cell(t, "%.0f … %.0f", p->fit, p->bad_fit);
	text_cell(t, "%s", size_resource_name(p->binding));
	add_alone(f, h, p, t);
	if (f->place[place].has_mix && h->price)
		text_cell(t, "%" PRIu64, p->mixed);
	else
		text_cell(t, "%s", "");
}

/* ---- what a place comes to ---- */

static void add_mix(const struct size_fleet *f, const struct mix *m, struct buf *out)
{
	char price[TEXT_SHORT];

	buf_addf(out, "  The cheapest mix costs %s an hour, and holds %" PRIu64 " guest%s.\n",
		 price_text(f, m->price, price), m->holds, m->holds == 1 ? "" : "s");
}

static bool needs_fewest(const struct size_fleet *f, size_t host, size_t place)
{
	const struct size_host_place *p = &f->host[host].place[place];

	return p->enough && p->alone == f->place[place].fewest;
}

static void add_fewest(const struct size_fleet *f, size_t place, struct buf *out)
{
	const char *before = "  Of one kind alone the fewest hosts: ";

	if (f->hosts < 2 || isnan(f->place[place].fewest))
		return;
	for (size_t i = 0; i < f->hosts; i++) {
		if (!needs_fewest(f, i, place))
			continue;
		buf_addf(out, "%s%.0f %s", before, f->place[place].fewest, f->host[i].label);
		before = ", ";
	}
	buf_addstr(out, ".\n");
}

static void add_place(const struct size_fleet *f, size_t place, struct buf *out)
{
	const struct text_column columns[] = {
		{"", -4, 0},
		{"usable share", -18, 2},
		{"guests on one", -14, 2},
		{"bound by", -13, 2},
		{"hosts alone", -20, 2},
		{f->prices ? "in the mix" : "", 0, 0},
	};
	struct text_table t = TEXT_TABLE(out, columns);
	const struct size_fleet_place *at = &f->place[place];
	char where[SIZE_WHERE];

	size_where(at, where);
	buf_addf(out, "\nHosts for all guests %s: expected … pessimistic\n", where);
	text_titles(&t);
	for (size_t i = 0; i < f->hosts; i++)
		add_row(f, &f->host[i], place, &t);
	if (at->infeasible[0]) {
		text_wrapf(out, "  ", SIZE_COLUMNS, "IMPOSSIBLE: %s.", at->infeasible);
		return;
	}
	add_fewest(f, place, out);
	if (at->has_mix)
		add_mix(f, &at->mix, out);
}

void size_fleet_text(const struct size_fleet *f, struct buf *out)
{
	size_demand_text(&f->demand, out);
	buf_addstr(out, "Kinds of hosts\n");
	for (size_t i = 0; i < f->hosts; i++)
		add_host(f, &f->host[i], out);
	for (size_t i = 0; i < f->places; i++)
		add_place(f, i, out);
	size_notes_text(&f->notes, out);
}

/* ---- JSON ---- */

static json_t *names_json(const struct size_host *h)
{
	json_t *names = json_array();

	for (size_t i = 0; i < h->nodes; i++)
		names = json_and(names, json_text(h->node[i].name));
	return names;
}

static json_t *section_json(const struct price *price)
{
	return price ? json_sprintf("%s %s", price_scope_name(price->scope), price->glob)
		     : json_null();
}

static json_t *host_json(const struct size_host *h)
{
	const struct price *p = h->price;

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "label", h->label,
		"machine_class", h->letter, "cpu", h->class.cpu, "settings", h->class.settings,
		"nodes", names_json(h), "vcpus", json_real_or_null(h->least[SIZE_CPU]),
		"memory_bytes", json_real_or_null(h->least[SIZE_MEMORY]), "iops",
		json_real_or_null(h->least[SIZE_IOPS]), "priced_by", section_json(p),
		"price_per_hour", p ? json_real(p->per_hour) : json_null(), "count",
		p && p->count != PRICES_ANY ? json_integer((json_int_t)p->count) : json_null());
}

/* A figure of hosts in a place; null where they were not measured. */
static json_t *figure(const struct size_host_place *p, double x)
{
	return p->nodes ? json_real_or_null(x) : json_null();
}

static json_t *host_place_json(const struct size_fleet *f, const struct size_host *h, size_t place)
{
	const struct size_host_place *p = &h->place[place];
	bool mixed = f->place[place].has_mix && h->price && p->nodes;
	double price = h->price ? p->alone * h->price->per_hour : NAN;

	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "label",
			 h->label, "nodes", (json_int_t)p->nodes, "usable_share",
			 figure(p, p->share), "usable_share_pessimistic", figure(p, p->bad_share),
			 "guests_fit", figure(p, p->fit), "guests_fit_pessimistic",
			 figure(p, p->bad_fit), "confidence_share", figure(p, p->confidence),
			 "bound_by",
			 p->nodes ? json_string(size_resource_name(p->binding)) : json_null(),
			 "hosts_alone", figure(p, p->alone), "price_per_hour_alone",
			 figure(p, price), "enough_alone", p->enough, "hosts_in_mix",
			 mixed ? json_integer((json_int_t)p->mixed) : json_null());
}

static json_t *mix_json(const struct size_fleet_place *at)
{
	const struct mix *m = &at->mix;

	if (!at->has_mix)
		return json_null();
	return json_pack("{s:f, s:f, s:b, s:I}", "price_per_hour", m->price, "at_least_per_hour",
			 m->at_least, "proven", m->proven, "guests_held", (json_int_t)m->holds);
}

static json_t *place_json(const struct size_fleet *f, size_t place)
{
	const struct size_fleet_place *at = &f->place[place];
	json_t *hosts = json_array(), *fewest = json_array();

	for (size_t i = 0; i < f->hosts; i++) {
		hosts = json_and(hosts, host_place_json(f, &f->host[i], place));
		if (needs_fewest(f, i, place))
			fewest = json_and(fewest, json_string(f->host[i].label));
	}
	return json_pack("{s:o, s:i, s:o, s:o, s:o, s:o}", "layer", json_text(at->name), "depth",
			 (int)at->depth, "hosts", hosts, "fewest", fewest, "mix", mix_json(at),
			 "infeasible", at->infeasible[0] ? json_text(at->infeasible) : json_null());
}

static json_t *left_out_json(const struct size_fleet *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->left_outs; i++)
		list = json_and(list,
				json_pack("{s:o, s:o}", "node", json_text(f->left_out[i].name),
					  "reason", json_text(f->left_out[i].why)));
	return list;
}

int size_fleet_json(const struct size_fleet *f, struct buf *out, struct err *err)
{
	const char *currency = f->prices && f->prices->currency[0] ? f->prices->currency : NULL;
	json_t *hosts = json_array(), *places = json_array();

	for (size_t i = 0; i < f->hosts; i++)
		hosts = json_and(hosts, host_json(&f->host[i]));
	for (size_t i = 0; i < f->places; i++)
		places = json_and(places, place_json(f, i));
	return json_write_answer(
		"size-fleet", 1,
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "demand",
			  size_demand_json(&f->demand), "currency", json_text(currency), "hosts",
			  hosts, "places", places, "left_out", left_out_json(f), "emulated",
			  size_emulated_json(f->cpu), "notes", size_notes_json(&f->notes)),
		out, err);
}
