/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pattern of a number (the first line of the input) in what a program printed (the rest): the
 * result is the same in one piece and in many.
 */
#include "tests/fuzz/fuzz.h"

#include <math.h>

#include "workloads/command/output.h"

enum { PIECE = 7 };

static int find(const struct metric *m, const char *text, size_t piece, double *value,
		struct err *err)
{
	static struct output o;
	size_t left = strlen(text);

	output_begin(&o, m);
	for (; left; left -= piece, text += piece) {
		piece = piece < left ? piece : left;
		must(output_add(&o, text, piece, err) == 0);
	}
	return output_metric(&o, value, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = strchr(text, '\n');
	struct err err = {0}, err_pieces = {0};
	double value = 0, of_pieces = 0;
	struct metric m = {.is_time = size % 2};
	int found;

	if (rest)
		*rest++ = '\0';
	rest = rest ? rest : text + strlen(text);
	if (metric_compile(&m, text, &err) < 0) {
		must_explain(&err);
	} else {
		found = find(&m, rest, OUTPUT_WINDOW, &value, &err);
		if (found < 0)
			must_explain(&err);
		else
			must(isfinite(value) && value > 0);
		must(find(&m, rest, PIECE, &of_pieces, &err_pieces) == found);
		must(value == of_pieces && strcmp(err.text, err_pieces.text) == 0);
	}
	metric_release(&m);
	free(text);
	return 0;
}
