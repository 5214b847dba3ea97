/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of prices: good ones, and every way to get one wrong. */
#include "tests/check.h"

#include "results/size/prices.h"

static int read_text(const char *text, struct prices *p, struct err *err)
{
	FILE *file = fmemopen((char *)(uintptr_t)text, strlen(text), "r");
	int rc;

	assert_non_null(file);
	*p = (struct prices){0};
	rc = prices_parse(file, "my.ini", p, err);
	fclose(file);
	return rc;
}

static void test_good(void **state)
{
	struct prices p;
	struct err err;

	(void)state;
	assert_works(read_text("# a comment\n[default]\ncurrency = EUR\r\n[class AMD EPYC*]\n"
			       "price = 1.10 ; of an hour\n[node big*]\nprice=2e0\ncount = 4\n",
			       &p, &err),
		     err);
	assert_string_equal(p.currency, "EUR");
	assert_int_equal(p.count, 2);
	assert_int_equal(p.item[0].scope, PRICE_CLASS);
	assert_string_equal(p.item[0].glob, "AMD EPYC*");
	assert_close(p.item[0].per_hour, 1.1, 0);
	assert_true(p.item[0].count == PRICES_ANY);
	assert_int_equal(p.item[0].line, 4);
	assert_close(p.item[1].per_hour, 2, 0);
	assert_int_equal(p.item[1].count, 4);
	prices_release(&p);
	assert_works(read_text("[node *]\nprice = 0\ncount = 0\n", &p, &err), err);
	assert_string_equal(p.currency, "");
	assert_int_equal(p.item[0].count, 0);
	prices_release(&p);
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"[class A]\nprice = -1\n", "my.ini:2: price \"-1\": expected what a host costs"},
		{"[class A]\nprice = nan\n", "my.ini:2: price \"nan\""},
		{"[class A]\nprice = inf\n", "my.ini:2: price \"inf\""},
		{"[class A]\nprice = 1 EUR\n", "my.ini:2: price \"1 EUR\""},
		{"[class A]\nprice =\n", "my.ini:2: price \"\""},
		{"[class A]\nprice = 2e9\n", "my.ini:2: price"},
		{"[class A]\nprice = 1\nprice = 2\n",
		 "my.ini:3: price \"2\": expected it to be there once"},
		{"[class A]\nprice = 1\n  2\n",
		 "my.ini:3: price \"2\": expected it to be there once"},
		{"[class A]\nprice = 1\ncount = -1\n", "my.ini:3: count \"-1\""},
		{"[class A]\nprice = 1\ncount = 1.5\n", "my.ini:3: count \"1.5\""},
		{"[class A]\nprice = 1\ncount = 1\ncount = 1\n", "my.ini:4: count"},
		{"[class A]\ncost = 1\n", "my.ini:2: key \"cost\": expected price or count"},
		{"[class A]\nprize = 1\n", "did you mean \"price\"?"},
		{"[class A]\nprice = 1\n[class A]\nprice = 2\n",
		 "my.ini:3: section \"class A\": expected it to be there once"},
		{"[default]\n[default]\n", "my.ini:2: section \"default\""},
		{"[default]\ncurrency =\n", "my.ini:2: currency \"\": expected a short name"},
		{"[default]\ncurrency = a currency that is long\n", "my.ini:2: currency"},
		{"[default]\ncurrency = \x1b[1m\n", "my.ini:2: currency"},
		{"[default]\ncurrency = A\ncurrency = B\n", "my.ini:3: currency"},
		{"[default]\nprice = 1\n", "my.ini:2: key \"price\": expected currency"},
		{"[class A]\ncount = 1\n[node B]\nprice = 1\n",
		 "my.ini:1: [class A]: expected \"price = NUMBER\""},
		{"[machine A]\nprice = 1\n", "expected [default], [class GLOB] or [node GLOB]"},
		{"[class ]\nprice = 1\n", "my.ini:1: section"},
		{"[class]\nprice = 1\n", "my.ini:1: section"},
		{"price = 1\n", "my.ini:1: section"},
		{"nonsense\n", "my.ini:1: "},
		{"[default]\ncurrency = EUR\n", "my.ini: expected a section"},
		{"\n", "my.ini: expected a section"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prices p;
		struct err err;

		assert_fails(read_text(cases[i].text, &p, &err), err, EXIT_USAGE, cases[i].says);
		assert_null(p.item);
	}
}

static void test_find(void **state)
{
	struct prices p;
	struct err err;
	size_t found;

	(void)state;
	assert_works(read_text("[class EPYC*]\nprice = 1\n[class Xeon*]\nprice = 2\n[node big*]\n"
			       "price = 3\n[node *-1]\nprice = 4\n[class *npt on]\nprice = 5\n",
			       &p, &err),
		     err);
	assert_works(prices_find(&p, "Xeon", "a", &found, &err), err);
	assert_int_equal(found, 1);
	assert_works(prices_find(&p, "Xeon; npt on", "big", &found, &err), err);
	assert_int_equal(found, 2); /* a node's goes first */
	assert_works(prices_find(&p, "Atom", "a", &found, &err), err);
	assert_true(found == PRICES_NONE);
	assert_fails(prices_find(&p, "Atom", "big-1", &found, &err), err, EXIT_USAGE,
		     "my.ini:7: [node *-1]: expected one section for the node big-1, which [node "
		     "big*] in line 5 fits, too");
	assert_fails(prices_find(&p, "Xeon; npt on", "a", &found, &err), err, EXIT_USAGE,
		     "my.ini:9: [class *npt on]");
	prices_release(&p);
}

static void test_no_file(void **state)
{
	struct prices p = {0};
	struct err err;

	(void)state;
	assert_fails(prices_read("/nowhere/prices.ini", &p, &err), err, EXIT_USAGE,
		     "cannot read the prices in /nowhere/prices.ini");
	assert_fails(prices_read("/", &p, &err), err, EXIT_USAGE, "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
