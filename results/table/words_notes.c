/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the work itself remarks in its rows: one line for each workload, the layers side by side. */
#include "results/table/words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "results/summary/summary_parts.h"
#include "results/table/text.h"

enum { LINES = 24 };

static bool same_remark(const struct summary_entry *a, const struct summary_entry *b)
{
	char left[TEXT_REMARK], right[TEXT_REMARK];

	return strcmp(text_remark(a, left), text_remark(b, right)) == 0;
}

/* "L0 loopback; L1, L2 user link". False: no layer remarks anything. */
static bool add_layers(const struct family *f, struct buf *out)
{
	char text[TEXT_REMARK];
	bool any = false;

	for (size_t i = 0, next; i < f->count; i = next) {
		next = i + 1;
		if (!text_remark(&f->first[i], text)[0])
			continue;
		buf_addf(out, "%sL%" PRIu32, any ? "; " : "", f->first[i].layer);
		for (; next < f->count && same_remark(&f->first[i], &f->first[next]); next++)
			buf_addf(out, ", L%" PRIu32, f->first[next].layer);
		buf_addf(out, " %s", text);
		any = true;
	}
	return any;
}

static bool has_latency(const struct summary *s)
{
	for (size_t i = 0; i < s->entries; i++)
		if (!isnan(s->entry[i].latency.max))
			return true;
	return false;
}

void words_notes(const struct summary *s, size_t width, struct buf *out)
{
	struct buf layers = BUF_INIT;
	const char *last = "";
	char label[TEXT_LABEL];
	size_t lines = 0;

	for (size_t i = 0; i < s->entries && lines < LINES;) {
		struct family f = family_at(s, i);

		i += f.count;
		buf_clear(&layers);
		/* Of variants the first says it. */
		if (strcmp(f.first->workload, last) == 0 || !add_layers(&f, &layers))
			continue;
		last = f.first->workload;
		if (lines++ == 0)
			text_wrap(
				out, POINT,
				has_latency(s)
					? "remarks of the rows (p50 and p99 of single operations: "
					  "the median over batches; max: the largest):"
					: "remarks of the rows:",
				width);
		text_wrapf(out, "      ", width, "%s: %s", text_workload(s, f.first, label),
			   buf_str(&layers));
	}
	buf_done(&layers, out);
}
