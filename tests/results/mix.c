/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cheapest mix of hosts, against answers by hand and against trying all of them. */
#include "tests/check.h"

#include <fcntl.h>
#include <unistd.h>

#include "results/size/mix.h"

enum { KINDS = 5, STOCKS = 3 };

struct small {
	struct mix_kind kind[KINDS];
	uint64_t stock[STOCKS], hosts[KINDS];
	struct mix_problem p;
	struct mix m;
};

static void solve(struct small *s)
{
	struct err err;

	s->p.kind = s->kind;
	s->p.stock = s->stock;
	assert_works(mix_solve(&s->p, s->hosts, &s->m, &err), err);
}

static void test_by_hand(void **state)
{
	/* 20 guests: 2 × 7 + 1 × 6 costs 2 × 5 + 4.5; 3 × 7 would cost 15, 2 × 10 costs 16 */
	struct small s = {
		.kind = {{5, 7, MIX_NO_STOCK}, {8, 10, MIX_NO_STOCK}, {4.5, 6, MIX_NO_STOCK}},
		.p = {.guests = 20, .kinds = 3}};

	(void)state;
	solve(&s);
	assert_close(s.m.price, 14.5, 1e-9);
	assert_close(s.m.at_least, 14.5, 1e-9);
	assert_true(s.m.proven);
	assert_int_equal(s.m.holds, 20);
	assert_int_equal(s.hosts[0], 2);
	assert_int_equal(s.hosts[1], 0);
	assert_int_equal(s.hosts[2], 1);
	/* Only one of the first: 7 + 6 + 6 is one short */
	s.kind[0].stock = 0;
	s.stock[0] = 1;
	s.p.stocks = 1;
	solve(&s);
	assert_close(s.m.price, 16, 1e-9);
	assert_int_equal(s.hosts[1], 2);
}

/* Of equally cheap mixes the one with fewer hosts, though it holds more than is asked for. */
static void test_fewest(void **state)
{
	struct small s = {
		.kind = {{1, 1, MIX_NO_STOCK}, {4, 4, MIX_NO_STOCK}, {0, 0, MIX_NO_STOCK}},
		.p = {.guests = 9, .kinds = 3}};

	(void)state;
	solve(&s);
	assert_close(s.m.price, 9, 1e-9);
	assert_int_equal(s.hosts[0], 1);
	assert_int_equal(s.hosts[1], 2);
	s.kind[0].price = s.kind[1].price = 0;
	solve(&s);
	assert_close(s.m.price, 0, 0);
	assert_int_equal(s.hosts[0] + s.hosts[1], 3);
}

static void test_infeasible(void **state)
{
	struct small s = {.kind = {{1, 3, 0}, {1, 5, 0}, {1, 2, 1}, {1, 0, MIX_NO_STOCK}},
			  .stock = {2, 4},
			  .p = {.guests = 19, .kinds = 4, .stocks = 2}};

	(void)state;
	solve(&s);
	assert_int_equal(s.m.most, 18); /* 2 × 5 + 4 × 2 */
	assert_int_equal(s.m.holds, 0);
	s.p.guests = 18;
	solve(&s);
	assert_int_equal(s.m.holds, 18);
	assert_int_equal(s.hosts[1], 2);
	assert_int_equal(s.hosts[2], 4);
	s.kind[0].holds = s.kind[1].holds = s.kind[2].holds = 0;
	solve(&s);
	assert_int_equal(s.m.most, 0);
	s.stock[0] = s.stock[1] = UINT64_MAX;
	s.kind[1].holds = s.kind[2].holds = 2;
	s.p.guests = 3;
	solve(&s); /* no sum overflows */
	assert_int_equal(s.m.most, UINT64_MAX);
	assert_close(s.m.price, 2, 1e-9);
}

/* ---- by trying all ---- */

struct best {
	double price;
	uint64_t hosts, holds;
};

static bool is_within(const struct small *s, const uint64_t *hosts)
{
	for (size_t i = 0; i < s->p.stocks; i++) {
		uint64_t taken = 0;

		for (size_t k = 0; k < s->p.kinds; k++)
			taken += s->kind[k].stock == i ? hosts[k] : 0;
		if (taken > s->stock[i])
			return false;
	}
	return true;
}

static void judge(const struct small *s, const uint64_t *hosts, struct best *best)
{
	struct best b = {0};

	for (size_t k = 0; k < s->p.kinds; k++) {
		b.price += (double)hosts[k] * s->kind[k].price;
		b.holds += hosts[k] * s->kind[k].holds;
		b.hosts += hosts[k];
	}
	if (b.holds < s->p.guests || !is_within(s, hosts))
		return;
	if (b.price < best->price - 1e-7 ||
	    (b.price <= best->price + 1e-7 && b.hosts < best->hosts))
		*best = b;
}

