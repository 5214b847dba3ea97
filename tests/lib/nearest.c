/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/nearest.h"

static const char *nearest_of(const char *word)
{
	static const char *const names[] = {"nop",	 "cpu.int",  "cpu.fork", "cpu.sha256",
					    "mem.chase", "io.fsync", "size",	 "backend",
					    "4k",	 "huge",     NULL};
	struct nearest n;

	nearest_init(&n, word, strlen(word));
	for (size_t i = 0; names[i]; i++)
		nearest_offer(&n, names[i]);
	return n.best ? n.best : "";
}

static void test_near(void **state)
{
	static const struct {
		const char *word, *best;
	} cases[] = {
		{"cpu.itn", "cpu.int"},	     /* neighbours swapped */
		{"cpu.nt", "cpu.int"},	     /* one is missing */
		{"mem.chasse", "mem.chase"}, /* one too many */
		{"mem.chafe", "mem.chase"},  /* another one */
		{"Mem.Chase", "mem.chase"},  /* case */
		{"4K", "4k"},
		{"fork", "cpu.fork"}, /* behind the point */
		{"fsnyc", "io.fsync"},
		{"cpu.sha", "cpu.sha256"}, /* the beginning */
		{"bakend", "backend"},
		{"siz", "size"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(nearest_of(cases[i].word), cases[i].best);
}

static void test_far(void **state)
{
	static const char *const words[] = {
		"",	"x",	  "2m",
		"zzz*", "memory", "cpu",
		"cha",	".",	  "a word that is much too long to be a name of anything here"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_string_equal(nearest_of(words[i]), "");
}

static void test_hint(void **state)
{
	char text[NEAREST_TEXT];
	struct nearest n;

	(void)state;
	/* Only the first bytes are the word; of equally near ones the first counts. */
	nearest_init(&n, "siz=1MiB", 3);
	assert_string_equal(nearest_hint(&n, " (", ")", text), "");
	nearest_offer(&n, "sizo");
	nearest_offer(&n, "size");
	nearest_offer(&n, "sized");
	nearest_offer(&n, "much further away from it than any that a user would ever type");
	assert_string_equal(nearest_hint(&n, " (", ")", text), " (did you mean \"sizo\"?)");
}

static void test_choice(void **state)
{
	static const char *const names[] = {"auto", "always", "never", NULL};
	static const char *const one[] = {"only", NULL};
	struct err err;

	(void)state;
	assert_int_equal(choice_find("--color", "auto", names, &err), 0);
	assert_int_equal(choice_find("--color", "never", names, &err), 2);
	assert_fails(choice_find("--color", "nevr", names, &err), err, EXIT_USAGE,
		     "--color: there is no \"nevr\": expected auto, always or never "
		     "(did you mean \"never\"?)");
	/* Names are exact, and what is far from all has no hint. */
	assert_fails(choice_find("x", "Auto", names, &err), err, EXIT_USAGE, "mean \"auto\"?");
	assert_fails(choice_find("x", "", names, &err), err, EXIT_USAGE,
		     "x: there is no \"\": expected auto, always or never");
	assert_null(strstr(err.text, "mean"));
	assert_fails(choice_find("x", "zzz", one, &err), err, EXIT_USAGE, "expected only");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_hint),
		cmocka_unit_test(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
