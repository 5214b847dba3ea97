/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a fleet that need no node: the whole way is tests/e2e/fleet. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bench/config/config.h"
#include "bench/fleet/collect.h"
#include "bench/fleet/files.h"
#include "bench/fleet/hosts.h"
#include "bench/fleet/node.h"
#include "bench/fleet/plan.h"
#include "lib/child.h"
#include "lib/clock.h"

/* ---- hosts ---- */

static void expect_hosts(const char *list, const char *names)
{
	struct fleet f = {0};
	struct buf found = BUF_INIT;
	struct err err;

	assert_works(fleet_hosts_add(&f, list, &err), err);
	for (size_t i = 0; i < f.nodes; i++)
		buf_addf(&found, "%s%s", i ? " " : "", f.node[i].name);
	assert_string_equal(buf_str(&found), names);
	buf_release(&found);
	fleet_release(&f);
}

static void refuse_hosts(const char *list, enum exit_code code, const char *complaint)
{
	struct fleet f = {0};
	struct err err;

	assert_fails(fleet_hosts_add(&f, list, &err), err, code, complaint);
	fleet_release(&f);
}

static void test_plain_hosts(void **state)
{
	char *before = strdup(getenv("PATH"));

	(void)state;
	/* No tool is asked. */
	setenv("PATH", "/nonexistent", 1);
	expect_hosts("lab", "lab");
	expect_hosts("b,a,,admin@far:2222,", "b a admin@far:2222");
	expect_hosts("[::1]:22,10.0.0.1", "[::1]:22 10.0.0.1");
	refuse_hosts("", EXIT_USAGE, "names no host");
	refuse_hosts(",,", EXIT_USAGE, "names no host");
	refuse_hosts("a,b,a", EXIT_USAGE, "--hosts: the node a is there twice");
	refuse_hosts("a,-oProxyCommand=x", EXIT_USAGE, "no name of a node");
	refuse_hosts("a b", EXIT_USAGE, "no name of a node");
	refuse_hosts("node[1-3]", EXIT_MACHINE, "install clustershell");
	setenv("PATH", before, 1);
	free(before);
}

/* A tool in its place, which says what it was asked. */
static void put_tool(const char *dir, const char *name, const char *text)
{
	char path[512];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
	assert_int_equal(chmod(path, 0755), 0);
}

static void test_ranges(void **state)
{
	char *dir = test_dir_make(), *before = strdup(getenv("PATH"));

	(void)state;
	setenv("PATH", dir, 1);
	put_tool(dir, "scontrol",
		 "#!/bin/sh\n[ \"$1 $2\" = 'show hostnames' ] && echo s1 && echo s2\n");
	expect_hosts("node[1-2],big", "s1 s2 big");
	refuse_hosts("-x[1-2]", EXIT_USAGE, "is no list of hosts for scontrol");
	/* As Slurm 22.05 says them. */
	put_tool(dir, "scontrol", "#!/bin/sh\necho 'Invalid hostlist: n[3-1]'\n");
	refuse_hosts("n[3-1]", EXIT_USAGE, "for scontrol: Invalid hostlist");
	put_tool(dir, "scontrol", "#!/bin/sh\necho 'n]'\n");
	refuse_hosts("n[1-", EXIT_USAGE, "\"n[1-\" is no list of hosts");
	put_tool(dir, "scontrol", "#!/bin/sh\necho 'fatal: no configuration source'\nexit 1\n");
	refuse_hosts("n[1-2]", EXIT_MACHINE, "install clustershell");
	put_tool(dir, "nodeset",
		 "#!/bin/sh\n[ \"$1 $2 $4\" = '-e -S --' ] && printf "
		 "\"x${5%%[*}\\ny${5%%[*}\\n\"\n");
	/* A comma in brackets parts nothing; nodeset comes first. */
	expect_hosts("big,n[1,3-4],@all", "big xn yn x@all y@all");
	put_tool(dir, "nodeset", "#!/bin/sh\necho 'Parse error: no such group' >&2\nexit 1\n");
	refuse_hosts("@nobody", EXIT_USAGE, "no such group");
	put_tool(dir, "nodeset", "#!/bin/sh\necho ../../etc\n");
	refuse_hosts("n[1-2]", EXIT_USAGE, "no name of a node");
	put_tool(dir, "nodeset", "#!/bin/sh\n");
	refuse_hosts("n[1-2]", EXIT_USAGE, "names no host");
	setenv("PATH", before, 1);
	free(before);
	test_dir_remove(dir);
}

