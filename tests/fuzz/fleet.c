/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fleet.json. */
#include "tests/fuzz/fuzz.h"

#include "results/fleet/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fleet f = {0};
	struct fleet_status s;
	struct buf out = BUF_INIT;
	struct err err = {0};

	if (fleet_parse("fleet.json", (const char *)data, size, &f, &err) < 0) {
		must_explain(&err);
	} else {
		for (size_t i = 0; i < f.nodes; i++)
			must(fleet_name_fits(f.node[i].name) && f.node[i].name[0] != '.' &&
			     !strchr(f.node[i].name, '/'));
		must(fleet_status_make(&s, &f, "nowhere", 1769860800, &err) == 0);
		fleet_status_text(&s, &out);
		must(fleet_status_json(&s, &out, &err) == 0);
	}
	buf_release(&out);
	fleet_release(&f);
	return 0;
}
