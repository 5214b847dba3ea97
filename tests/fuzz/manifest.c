/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.json. */
#include "tests/fuzz/fuzz.h"

#include "results/rundir/rundir.h"

static void must_be_line(const char *text, size_t size)
{
	must(memchr(text, '\0', size));
	for (; *text; text++)
		must((unsigned char)*text >= ' ' && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest m = {0};
	struct err err = {0};

	if (manifest_parse("manifest.json", (const char *)data, size, &m, &err) < 0) {
		must_explain(&err);
	} else {
		must_be_line(m.run, sizeof(m.run));
		must_be_line(m.host, sizeof(m.host));
		must_be_line(m.started, sizeof(m.started));
		must(run_state_name(m.state));
		for (size_t i = 0; i < m.jobs; i++)
			must(m.job[i].workload && m.job[i].params);
	}
	manifest_release(&m);
	return 0;
}
