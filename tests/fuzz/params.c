/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters of a workload (the first word of the input) as the user gives them, as rows hold them,
 * and as the results read them.
 */
#include "tests/fuzz/fuzz.h"

#include "results/rundir/params.h"
#include "workloads/workload.h"

enum { WORDS = 32 };

static size_t split(char *text, const char *words[WORDS])
{
	size_t count = 0;
	char *rest;

	for (char *word = strtok_r(text, " ", &rest); word && count < WORDS;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	return count;
}

/* The canonical text is read back as the same values. */
static void there_and_back(const struct workload *w, const uint64_t *arg)
{
	char text[PARAMS_TEXT], copy[PARAMS_TEXT];
	const char *words[WORDS];
	uint64_t again[PARAMS_MAX];
	struct err err = {0};

	strcpy(copy, workload_format_params(w, arg, text));
	must(workload_parse_params(w, words, split(copy, words), again, &err) == 0);
	must(memcmp(arg, again, sizeof(again)) == 0);
}

static void read_as_results_do(const char *text)
{
	const char *const names[] = {"size", "pages", NULL};
	char value[PARAM_TEXT], out[64];

	if (params_get(text, "size", value))
		must(strlen(value) < PARAM_TEXT);
	must(params_number(text, "size", 7) >= 0);
	must(strlen(params_without(text, names, out, sizeof(out))) < sizeof(out));
	must(params_compare(text, text) == 0);
	must((params_compare(text, out) > 0) == (params_compare(out, text) < 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const struct workload *w;
	const char *words[WORDS];
	uint64_t arg[PARAMS_MAX];
	struct err err = {0};
	size_t count;

	read_as_results_do(text);
	count = split(text, words);
	w = count ? workload_find(words[0]) : NULL;
	if (w && workload_parse_params(w, words + 1, count - 1, arg, &err) == 0)
		there_and_back(w, arg);
	else if (w)
		must_explain(&err);
	free(text);
	return 0;
}
