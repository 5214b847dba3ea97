/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/compatibility.h"

#include "tests/check.h"

#include <stdarg.h>

/* What the kinds are told, and what a layer was told of itself. */
static char asked[400];

static void tell(const struct driver_probe *p, const struct layer_spec *spec, const char *kind)
{
	size_t len = strlen(asked);

	snprintf(asked + len, sizeof(asked) - len, "%s depth=%d below=%d in %s; ", kind,
		 spec->depth, spec->below,
		 spec->depth ? spec->outer[spec->depth - 1]->name : "none");
	p->say(p->ctx, FINDING_NOTE, kind, "a remark");
	p->say(p->ctx, FINDING_OK, kind, "fine");
}

static void require_good(const struct driver_probe *p, const struct layer_spec *spec)
{
	tell(p, spec, "good");
}

static void require_bad(const struct driver_probe *p, const struct layer_spec *spec)
{
	tell(p, spec, "bad");
	p->say(p->ctx, FINDING_FAIL, "bad", "%d tools are missing: install them", 2);
	p->say(p->ctx, FINDING_FAIL, "bad", "and so is a third");
}

static const struct driver good = {.name = "good", .require = require_good},
			   bad = {.name = "bad", .require = require_bad},
			   silent = {.name = "silent"};

static struct stack chain(const struct driver *first, const struct driver *second)
{
	static struct text_list none[LAYERS_MAX];
	struct stack s = {.driver = {&good, first, second}, .options = none};

	layer_tree_chain(&s.tree, second ? 3 : 2);
	asked[0] = '\0';
	return s;
}

static void test_check(void **state)
{
	struct stack s = chain(&good, &silent);
	struct err err;

	(void)state;
	assert_works(compatibility_check(&s, &err), err);
	assert_string_equal(asked, "good depth=0 below=2 in none; good depth=1 below=1 in good; ");
	s = chain(&good, &bad);
	assert_fails(compatibility_check(&s, &err), err, EXIT_MACHINE,
		     "L2, of kind bad, cannot be started here: 2 tools are missing: install them");
	assert_non_null(strstr(asked, "bad depth=2 below=0 in good; "));
	assert_null(strstr(err.text, "third"));
	/* The first that cannot is named. */
	s = chain(&bad, &bad);
	assert_fails(compatibility_check(&s, &err), err, EXIT_MACHINE, "L1, of kind bad");
}

static char said[400];

static void __attribute__((format(printf, 4, 5)))
say(void *ctx, enum finding f, const char *topic, const char *fmt, ...)
{
	va_list ap;

	assert_null(ctx);
	snprintf(said, sizeof(said), "%d %s ", (int)f, topic);
	va_start(ap, fmt);
	vsnprintf(said + strlen(said), sizeof(said) - strlen(said), fmt, ap);
	va_end(ap);
}

/* A kind that does not tell what it needs may work. */
static void test_silent(void **state)
{
	const struct driver_probe p = {.say = say};
	struct stack s = chain(&silent, NULL);

	(void)state;
	compatibility_ask(&s, 1, &p);
	assert_string_equal(said, "1 silent nothing of it can be told before it is started");
}

/* Of real kinds, what no machine makes different. */
static void test_chains(void **state)
{
	struct err err;

	(void)state;
	assert_works(compatibility_check_chain("fake/fake", &err), err);
	assert_works(compatibility_check_chain("bare", &err), err);
	assert_fails(compatibility_check_chain("fake/bare", &err), err, EXIT_USAGE,
		     "it can only stand first");
	assert_fails(compatibility_check_chain("nope", &err), err, EXIT_USAGE,
		     "there is no kind of layer \"nope\"");
	assert_fails(compatibility_check_chain("kvm:tcg,emulator=/nonexistent/qemu", &err), err,
		     EXIT_MACHINE,
		     "the emulator /nonexistent/qemu cannot be executed: name another with "
		     "emulator=PATH");
}

/* What is to be compared is what can be started, in its order. */
static void test_kinds(void **state)
{
	static const char *const all[] = {"container", "kvm", "xen/pv", "xen/pvh"};
	struct text_list chains = {0};
	struct err err;
	size_t at = 0;
	int done = compatibility_kinds(&chains, &err);

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct err why;

		if (compatibility_check_chain(all[i], &why) == 0)
			assert_string_equal(chains.item[at++], all[i]);
	}
	assert_int_equal(chains.count, at);
	assert_int_equal(done, at ? 0 : -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
