/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/export/export_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/rundir/params.h"

bool export_is_size(const struct summary_entry *e)
{
	return strcmp(e->unit, "ns/op") != 0;
}

const char *export_name(const struct summary_entry *e, char separator, char text[EXPORT_NAME])
{
	char raw[EXPORT_NAME], threads[THREADS_TEXT];

	snprintf(raw, sizeof(raw), "%.64s%s%.256s%s%s L%" PRIu32, e->workload,
		 e->params[0] ? " " : "", e->params, e->threads != 1 ? " " : "",
		 e->threads != 1 ? threads_word(e->threads, threads) : "", e->layer);
	csv_printable(raw, text, EXPORT_NAME);
	for (char *c = text; *c; c++)
		if (*c == ' ')
			*c = separator;
	return text;
}