/* ---- what a node is asked ---- */

static void test_request(void **state)
{
	struct words said = WORDS_INIT, heard = WORDS_INIT;
	struct buf line = BUF_INIT;
	struct err err;
	bool image = false;

	(void)state;
	assert_works(words_add(&said, &err, "run"), err);
	assert_works(words_add(&said, &err, "--command=a 'b' \"c\"\n\xff"), err);
	assert_works(node_request_add(&said, true, &line, &err), err);
	assert_ptr_equal(strchr(buf_str(&line), '\n'), buf_str(&line) + line.len - 1);
	assert_works(node_request_read(buf_str(&line), &heard, &image, &err), err);
	assert_true(image);
	assert_int_equal(heard.count, 2);
	assert_string_equal(heard.item[1], said.item[1]);
	words_release(&heard);
	assert_fails(node_request_read("{", &heard, &image, &err), err, EXIT_USAGE, "request");
	assert_fails(node_request_read("{\"argv\": []}", &heard, &image, &err), err, EXIT_USAGE,
		     "request");
	assert_fails(node_request_read("{\"argv\": [7]}", &heard, &image, &err), err, EXIT_USAGE,
		     "no word");
	words_release(&heard);
	words_release(&said);
	buf_release(&line);
}

/* ---- the plan ---- */

static bool has_word(const struct words *w, const char *word)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->item[i], word) == 0)
			return true;
	return false;
}

static struct fleet asked(const char *const *options)
{
	struct fleet f = {0};
	struct err err = {0};

	f.run_options = fleet_plan_options(options, &err);
	if (!f.run_options)
		fail_msg("%s", err.text);
	return f;
}

static void test_plan(void **state)
{
	static const char *const options[] = {"--layers", "bare",   "--workloads=nop",
					      "--rounds", "7",	    "--quiet",
					      "--seed=5", "--json", NULL};
	struct fleet_plan p = FLEET_PLAN_INIT;
	struct fleet f = asked(options);
	struct err err;

	(void)state;
	assert_works(fleet_plan_make(&p, &f, &err), err);
	assert_false(p.needs_pilot);
	assert_null(p.image.dir);
	assert_int_equal(f.rounds, 7);
	assert_int_equal(f.boots, 1);
	assert_true(f.batches > 0);
	assert_true(f.seed == 5);
	assert_string_equal(p.words.item[0], "run");
	assert_true(has_word(&p.words, "--rounds=7") && has_word(&p.words, "--seed=5") &&
		    has_word(&p.words, "--layers") && has_word(&p.words, "bare"));
	assert_false(has_word(&p.words, "--json") || has_word(&p.words, "7"));
	fleet_plan_release(&p);
	fleet_release(&f);
}

