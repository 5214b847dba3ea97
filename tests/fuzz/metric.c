/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pattern of a number (the first line of the input) in what a program printed (the rest). */
#include "tests/fuzz/fuzz.h"

#include <math.h>

#include "workloads/metric.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = strchr(text, '\n');
	struct metric m = {0};
	struct err err = {0};
	double value = 0;

	if (rest)
		*rest++ = '\0';
	if (metric_compile(&m, text, &err) < 0 ||
	    metric_find(&m, rest ? rest : "", &value, &err) < 0)
		must_explain(&err);
	else
		must(isfinite(value) && value > 0);
	metric_release(&m);
	free(text);
	return 0;
}