static void try_all(const struct small *s, size_t k, uint64_t *hosts, struct best *best)
{
	if (k == s->p.kinds) {
		judge(s, hosts, best);
		return;
	}
	for (hosts[k] = 0; hosts[k] * s->kind[k].holds < s->p.guests + s->kind[k].holds;
	     hosts[k]++) {
		try_all(s, k + 1, hosts, best);
		if (s->kind[k].holds == 0)
			return;
	}
}

static uint64_t random_to(uint64_t *seed, uint64_t most)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % (most + 1);
}

/* Prices with as many equal ones, and prices per guest, as there are in life. */
static void make_small(struct small *s, uint64_t *seed)
{
	*s = (struct small){0};
	s->p.kinds = 1 + random_to(seed, 3);
	s->p.stocks = random_to(seed, STOCKS);
	s->p.guests = 1 + random_to(seed, 39);
	for (size_t k = 0; k < s->p.kinds; k++) {
		struct mix_kind *kind = &s->kind[k];
		uint64_t stock = random_to(seed, s->p.stocks);

		kind->holds = random_to(seed, 12);
		kind->price = random_to(seed, 3) ? (double)random_to(seed, 500) / 100
						 : (double)kind->holds / 4;
		kind->stock = stock < s->p.stocks ? stock : MIX_NO_STOCK;
	}
	for (size_t i = 0; i < s->p.stocks; i++)
		s->stock[i] = random_to(seed, 9);
}

static void test_random(void **state)
{
	size_t possible = 0, bounded = 0, cases = 3000;
	uint64_t seed = 21;

	(void)state;
	for (size_t i = 0; i < cases; i++) {
		struct best best = {.price = INFINITY};
		uint64_t hosts[KINDS] = {0}, sum = 0;
		struct small s;

		make_small(&s, &seed);
		solve(&s);
		try_all(&s, 0, hosts, &best);
		assert_int_equal(s.m.most >= s.p.guests, isfinite(best.price));
		if (!isfinite(best.price))
			continue;
		possible++;
		bounded += s.m.most < UINT64_MAX;
		for (size_t k = 0; k < s.p.kinds; k++)
			sum += s.hosts[k];
		assert_true(is_within(&s, s.hosts));
		assert_true(s.m.proven && s.m.holds >= s.p.guests);
		assert_close(s.m.price, best.price, 1e-6);
		assert_int_equal(sum, best.hosts);
	}
	assert_in_range(possible, cases / 3, cases * 9 / 10);
	assert_in_range(bounded, cases / 20, cases);
}

/* ---- what GLPK refuses ---- */

enum { MANY = 4000 };

/* As many kinds as need more than a MiB, with nothing on either stream. */
static int solve_many(unsigned memory_mib, struct mix *m, struct err *err)
{
	struct mix_kind *kind = calloc(MANY, sizeof(*kind));
	uint64_t *hosts = calloc(MANY, sizeof(*hosts));
	struct mix_problem p = {
		.guests = 1000000, .kind = kind, .kinds = MANY, .memory_mib = memory_mib};
	int rc;

	assert_true(kind && hosts);
	for (size_t k = 0; k < MANY; k++)
		kind[k] = (struct mix_kind){100 + (double)k / 7, 1 + k % 97, MIX_NO_STOCK};
	rc = mix_solve(&p, hosts, m, err);
	free(kind);
	free(hosts);
	return rc;
}

static void test_refused(void **state)
{
	struct small s = {.kind = {{1, 1, MIX_NO_STOCK}}, .p = {.guests = 3, .kinds = 1}};
	char *dir = test_dir_make(), path[512], said[64];
	int to[2], kept[2];
	struct mix m;
	struct err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/said", dir);
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		to[i] = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		kept[i] = dup(i + 1);
		assert_true(to[i] >= 0 && kept[i] >= 0 && dup2(to[i], i + 1) == i + 1);
	}
	int rc = solve_many(1, &m, &err);

	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(dup2(kept[i], i + 1), i + 1);
		close(kept[i]);
	}
	assert_int_equal(pread(to[0], said, sizeof(said), 0), 0);
	close(to[0]);
	close(to[1]);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, EXIT_INTERNAL);
	assert_non_null(strstr(err.text, "4000 kinds"));
	assert_non_null(strstr(err.text, "memory"));
	solve(&s); /* works afterwards */
	assert_close(s.m.price, 3, 0);
	assert_works(solve_many(0, &m, &err), err);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),	   cmocka_unit_test(test_fewest),
		cmocka_unit_test(test_infeasible), cmocka_unit_test(test_random),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
