/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"
#include "tests/workloads/drive.h"

void drive_params(const struct workload *w, const char *text, uint64_t arg[PARAMS_MAX])
{
	const char *words[PARAMS_MAX];
	size_t count = 0;
	char copy[PARAMS_TEXT], *rest;
	struct err err;

	snprintf(copy, sizeof(copy), "%s", text ? text : "");
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	assert_works(workload_parse_params(w, words, count, arg, &err), err);
}

static int live(const struct workload *w, const char *params, const struct workload_env *env,
		uint64_t batches, uint64_t n, uint64_t *digest, struct err *err)
{
	uint64_t arg[PARAMS_MAX];
	void *state;
	int failed;

	drive_params(w, params, arg);
	if (w->probe && w->probe(env, arg, err) < 0)
		return -1;
	state = calloc(1, w->state_size);
	assert_non_null(state);
	failed = w->setup ? w->setup(state, env, arg, err) : 0;
	for (uint64_t i = 0; i < batches && !failed; i++)
		failed = w->run(state, n, err);
	if (!failed)
		*digest = w->digest(state);
	if (w->teardown)
		w->teardown(state);
	free(state);
	return failed;
}

bool drive_can(const struct workload *w, const char *params, const struct workload_env *env)
{
	uint64_t arg[PARAMS_MAX];
	struct err err = {0};

	drive_params(w, params, arg);
	if (!w->probe || w->probe(env, arg, &err) == 0)
		return true;
	print_message("%s cannot run here: %s\n", w->name, err.text);
	return false;
}

uint64_t drive(const struct workload *w, const char *params, const struct workload_env *env,
	       uint64_t batches, uint64_t n)
{
	uint64_t digest = 0;
	struct err err = {0};

	if (live(w, params, env, batches, n, &digest, &err) < 0)
		fail_msg("%s: %s", w->name, err.text);
	return digest;
}

int drive_try(const struct workload *w, const char *params, const struct workload_env *env,
	      uint64_t n, struct err *err)
{
	uint64_t digest;

	return live(w, params, env, 1, n, &digest, err);
}
