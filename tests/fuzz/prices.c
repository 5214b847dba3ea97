/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What hosts cost, an INI file. */
#include "tests/fuzz/fuzz.h"

#include "results/size/prices.h"

static void use(const struct prices *p)
{
	const char *const names[] = {"EPYC; npt on", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", ""};
	struct err err = {0};
	size_t found;

	must(p->count > 0);
	for (size_t i = 0; i < p->count; i++) {
		must(p->item[i].per_hour >= 0 && p->item[i].per_hour <= 1e9);
		must(p->item[i].count <= 1000000 || p->item[i].count == PRICES_ANY);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (prices_find(p, names[i], names[i], &found, &err) < 0)
			must_explain(&err);
		else
			must(found < p->count || found == PRICES_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prices prices = {0};
	struct err err = {0};
	FILE *file = fuzz_file(data, size);

	if (!file)
		return 0;
	if (prices_parse(file, "prices.ini", &prices, &err) == 0)
		use(&prices);
	else
		must_explain(&err);
	fclose(file);
	prices_release(&prices);
	return 0;
}
