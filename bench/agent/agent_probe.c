/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "bench/agent/agent_parts.h"

/* What says how a workload is measured, and not which; all but the last have a value. */
static bool is_how(const char *word, bool *has_value)
{
	static const char *const words[] = {"--ops",  "--batches", "--warm-up",
					    "--time", "--seed",	   "--calibrate"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0) {
			*has_value = strcmp(word, "--calibrate") != 0;
			return true;
		}
	return false;
}

/* The workload, its parameters, and how many at once; NULL: out of memory. */
static char *key_of(json_t *request)
{
	static const char *const counts[] = {"copies", "guests", "guest"};
	json_t *argv = json_object_get(request, "argv");
	struct buf key = BUF_INIT;

	for (size_t i = 0; i < json_array_size(argv); i++) {
		const char *word = json_string_value(json_array_get(argv, i));
		bool has_value;

		if (!word || !is_how(word, &has_value))
			buf_addf(&key, "%s\n", word ? word : "");
		else
			i += has_value;
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		buf_addf(&key, "%" JSON_INTEGER_FORMAT " ",
			 json_integer_value(json_object_get(request, counts[i])));
	return buf_take(&key);
}

struct agent_probe *agent_probe_of(struct agent *a, json_t *request)
{
	char *key = key_of(request);
	struct agent_probe *p = a->probes;

	while (key && p && strcmp(p->key, key) != 0)
		p = p->next;
	if (p || !key) {
		free(key);
		return p;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		free(key);
		return NULL;
	}
	*p = (struct agent_probe){.key = key, .next = a->probes};
	a->probes = p;
	return p;
}

void agent_probe_learn(struct agent_probe *p, const char *line, const struct sample *row)
{
	if (!p || p->passed || p->refusal)
		return;
	if (!row)
		p->passed = true;
	else if (row->status == SAMPLE_SKIP)
		p->refusal = strdup(line);
}

void agent_probes_release(struct agent *a)
{
	while (a->probes) {
		struct agent_probe *p = a->probes;

		a->probes = p->next;
		free(p->key);
		free(p->refusal);
		free(p);
	}
}
