/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, sizes, times and shares as people write them. */
#include "tests/fuzz/fuzz.h"

#include <math.h>

#include "lib/parse.h"

static void try_size(const char *text)
{
	uint64_t number, again;
	char exact[SIZE_TEXT], people[SIZE_TEXT];
	struct err err = {0};

	if (parse_size(text, "size", 5, UINT64_MAX, &number, &err) < 0) {
		must_explain(&err);
		return;
	}
	must(number >= 5);
	must(parse_size(format_size(number, exact), "size", 0, UINT64_MAX, &again, &err) == 0);
	must(number == again);
	must(strlen(format_size_short(number, people)) < SIZE_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), people[SIZE_TEXT];
	struct err err = {0};
	uint64_t number;
	double x;

	try_size(text);
	if (parse_u64(text, "number", 3, 1000, &number, &err) == 0)
		must(number >= 3 && number <= 1000);
	if (parse_duration_ns(text, "time", 0, UINT64_MAX, &number, &err) == 0)
		must(strlen(format_duration_short((double)number, people)) < SIZE_TEXT);
	if (parse_double(text, "x", -1e300, 1e300, &x, &err) == 0)
		must(isfinite(x) && fabs(x) <= 1e300);
	if (parse_percent(text, "share", -50, 50, &x, &err) == 0)
		must(fabs(x) <= 0.5);
	free(text);
	return 0;
}
