/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <ctype.h>

#include "results/summary/collect.h"
#include "workloads/workload.h"

static size_t count_params(const struct workload *w)
{
	size_t count = 0;

	while (w->params && w->params[count].name)
		count++;
	return count;
}

static void check_param(const struct workload *w, const struct param *p)
{
	uint64_t choices = 0;

	assert_non_null(p->help);
	for (const char *c = p->name; *c; c++)
		assert_true(islower((unsigned char)*c));
	if (p->kind == PARAM_CHOICE) {
		assert_non_null(p->choices);
		while (p->choices[choices]) {
			assert_null(strpbrk(p->choices[choices], " ,=\""));
			choices++;
		}
		assert_true(p->fallback < choices);
	} else if (p->fallback < p->min || p->fallback > p->max) {
		fail_msg("%s: the default of %s is out of its range", w->name, p->name);
	} else if (p->step && (p->fallback % p->step || p->min % p->step || p->max % p->step)) {
		fail_msg("%s: %s has a default or bound that is no multiple", w->name, p->name);
	}
}

/* What a text puts between backticks is a parameter of the workload. */
static void check_quoted(const struct workload *w, const char *text)
{
	for (const char *c = text; (c = strchr(c, '`')); c++) {
		const char *end = strchr(++c, '`');
		char word[32];

		assert_non_null(end);
		assert_true((size_t)(end - c) + 1 < sizeof(word));
		snprintf(word, sizeof(word), "%.*s=", (int)(end - c), c);
		if (!workload_has_param(w, word))
			fail_msg("%s has no parameter %s, of which it says: %s", w->name, word,
				 text);
		c = end;
	}
}

/* Shows the contract to authors of a new kernel. */
static void test_contract(void **state)
{
	(void)state;
	for (size_t i = 0; workloads[i]; i++) {
		const struct workload *w = workloads[i];

		print_message("%s\n", w->name);
		assert_non_null(w->summary);
		assert_null(strchr(w->summary, '\n'));
		assert_non_null(w->op);
		assert_non_null(w->source);
		check_quoted(w, w->summary);
		check_quoted(w, w->op);
		assert_non_null(class_name(w->class));
		assert_true(w->state_size > 0);
		assert_non_null(w->run);
		assert_non_null(w->digest);
		assert_true(w->known_ops > 0);
		assert_false(w->bytes_per_op && w->found);
		/* A size, and nothing else, is of the class capacity, and found. */
		assert_int_equal(w->found != NULL, w->unit != SAMPLE_NS_PER_OP);
		assert_int_equal(w->found != NULL, w->class == CLASS_CAPACITY);
		assert_non_null(sample_unit_name(w->unit));
		assert_int_equal(w->traits & SAMPLE_FLAGS_OF_BATCH, 0);
		assert_false(w->wait_ns_per_op && w->flags);
		assert_true(count_params(w) <= PARAMS_MAX);
		for (size_t k = 0; k < count_params(w); k++)
			check_param(w, &w->params[k]);
		assert_null(strpbrk(w->name, " ,\"="));
		assert_ptr_equal(workload_find(w->name), w);
	}
	assert_null(workload_find("mem"));
	assert_null(workload_find(""));
	assert_null(class_name(CLASS_COUNT));
}

