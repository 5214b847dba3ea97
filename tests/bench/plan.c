/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/plan.h"

enum { BOOTS = 2, ROUNDS = 6, LAYERS = 3, WORKS = 5 };

static void make(struct plan *p, uint64_t seed)
{
	struct err err;

	assert_works(plan_make(p, seed, BOOTS, ROUNDS, LAYERS, WORKS, &err), err);
	assert_int_equal(p->jobs, BOOTS * ROUNDS * LAYERS * WORKS);
}

/* Every round visits every layer once per workload, one workload at a time; slots count up. */
static void test_rounds_are_complete(void **state)
{
	struct plan p;
	size_t i = 0;

	(void)state;
	make(&p, 1);
	for (uint32_t boot = 1; boot <= BOOTS; boot++)
		for (uint32_t round = 1; round <= ROUNDS; round++) {
			bool seen[WORKS][LAYERS] = {{false}};

			for (uint32_t slot = 1; slot <= LAYERS * WORKS; slot++, i++) {
				const struct job *j = &p.job[i];

				assert_int_equal(j->boot, boot);
				assert_int_equal(j->round, round);
				assert_int_equal(j->slot, slot);
				assert_false(seen[j->workload][j->layer]);
				seen[j->workload][j->layer] = true;
				if (j->slot % LAYERS != 1)
					assert_int_equal(j->workload, p.job[i - 1].workload);
			}
		}
	plan_release(&p);
}

/* Over as many rounds as there are layers, every layer comes once in every place. */
static void test_latin_square(void **state)
{
	struct plan p;

	(void)state;
	make(&p, 7);
	for (uint32_t first = 1; first <= ROUNDS; first += LAYERS) {
		int count[WORKS][LAYERS][LAYERS] = {{{0}}};

		for (size_t i = 0; i < p.jobs; i++) {
			const struct job *j = &p.job[i];

			if (j->boot == 1 && j->round >= first && j->round < first + LAYERS)
				count[j->workload][j->layer][(j->slot - 1) % LAYERS]++;
		}
		for (int w = 0; w < WORKS; w++)
			for (int l = 0; l < LAYERS; l++)
				for (int place = 0; place < LAYERS; place++)
					assert_int_equal(count[w][l][place], 1);
	}
	plan_release(&p);
}

static void test_seed(void **state)
{
	struct plan a, b, c;

	(void)state;
	make(&a, 5);
	make(&b, 5);
	make(&c, 6);
	assert_memory_equal(a.job, b.job, a.jobs * sizeof(*a.job));
	assert_memory_not_equal(a.job, c.job, a.jobs * sizeof(*a.job));
	plan_release(&a);
	plan_release(&b);
	plan_release(&c);
}

/* A round planned alone is the one of the whole plan. */
static void test_any_round_alone(void **state)
{
	struct plan whole, one = PLAN_INIT;
	size_t each = LAYERS * WORKS;
	struct err err;

	(void)state;
	make(&whole, 9);
	assert_works(plan_add_round(&one, 9, 2, 5, LAYERS, WORKS, &err), err);
	assert_int_equal(one.jobs, each);
	assert_memory_equal(one.job, whole.job + (ROUNDS + 4) * each, each * sizeof(*one.job));
	plan_release(&one);
	plan_release(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds_are_complete),
		cmocka_unit_test(test_latin_square),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_any_round_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
