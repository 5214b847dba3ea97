/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line that nestkernel prints for a batch. */
#include "tests/fuzz/fuzz.h"

#include "lib/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = fuzz_text(data, size), text[SAMPLE_LINE];
	struct sample s, again;
	struct err err = {0};

	if (sample_parse_line(line, &s, &err) == 0) {
		must(sample_parse_line(sample_format_line(&s, text), &again, &err) == 0);
		must(s.digest == again.digest && s.ops == again.ops && s.status == again.status);
		must(s.flags == again.flags && s.latency.max_ns == again.latency.max_ns);
		must(strcmp(s.reason, again.reason) == 0);
	} else {
		must_explain(&err);
	}
	free(line);
	return 0;
}