/* Names are the interface, as are the parameters that a sweep needs. */
static void test_promised(void **state)
{
	static const struct {
		const char *name, *word; /* NULL: none */
	} promised[] = {
		{"nop", NULL},
		{"clock", NULL},
		{"sleep", NULL},
		{"cpu.int", NULL},
		{"cpu.float", NULL},
		{"cpu.branch", NULL},
		{"cpu.sha256", "isa=ni"},
		{"cpu.sort", NULL},
		{"cpu.scale", NULL},
		{"cpu.syscall", NULL},
		{"cpu.ctxsw", "place=together"},
		{"cpu.ctxsw", "place=apart"},
		{"cpu.fork", NULL},
		{"cpu.exec", NULL},
		{"cpu.thread", NULL},
		{"cpu.futex", "place=apart"},
		{"exit.cpuid", NULL},
		{"exit.hypercall", NULL},
		{"exit.pio", NULL},
		{"exit.mmio", NULL},
		{"exit.hlt", NULL},
		{"exit.msr", NULL},
		{"exit.pci", NULL},
		{"exit.hpet", NULL},
		{"exit.fault", NULL},
		{"exit.pmtimer", NULL},
		{"mem.stream", "kind=copy"},
		{"mem.stream", "kind=scale"},
		{"mem.stream", "kind=add"},
		{"mem.stream", "kind=triad"},
		{"mem.read", NULL},
		{"mem.chase", "size=16KiB"},
		{"mem.chase", "size=64GiB"},
		{"mem.chase", "pages=4k"},
		{"mem.chase", "pages=huge"},
		{"mem.tlb", NULL},
		{"mem.fault", "pages=4k"},
		{"mem.fault", "pages=huge"},
		{"mem.fault", "by=dontneed"},
		{"mem.map", NULL},
		{"mem.protect", NULL},
		{"capacity.memory", NULL},
		{"io.seqread", "cache=buffered"},
		{"io.seqwrite", "cache=direct"},
		{"io.randread", "block=16KiB"},
		{"io.randwrite", "depth=32"},
		{"io.fsync", NULL},
		{"io.create", NULL},
		{"capacity.disk", NULL},
		{"net.rr", NULL},
		{"net.stream", NULL},
		{"gpu.launch", "backend=opencl"},
		{"gpu.copy", "backend=stub"},
		{"gpu.saxpy", NULL},
		{"gpu.matmul", NULL},
		{"app.compress", NULL},
		{"app.sqlite", "store=disk"},
		{"app.sqlite", "store=memory"},
		{"app.build", NULL},
		{"app.postgres", NULL},
		{"app.http", "path=loopback"},
		{"app.http", "path=link"},
		{"app.http", "connection=each"},
		{"command", NULL},
	};
	uint64_t arg[PARAMS_MAX];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
		const struct workload *w = workload_find(promised[i].name);

		if (!w)
			fail_msg("%s is gone", promised[i].name);
		assert_works(workload_parse_params(w, &promised[i].word, promised[i].word ? 1 : 0,
						   arg, &err),
			     err);
	}
}

/* What is asked of guests is what descriptors say, each once. */
static void test_modules_and_needs(void **state)
{
	const char *modules[WORKLOAD_MODULES];

	(void)state;
	assert_ptr_equal(workload_modules(modules), modules);
	assert_string_equal(modules[0], "msr");
	assert_string_equal(modules[1], "loop");
	assert_null(modules[2]);
	assert_string_equal(workload_find("io.create")->module, "loop");
	assert_string_equal(workload_needing(NEEDS_COMMAND)->name, "command");
	assert_null(workload_needing(NEEDS_COMMAND | NEEDS_NET));
}

/* A profile measures what the one before it does, unless a workload says otherwise. */
static void test_items_of_profiles(void **state)
{
	const struct workload *clock = workload_find("clock"), *chase = workload_find("mem.chase"),
			      *sort = workload_find("cpu.sort");

	(void)state;
	assert_string_equal(workload_items(clock, PROFILE_FULL)[0], "");
	assert_ptr_equal(workload_items(clock, PROFILE_FULL), clock->profiles[PROFILE_QUICK]);
	assert_string_equal(workload_items(chase, PROFILE_QUICK)[0], "size=16MiB");
	assert_string_equal(workload_items(chase, PROFILE_STANDARD)[0], "");
	assert_null(workload_items(sort, PROFILE_QUICK));
	assert_null(workload_items(workload_find("inject"), PROFILE_FULL));
	assert_null(workload_items(sort, PROFILE_KINDS));
	assert_string_equal(workload_items(chase, PROFILE_KINDS)[0], "size=16MiB");
}

static void test_classes_are_all_there(void **state)
{
	(void)state;
	for (int class = 0; class < CLASS_COUNT; class ++) {
		bool found = false;

		for (size_t i = 0; workloads[i]; i++)
			found = found || (int)workloads[i]->class == class;
		assert_int_equal(found, class != CLASS_BOOT);
	}
}

/* Parses text's words and formats what came out. */
static void round_trip(const struct workload *w, const char *text, char out[PARAMS_TEXT])
{
	const char *words[PARAMS_MAX];
	char copy[PARAMS_TEXT], *rest;
	uint64_t arg[PARAMS_MAX];
	size_t count = 0;
	struct err err;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	assert_works(workload_parse_params(w, words, count, arg, &err), err);
	assert_ptr_equal(workload_format_params(w, arg, out), out);
}

