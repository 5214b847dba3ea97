/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layers.csv. */
#include "tests/fuzz/fuzz.h"

#include "results/rundir/layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layers layers = {0};
	struct damage damage = {0};
	struct err err = {0};

	if (layers_parse("layers.csv", (const char *)data, size, &layers, &damage, &err) < 0)
		must_explain(&err);
	for (size_t i = 0; i < layers.count; i++)
		for (size_t k = 0; k < layers.item[i].facts.count; k++) {
			const struct fact *f = &layers.item[i].facts.item[k];

			must(f->key[0] && f->value);
			for (const char *c = f->value; *c; c++)
				must((unsigned char)*c >= ' ' && *c != 0x7f);
		}
	layers_release(&layers);
	return 0;
}
