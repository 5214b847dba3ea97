/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/plan/plan.h"

enum { BOOTS = 2, ROUNDS = 6, LAYERS = 3, WORKS = 5 };

static const uint32_t alone[WORKS] = {1, 1, 1, 1, 1};
static const struct plan_turns shape = {.layers = LAYERS, .group = alone, .groups = WORKS};

static void make_any(struct plan *p, uint64_t seed, uint32_t boots, uint32_t rounds,
		     const struct plan_turns *of)
{
	struct err err;

	*p = (struct plan){0};
	for (uint32_t boot = 1; boot <= boots; boot++)
		for (uint32_t round = 1; round <= rounds; round++)
			assert_works(plan_add_round(p, seed, boot, round, of, &err), err);
}

static void make(struct plan *p, uint64_t seed)
{
	make_any(p, seed, BOOTS, ROUNDS, &shape);
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

/* Which turn (a work of the group in a layer) a job of the first group is. */
static uint32_t turn_of(const struct job *j, uint32_t layers)
{
	return j->workload * layers + j->layer;
}

/*
 * Over n rounds, or 2n for an odd number of turns, each turn comes as often before as behind every
 * other one, and right behind each of them equally often.
 */
static void check_balance(uint32_t layers, uint32_t works)
{
	const struct plan_turns group = {.layers = layers, .group = &works, .groups = 1};
	uint32_t n = layers * works, period = n % 2 ? 2 * n : n;
	uint32_t before[8][8] = {{0}}, next[8][8] = {{0}};
	struct plan p;

	assert_true(n <= 8);
	make_any(&p, 3, 1, period, &group);
	assert_int_equal(p.jobs, (size_t)n * period);
	for (uint32_t round = 0; round < period; round++)
		for (uint32_t i = 0; i < n; i++)
			for (uint32_t k = i + 1; k < n; k++) {
				const struct job *row = p.job + (size_t)round * n;
				uint32_t a = turn_of(&row[i], layers), b = turn_of(&row[k], layers);

				before[a][b]++;
				next[a][b] += k == i + 1;
			}
	for (uint32_t a = 0; a < n; a++)
		for (uint32_t b = 0; b < n; b++) {
			assert_int_equal(before[a][b], a == b ? 0 : period / 2);
			assert_int_equal(next[a][b], a == b ? 0 : period / n);
		}
	plan_release(&p);
}

static void test_balance(void **state)
{
	(void)state;
	for (uint32_t layers = 1; layers <= 4; layers++)
		for (uint32_t works = 1; layers * works <= 8; works++)
			if (layers * works > 1)
				check_balance(layers, works);
}

/* The works of a group are measured in turns, and nothing else between them. */
static void test_groups(void **state)
{
	static const uint32_t sizes[] = {1, 4, 2};
	const struct plan_turns grouped = {.layers = 2, .group = sizes, .groups = 3};
	bool seen[7][2] = {{false}};
	struct plan p = {0};
	uint32_t changes = 0, group = 3;
	struct err err;

	(void)state;
	assert_works(plan_add_round(&p, 1, 1, 1, &grouped, &err), err);
	assert_int_equal(p.jobs, 2 * 7);
	for (size_t i = 0; i < p.jobs; i++) {
		const struct job *j = &p.job[i];
		uint32_t now = j->workload == 0 ? 0 : j->workload <= 4 ? 1 : 2;

		assert_true(j->workload < 7);
		assert_int_equal(j->slot, i + 1);
		assert_false(seen[j->workload][j->layer]);
		seen[j->workload][j->layer] = true;
		changes += now != group;
		group = now;
	}
	assert_int_equal(changes, 3);
	plan_release(&p);
}

/* A round planned alone is the one of the whole plan. */
static void test_any_round_alone(void **state)
{
	struct plan whole, one = {0};
	size_t each = LAYERS * WORKS;
	struct err err;

	(void)state;
	make(&whole, 9);
	assert_works(plan_add_round(&one, 9, 2, 5, &shape, &err), err);
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
		cmocka_unit_test(test_balance),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_any_round_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