static void test_params_round_trip(void **state)
{
	char defaults[PARAMS_TEXT], again[PARAMS_TEXT];

	(void)state;
	for (size_t i = 0; workloads[i]; i++) {
		round_trip(workloads[i], "", defaults);
		assert_true(strlen(defaults) < PARAMS_TEXT - 1);
		assert_null(strpbrk(defaults, ",\""));
		round_trip(workloads[i], defaults, again);
		assert_string_equal(again, defaults);
	}
	round_trip(workload_find("mem.chase"), "pages=huge size=1048576", again);
	assert_string_equal(again, "size=1MiB stride=64 pages=huge");
	round_trip(workload_find("nop"), "", again);
	assert_string_equal(again, "");
}

static void test_bad_params(void **state)
{
	static const struct {
		const char *workload, *words[2], *complaint;
	} bad[] = {
		{"nop", {"size=1"}, "nop takes no parameters, but \"size=1\" was given"},
		{"mem.chase", {"sise=1MiB"}, "one of the names size, stride, pages"},
		{"mem.chase", {"size"}, "not of the form name=value"},
		{"mem.chase", {"=1"}, "not of the form name=value"},
		{"mem.chase", {""}, "not of the form name=value"},
		{"mem.chase", {"size="}, "mem.chase: parameter size: \"\" is not a size"},
		{"mem.chase", {"size=1"}, "is not a size from 8KiB to 1TiB"},
		{"mem.chase", {"size=2TiB"}, "is not a size from 8KiB to 1TiB"},
		{"mem.chase",
		 {"pages=2m"},
		 "parameter pages: \"2m\" is none of: 4k, huge, default"},
		{"mem.chase", {"size=1MiB", "size=1MiB"}, "parameter size is given twice"},
		{"mem.chase", {"sise=1MiB"}, "(did you mean \"size\"?)"},
		{"mem.chase", {"pages=4K"}, "none of: 4k, huge, default (did you mean \"4k\"?)"},
		{"sleep",
		 {"period=50us"},
		 "sleep: parameter period: \"50us\" is not a whole number"},
		{"mem.stream",
		 {"size=40KiB"},
		 "mem.stream: parameter size: \"40KiB\" is not a multiple of 32KiB"},
		{"io.randread",
		 {"block=5000"},
		 "parameter block: \"5000\" is not a multiple of 4KiB"},
		{"io.seqread", {"size=4KiB"}, "io.seqread: block=128KiB is more than size=4KiB"},
		{"gpu.matmul", {"rows=17"}, "parameter rows: \"17\" is not a multiple of 16"},
		{"mem.map",
		 {"size=4KiB", "touch=2"},
		 "mem.map: touch=2 pages are more than size=4KiB has"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t arg[PARAMS_MAX] = {77};

		assert_fails(workload_parse_params(workload_find(bad[i].workload), bad[i].words,
						   bad[i].words[1] ? 2 : 1, arg, &err),
			     err, EXIT_USAGE, bad[i].complaint);
		assert_int_equal(arg[0], 77);
	}
}

/* The bounds of a plain number, whatever kernels have them. */
static void test_counts(void **state)
{
	static const struct param params[] = {
		{.name = "depth", .kind = PARAM_COUNT, .fallback = 4, .min = 1, .max = 64}, {0}};
	static const struct workload w = {.name = "fake", .params = params};
	const char *const words[] = {"depth=65"};
	char out[PARAMS_TEXT];
	uint64_t arg[PARAMS_MAX];
	struct err err;

	(void)state;
	round_trip(&w, "depth=64", out);
	assert_string_equal(out, "depth=64");
	round_trip(&w, "", out);
	assert_string_equal(out, "depth=4");
	assert_fails(workload_parse_params(&w, words, 1, arg, &err), err, EXIT_USAGE,
		     "fake: parameter depth: \"65\" is not a whole number from 1 to 64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_promised),
		cmocka_unit_test(test_modules_and_needs),
		cmocka_unit_test(test_items_of_profiles),
		cmocka_unit_test(test_classes_are_all_there),
		cmocka_unit_test(test_params_round_trip),
		cmocka_unit_test(test_bad_params),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