/* What the pilot says are numbers, not words. */
static void test_pilot(void **state)
{
	static const char *const options[] = {"--layers", "bare", "--workloads=nop", "--budget=10m",
					      NULL};
	struct manifest m = {.run = "r", .boots = 2, .rounds = 9, .batches = 4};
	struct fleet_plan p = FLEET_PLAN_INIT;
	struct fleet f = asked(options);
	char *dir = test_dir_make(), path[512];
	struct err err;

	(void)state;
	assert_works(fleet_plan_make(&p, &f, &err), err);
	assert_true(p.needs_pilot && has_word(&p.words, "--budget=10m"));
	assert_true(f.seed > 0 && !f.rounds);
	assert_fails(fleet_plan_settle(&p, &f, dir, "a", &err), err, EXIT_USAGE, "manifest.json");
	snprintf(path, sizeof(path), "%s/a", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	m.rounds = 0;
	assert_works(manifest_save(path, &m, &err), err);
	assert_fails(fleet_plan_settle(&p, &f, dir, "a", &err), err, EXIT_MACHINE,
		     "the run of a does not say");
	m.rounds = 1000000;
	assert_works(manifest_save(path, &m, &err), err);
	assert_fails(fleet_plan_settle(&p, &f, dir, "a", &err), err, EXIT_MACHINE,
		     "the run of a does not say");
	assert_true(p.needs_pilot);
	m.rounds = 9;
	assert_works(manifest_save(path, &m, &err), err);
	assert_works(fleet_plan_settle(&p, &f, dir, "a", &err), err);
	assert_false(p.needs_pilot || has_word(&p.words, "--budget=10m"));
	assert_true(has_word(&p.words, "--boots=2") && has_word(&p.words, "--rounds=9") &&
		    has_word(&p.words, "--batches=4"));
	fleet_plan_release(&p);
	/* Resumed: no pilot any more. */
	assert_works(fleet_plan_make(&p, &f, &err), err);
	assert_false(p.needs_pilot);
	assert_true(has_word(&p.words, "--rounds=9"));
	fleet_plan_release(&p);
	fleet_release(&f);
	test_dir_remove(dir);
}

static void test_bad_options(void **state)
{
	static const struct {
		const char *const options[4];
		const char *complaint;
	} bad[] = {
		{{"--rounds=0"}, "--rounds"},
		{{"--layers", "nothing"}, "nothing"},
		{{"--layers=bare", "--out=x"}, "--out"},
		{{"--ab", "a", "b"}, "--ab"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fleet_plan p = FLEET_PLAN_INIT;
		struct fleet f = asked(bad[i].options);

		assert_fails(fleet_plan_make(&p, &f, &err), err, EXIT_USAGE, bad[i].complaint);
		fleet_plan_release(&p);
		fleet_release(&f);
	}
}

/* ---- results ---- */

struct stream {
	struct buf bytes;
};

static int gather(void *ctx, const void *data, size_t len, struct err *err)
{
	struct stream *s = ctx;

	buf_add(&s->bytes, data, len);
	return 0;
}

/* A run directory as a node sends it. */
static void make_stream(struct stream *s, const char *dir, uint64_t seed, const char *hash)
{
	static const char *const files[] = {"manifest.json", "samples.csv", "evidence/L1.txt"};
	struct manifest m = {.run = "run-1", .seed = seed, .boots = 1, .rounds = 1, .batches = 1};
	struct payload p = {.count = 0};
	char path[600];
	struct err err;

	facts_set(&m.hashes, "nestkernel_sha256", "%s", hash);
	assert_works(file_make_dirs(dir, &err), err);
	assert_works(manifest_save(dir, &m, &err), err);
	snprintf(path, sizeof(path), "%s/evidence", dir);
	assert_works(file_make_dirs(path, &err), err);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		if (i)
			assert_works(file_write_whole(path, "some rows\n", i == 1 ? 10 : 0, &err),
				     err);
		assert_works(payload_add(&p, path, files[i], &err), err);
	}
	buf_clear(&s->bytes);
	assert_works(payload_send(&p, gather, s, &err), err);
	manifest_release(&m);
}

static int take(const char *dir, const struct stream *s, size_t len, size_t chunk, struct err *err)
{
	struct collect c;
	struct err ignored;
	int done = collect_begin(&c, dir, "a", err);

	for (size_t at = 0; done == 0 && at < len; at += chunk)
		done = collect_take(&c, s->bytes.data + at, len - at < chunk ? len - at : chunk,
				    err);
	if (collect_end(&c, done < 0 ? &ignored : err) < 0)
		done = -1;
	return done;
}

static void test_results(void **state)
{
	char *dir = test_dir_make(), from[512], path[600], run[MANIFEST_NAME];
	struct stream s = {BUF_INIT};
	struct fleet f = {.seed = 5};
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	snprintf(from, sizeof(from), "%s/from", dir);
	facts_set(&f.hashes, "nestkernel_sha256", "abc");
	for (size_t chunk = 1; chunk < 1500; chunk = chunk * 3 + 1) {
		make_stream(&s, from, 5, "abc");
		assert_works(take(dir, &s, s.bytes.len, chunk, &err), err);
		assert_works(collect_accept(dir, &f, "a", run, &err), err);
		assert_string_equal(run, "run-1");
		snprintf(path, sizeof(path), "%s/a/samples.csv", dir);
		buf_clear(&text);
		assert_works(file_read(path, 100, &text, &err), err);
		assert_string_equal(buf_str(&text), "some rows\n");
		assert_true(file_exists("%s/a/evidence/L1.txt", dir));
		assert_false(file_exists("%s/.a", dir));
	}
	for (size_t len = 0; len < s.bytes.len; len += 512)
		assert_fails(take(dir, &s, len, 512, &err), err, EXIT_MACHINE, "broke off");
	make_stream(&s, from, 6, "abc");
	assert_works(take(dir, &s, s.bytes.len, 4096, &err), err);
	assert_fails(collect_accept(dir, &f, "a", run, &err), err, EXIT_MACHINE,
		     "the seed of its run");
	make_stream(&s, from, 5, "other");
	assert_works(take(dir, &s, s.bytes.len, 4096, &err), err);
	assert_fails(collect_accept(dir, &f, "a", run, &err), err, EXIT_MACHINE, "nestkernel");
	/* The good one is still there. */
	assert_true(file_exists("%s/a/samples.csv", dir));
	buf_release(&text);
	buf_release(&s.bytes);
	fleet_release(&f);
	test_dir_remove(dir);
}

static void test_names_of_files(void **state)
{
	static const char *const good[] = {"samples.csv", "evidence/L1-console.txt", "a/b", "A1"};
	static const char *const bad[] = {"",	     "/",    "/etc/passwd", "../x", "a/../b",
					  ".hidden", "a/.b", "a/b/c",	    "a//b", "a/",
					  "-x",	     "a b",  "a\nb",	    "a\\b"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(unpack_name_fits(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (unpack_name_fits(bad[i]))
			fail_msg("\"%s\" is taken", bad[i]);
}

/* ---- the files of a node ---- */

static void test_files(void **state)
{
	char *dir = test_dir_make(), place[512], path[600];
	struct fleet_files f = {.payload = {.count = 0}};
	struct stat st, again;
	struct err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/tool", dir);
	put_tool(dir, "tool", "#!/bin/sh\n");
	assert_works(payload_add(&f.payload, path, "nestbench", &err), err);
	assert_works(payload_add(&f.payload, path, "spare/lib.so", &err), err);
	for (size_t i = 0; i < 2; i++)
		assert_works(file_sha256(path, f.sha256[i], &err), err);
	snprintf(place, sizeof(place), "%s/there", dir);
	assert_works(fleet_files_place(&f, place, &err), err);
	snprintf(path, sizeof(path), "cd %s && sha256sum -c --quiet " FLEET_SUMS, place);
	{
		const char *const argv[] = {"sh", "-c", path, NULL};
		struct buf out = BUF_INIT;

		assert_works(child_run(argv, NULL, NULL, 20 * NS_PER_S, &out, &err), err);
		buf_release(&out);
	}
	snprintf(path, sizeof(path), "%s/spare/lib.so", place);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* Complete: nothing is made anew. */
	assert_works(fleet_files_place(&f, place, &err), err);
	assert_int_equal(stat(path, &again), 0);
	assert_true(st.st_ino == again.st_ino);
	f.sha256[1][0] = f.sha256[1][0] == 'f' ? '0' : 'f';
	assert_works(fleet_files_place(&f, place, &err), err);
	assert_int_equal(stat(path, &again), 0);
	assert_true(st.st_ino != again.st_ino);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_hosts), cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_request),	    cmocka_unit_test(test_plan),
		cmocka_unit_test(test_pilot),	    cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_results),	    cmocka_unit_test(test_names_of_files),
		cmocka_unit_test(test_files),
	};

	config_know(commands);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
