/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"
#include "tests/workloads/drive.h"

const struct drive_way drive_ways[] = {
	/* A load and a store for every eight doubles, however wide the vectors are. */
	{"mem.stream", "kind=copy size=64KiB", 1000, UINT64_C(0x35e58de0a6ddbfa1), 2 * 4096 / 8},
	{"mem.stream", "kind=scale size=64KiB", 1000, UINT64_C(0x3725882c8ef98a13), 2 * 4096 / 8},
	{"mem.stream", "kind=add size=64KiB", 1000, UINT64_C(0x556c014da9c88e37), 2 * 4096 / 8},
	/* Ten chains; two blocks of 64 rounds, two by one instruction. */
	{"cpu.float", "isa=fma", 1000, UINT64_C(0x0214200a897fa35c), 10},
	{"cpu.sha256", "isa=ni size=64", 100, UINT64_C(0xa139e65fbe288673), 2 * 64 / 2},
	{"inject", "kind=syscall slow=3", 1000, UINT64_C(0x7065af67b24e07dc), 2 * 103},
	{"inject", "kind=mem slow=3", 1000, UINT64_C(0x9315a3e0ad487306), 103},
	{"inject", "kind=cpuid slow=3", 1000, UINT64_C(0x1416b2fc5e794939), 2},
	{"gpu.copy", "direction=from size=4KiB", 100, UINT64_C(0x67fbbbdbbe4c4243), 1},
	{"io.create", "sync=none", 100, UINT64_C(0x5ef468df03a16789), 1},
	{0},
};

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

char drive_note[NOTE_TEXT];

void *drive_begin(const struct workload *w, const char *params, const struct workload_env *env)
{
	struct workload_env noted = *env;
	void *state = calloc(1, w->state_size);
	uint64_t arg[PARAMS_MAX];
	struct err err;

	assert_non_null(state);
	drive_params(w, params, arg);
	drive_note[0] = '\0';
	noted.note = drive_note;
	assert_works(workload_setup(w, state, &noted, arg, &err), err);
	return state;
}

void drive_end(const struct workload *w, void *state)
{
	for (int i = 0; i < 2 && w->teardown; i++)
		w->teardown(state);
	free(state);
}

char *drive_dir, drive_scratch[300];

int drive_make_dir(void **state)
{
	drive_dir = test_dir_make();
	snprintf(drive_scratch, sizeof(drive_scratch), "%s/scratch", drive_dir);
	return 0;
}

int drive_remove_dir(void **state)
{
	test_dir_remove(drive_dir);
	return 0;
}

static int live(const struct workload *w, const char *params, const struct workload_env *env,
		uint64_t batches, uint64_t n, uint64_t *digest, struct err *err)
{
	uint64_t arg[PARAMS_MAX];
	void *state;
	int failed;

	drive_params(w, params, arg);
	if (workload_probe(w, env, arg, err) < 0)
		return -1;
	state = calloc(1, w->state_size);
	assert_non_null(state);
	failed = workload_setup(w, state, env, arg, err);
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
	if (workload_probe(w, env, arg, &err) == 0)
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
