/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"
#include "results/summary/summary.h"

static void write_in(const char *dir, const char *name, const char *text)
{
	char path[RUNDIR_PATH];
	struct err err;

	assert_works(rundir_path(dir, name, path, &err), err);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static void test_create(void **state)
{
	char *dir = test_dir_make(), path[RUNDIR_PATH], below[RUNDIR_PATH];
	struct err err;

	(void)state;
	assert_works(rundir_path(dir, "a", path, &err), err);
	assert_works(rundir_path(path, "b", below, &err), err);
	assert_works(rundir_create(below, &err), err);
	assert_works(rundir_create(below, &err), err); /* empty: fine */
	assert_fails(rundir_create(path, &err), err, EXIT_USAGE, "not empty (it holds \"b\")");
	assert_fails(rundir_open(below, &err), err, EXIT_USAGE, "samples.csv");
	write_in(below, "samples.csv", "");
	assert_works(rundir_open(below, &err), err);
	assert_fails(rundir_create(below, &err), err, EXIT_USAGE, "name a new one");
	write_in(dir, "file", "");
	assert_works(rundir_path(dir, "file", path, &err), err);
	assert_fails(rundir_create(path, &err), err, EXIT_USAGE, "file");
	assert_fails(rundir_open(path, &err), err, EXIT_USAGE, "not a directory");
	assert_works(rundir_path(path, "below", below, &err), err);
	assert_fails(rundir_create(below, &err), err, EXIT_USAGE, "file");
	assert_fails(rundir_create("/proc/nestbench", &err), err, EXIT_USAGE, "/proc/nestbench");
	assert_fails(rundir_create("/sys", &err), err, EXIT_USAGE, "/sys");
	assert_fails(rundir_open("/nonexistent", &err), err, EXIT_USAGE, "/nonexistent");
	test_dir_remove(dir);
}

static void test_long_path(void **state)
{
	char name[RUNDIR_PATH + 10], path[RUNDIR_PATH];
	struct err err;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_fails(rundir_path(name, "a", path, &err), err, EXIT_USAGE, "longer than");
	assert_fails(rundir_create(name, &err), err, EXIT_USAGE, "directory");
}

static struct manifest full_manifest(void)
{
	static const char *const command[] = {"nestbench", "run", "--out", "a \"b\" \\ \xff", NULL};
	struct manifest m = {
		.run = "run-1",
		.host = "lab",
		.profile = "quick",
		.mode = "shape",
		.started = "2026-01-31T12:00:00Z",
		.state = RUN_RUNNING,
		.seed = INT64_MAX,
		.depth = 2,
		.boots = 3,
		.rounds = 6,
		.batches = 5,
		.host_is_vm = true,
	};
	struct err err;

	assert_works(manifest_set_command(&m, command, &err), err);
	assert_works(manifest_add_job(&m, "nop", "", 1, &err), err);
	assert_works(manifest_add_job(&m, "mem.chase", "size=64MiB pages=4k", 2, &err), err);
	facts_set(&m.versions, "nestbench", "0.1.0");
	facts_set(&m.hashes, "image", "abc");
	facts_set(&m.more, "note", "anything");
	return m;
}

static void test_manifest_round_trip(void **state)
{
	struct manifest m = full_manifest(), back = {0};
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(manifest_load(dir, &back, &err), err);
	assert_string_equal(back.run, "run-1");
	assert_string_equal(back.host, "lab");
	assert_string_equal(back.profile, "quick");
	assert_string_equal(back.mode, "shape");
	assert_string_equal(back.started, "2026-01-31T12:00:00Z");
	assert_string_equal(back.ended, "");
	assert_int_equal(back.state, RUN_RUNNING);
	assert_true(back.seed == INT64_MAX);
	assert_int_equal(back.depth, 2);
	assert_int_equal(back.boots, 3);
	assert_int_equal(back.rounds, 6);
	assert_int_equal(back.batches, 5);
	assert_true(back.host_is_vm);
	assert_string_equal(back.command[2], "--out");
	assert_string_equal(back.command[3], m.command[3]); /* byte for byte */
	assert_null(back.command[4]);
	assert_int_equal(back.jobs, 2);
	assert_string_equal(back.job[1].workload, "mem.chase");
	assert_string_equal(back.job[1].params, "size=64MiB pages=4k");
	assert_int_equal(back.job[1].threads, 2);
	assert_string_equal(facts_get(&back.versions, "nestbench"), "0.1.0");
	assert_string_equal(facts_get(&back.hashes, "image"), "abc");
	assert_string_equal(facts_get(&back.more, "note"), "anything");
	manifest_release(&back);
	manifest_release(&m);
	test_dir_remove(dir);
}

/* A run of an older version that this one marks as interrupted keeps the older format. */
static void test_manifest_of_format_1(void **state)
{
	struct manifest m = full_manifest(), back = {0};
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	m.format = 1;
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(manifest_load(dir, &back, &err), err);
	assert_int_equal(back.format, 1);
	manifest_release(&back);
	m.format = 0;
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(manifest_load(dir, &back, &err), err);
	assert_int_equal(back.format, MANIFEST_FORMAT);
	manifest_release(&back);
	manifest_release(&m);
	test_dir_remove(dir);
}

/* Members that a later version has added survive being loaded and saved by this one. */
static void test_manifest_unknown_members(void **state)
{
	struct manifest m = full_manifest(), back = {0};
	struct buf text = BUF_INIT, later = BUF_INIT;
	char *dir = test_dir_make(), path[RUNDIR_PATH];
	struct err err;

	(void)state;
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(rundir_path(dir, MANIFEST_FILE, path, &err), err);
	assert_works(file_read(path, 1 << 20, &text, &err), err);
	buf_addf(&later, "{\"budget\": {\"s\": 600},%s", text.data + 1);
	write_in(dir, MANIFEST_FILE, buf_str(&later));
	assert_works(manifest_load(dir, &back, &err), err);
	back.state = RUN_COMPLETE;
	assert_works(manifest_save(dir, &back, &err), err);
	buf_clear(&text);
	assert_works(file_read(path, 1 << 20, &text, &err), err);
	assert_non_null(strstr(buf_str(&text), "\"budget\""));
	assert_non_null(strstr(buf_str(&text), "\"complete\""));
	buf_release(&text);
	buf_release(&later);
	manifest_release(&back);
	manifest_release(&m);
	test_dir_remove(dir);
}

/* Replaces the first `old` in text, which must be there. */
static char *replaced(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *out = NULL;

	assert_non_null(at);
	assert_true(asprintf(&out, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) >= 0);
	return out;
}

static void test_bad_manifests(void **state)
{
	static const struct {
		const char *old, *new, *said;
	} cases[] = {
		{"\"format\": 2", "\"format\": 3", "this version of nestbench reads 1 to 2"},
		{"\"format\": 2", "\"format\": 0", "this version of nestbench reads 1 to 2"},
		{"\"format\": 2", "\"format\": \"1\"", "\"format\" is \"1\" instead"},
		{"\"run\": \"run-1\"", "\"run\": 7", "\"run\" is 7 instead"},
		{"\"run\": \"run-1\"", "\"run\": \"a\\nb\"", "\"run\" is \"a\\nb\" instead"},
		{"\"run\": \"run-1\"", "\"run\": \"a\\u001b[2J\"", "\"run\" is \"a\\u001B[2J\""},
		{"\"run\"", "\"runs\"", "\"run\" is missing"},
		{"\"depth\": 2", "\"depth\": 64", "\"depth\" is 64 instead of a whole"},
		{"\"depth\": 2", "\"depth\": -1", "whole number from 0 to 63"},
		{"\"depth\": 2", "\"depth\": 2.5", "\"depth\""},
		{"\"depth\": 2", "\"depth\": 1e400", "manifest.json:"},
		{"\"seed\": 9", "\"seed\": 99", "manifest.json:"},
		{"true", "1", "true or false"},
		{"\"running\"", "\"walking\"", "one of running, complete and interrupted"},
		{"\"shape\"", "\"Shape\"",
		 "\"mode\" is \"Shape\" instead of one of shape and share"},
		{"\"--out\"", "[]", "\"command\" is [] instead of a word"},
		{"\"seed\": 9", "\"seed\": 99999999999999999999, \"s\": 9", "manifest.json:"},
		{"\"depth\": 2", "\"depth\": NaN", "manifest.json:"},
		{"\"nop\"", "null", "job 1 of the plan: \"workload\""},
		{"\"abc\"", "{}", "\"hashes\""},
		{"{", "[", "manifest.json:"},
		{"{", "{\"run\": \"twice\",", "manifest.json:"},
	};
	struct manifest m = full_manifest(), back = {0};
	char *dir = test_dir_make(), path[RUNDIR_PATH];
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	assert_fails(manifest_load(dir, &back, &err), err, EXIT_USAGE, MANIFEST_FILE);
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(rundir_path(dir, MANIFEST_FILE, path, &err), err);
	assert_works(file_read(path, 1 << 20, &text, &err), err);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *bad = replaced(text.data, cases[i].old, cases[i].new);

		write_in(dir, MANIFEST_FILE, bad);
		assert_fails(manifest_load(dir, &back, &err), err, EXIT_USAGE, cases[i].said);
		assert_null(back.command);
		free(bad);
	}
	for (size_t cut = 0; cut + 2 < text.len; cut += 7) { /* cut anywhere: an error, no crash */
		char saved = text.data[cut];

		text.data[cut] = '\0';
		write_in(dir, MANIFEST_FILE, text.data);
		text.data[cut] = saved;
		assert_int_equal(manifest_load(dir, &back, &err), -1);
	}
	write_in(dir, MANIFEST_FILE, "[1]");
	assert_fails(manifest_load(dir, &back, &err), err, EXIT_USAGE, "not a JSON object");
	m.seed = UINT64_MAX;
	assert_fails(manifest_save(dir, &m, &err), err, EXIT_USAGE, "seed");
	m.seed = 1;
	assert_int_equal(manifest_save("/nonexistent", &m, &err), -1);
	buf_release(&text);
	manifest_release(&m);
	test_dir_remove(dir);
}

/* An editor puts a mark before the text, and a CR before each LF. */
static void test_manifest_of_an_editor(void **state)
{
	struct manifest m = full_manifest(), back = {0};
	struct buf text = BUF_INIT, edited = BUF_INIT;
	char *dir = test_dir_make(), path[RUNDIR_PATH];
	struct err err;

	(void)state;
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(rundir_path(dir, MANIFEST_FILE, path, &err), err);
	assert_works(file_read(path, 1 << 20, &text, &err), err);
	buf_addstr(&edited, "\xef\xbb\xbf");
	for (size_t i = 0; i < text.len; i++)
		buf_addf(&edited, "%s%c", text.data[i] == '\n' ? "\r" : "", text.data[i]);
	write_in(dir, MANIFEST_FILE, buf_str(&edited));
	assert_works(manifest_load(dir, &back, &err), err);
	assert_string_equal(back.run, m.run);
	assert_string_equal(back.command[3], m.command[3]);
	buf_release(&text);
	buf_release(&edited);
	manifest_release(&back);
	manifest_release(&m);
	test_dir_remove(dir);
}

static void test_now(void **state)
{
	char text[MANIFEST_TIME];

	(void)state;
	manifest_now(text);
	assert_int_equal(strlen(text), strlen("2026-01-31T12:00:00Z"));
	assert_int_equal(text[10], 'T');
	assert_int_equal(text[19], 'Z');
}

static void test_layers(void **state)
{
	char *dir = test_dir_make(), *longer = malloc(5001);
	struct facts facts = FACTS_INIT, bad = FACTS_INIT, none = FACTS_INIT;
	struct layers layers = {0};
	struct damage damage = {0};
	struct err err;

	(void)state;
	memset(longer, 'v', 5000);
	longer[5000] = '\0';
	assert_works(layers_read(dir, &layers, &damage, &err), err); /* no file: no layers */
	assert_int_equal(layers.count, 0);
	facts_set(&facts, "accel", "kvm");
	facts_set(&facts, "cpu_model", "A, \"B\" C ");
	facts_set(&facts, "long", "%s", longer);
	assert_works(layers_append(dir, "r", 1, 0, &facts, &err), err);
	facts_set(&facts, "accel", "tcg");
	assert_works(layers_append(dir, "r", 1, 1, &facts, &err), err);
	assert_works(layers_append(dir, "r", 1, 0, &facts, &err),
		     err); /* said again: the later wins */
	assert_works(layers_append(dir, "r", 2, 1, &none, &err), err);
	facts_set(&bad, "Bad Key", "x");
	assert_fails(layers_append(dir, "r", 1, 1, &bad, &err), err, EXIT_INTERNAL, "Bad Key");
	assert_fails(layers_append("/nonexistent", "r", 1, 1, &facts, &err), err, EXIT_USAGE,
		     "layers.csv");
	assert_works(layers_read(dir, &layers, &damage, &err), err);
	assert_int_equal(damage.count, 0);
	assert_int_equal(layers.count, 2);
	assert_string_equal(layers_get(&layers, 1, 0, "accel"), "tcg");
	assert_string_equal(layers_get(&layers, 1, 1, "cpu_model"), "A, \"B\" C ");
	assert_int_equal(strlen(layers_get(&layers, 1, 1, "long")), 4095);
	assert_non_null(strstr(layers_get(&layers, 1, 1, "long"), "v (cut)"));
	assert_null(layers_get(&layers, 1, 1, "other"));
	assert_null(layers_get(&layers, 2, 1, "accel"));
	layers_release(&layers);
	facts_release(&facts);
	facts_release(&bad);
	free(longer);
	test_dir_remove(dir);
}

static void test_damaged_layers(void **state)
{
	char *dir = test_dir_make();
	struct layers layers = {0};
	struct damage damage = {0};
	struct err err;

	(void)state;
	write_in(dir, LAYERS_FILE,
		 LAYERS_HEADER "\nr,1,0,accel,none\nr,1,0,,x\nr,1,64,accel,kvm\n,1,0,a,b\n"
			       "r,1,0,Accel,x\nr,1\nr,1,1,accel,tcg\nr,1,2,acc");
	assert_works(layers_read(dir, &layers, &damage, &err), err);
	assert_int_equal(layers.count, 2);
	assert_int_equal(damage.count, 6);
	assert_true(damage.torn);
	assert_non_null(strstr(damage.text[0], "layers.csv:3: key"));
	assert_string_equal(layers_get(&layers, 1, 1, "accel"), "tcg");
	layers_release(&layers);
	/* A run can be read even with another header, or none. */
	damage = (struct damage){0};
	write_in(dir, LAYERS_FILE, "rum,boot,layer,key,value\nr,1,0,accel,none\n");
	assert_works(layers_read(dir, &layers, &damage, &err), err);
	assert_int_equal(damage.count, 1);
	assert_non_null(strstr(damage.text[0],
			       "layers.csv:1: the header has no column \"run\"; its column 1 "
			       "is \"rum\""));
	assert_string_equal(layers_get(&layers, 1, 0, "accel"), "none");
	layers_release(&layers);
	/* A spreadsheet's file is read by the names of its columns. */
	damage = (struct damage){0};
	write_in(dir, LAYERS_FILE,
		 "\xef\xbb\xbf\"value\",note,\"run\",layer,key,boot,,\r\n"
		 "\"a, b\",mine,r,0,accel,1,,\r\nx,,r,0,kernel,1,,more\r\n");
	assert_works(layers_read(dir, &layers, &damage, &err), err);
	assert_string_equal(layers_get(&layers, 1, 0, "accel"), "a, b");
	assert_null(layers_get(&layers, 1, 0, "kernel"));
	assert_int_equal(damage.count, 1);
	assert_string_equal(damage.text[0], "layers.csv:3: 8 fields instead of 6");
	layers_release(&layers);
	damage = (struct damage){0};
	write_in(dir, LAYERS_FILE, "run,bo");
	assert_works(layers_read(dir, &layers, &damage, &err), err);
	assert_int_equal(layers.count, 0);
	assert_int_equal(damage.count, 1);
	assert_true(damage.torn);
	layers_release(&layers);
	test_dir_remove(dir);
}

static void assert_mode(const char *dir, const char *name, mode_t mode)
{
	char path[RUNDIR_PATH];
	struct stat st;
	struct err err;

	assert_works(rundir_path(dir, name, path, &err), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
}

/* Command lines and reasons may hold secrets: no other user may read them. */
static void test_only_the_user_can_read(void **state)
{
	char *top = test_dir_make(), dir[RUNDIR_PATH];
	struct csv_writer rows;
	struct manifest m = {.run = "r", .seed = 1};
	struct facts facts = FACTS_INIT;
	struct summary s = {0};
	mode_t mask = umask(0);
	struct err err;

	(void)state;
	assert_works(rundir_path(top, "run", dir, &err), err);
	assert_works(rundir_create(dir, &err), err);
	assert_works(manifest_save(dir, &m, &err), err);
	assert_works(rows_writer_open(&rows, dir, &err), err);
	assert_works(csv_writer_close(&rows, &err), err);
	facts_set(&facts, "kernel", "6.1");
	assert_works(layers_append(dir, "r", 1, 0, &facts, &err), err);
	facts_release(&facts);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(summary_write(dir, &s, &err), err);
	summary_release(&s);
	umask(mask);
	assert_mode(dir, "", 0700);
	assert_mode(dir, SUMMARY_FILE, 0600);
	assert_mode(dir, CLASSES_FILE, 0600);
	assert_mode(dir, MANIFEST_FILE, 0600);
	assert_mode(dir, ROWS_FILE, 0600);
	assert_mode(dir, LAYERS_FILE, 0600);
	test_dir_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_long_path),
		cmocka_unit_test(test_manifest_round_trip),
		cmocka_unit_test(test_manifest_of_format_1),
		cmocka_unit_test(test_manifest_unknown_members),
		cmocka_unit_test(test_bad_manifests),
		cmocka_unit_test(test_manifest_of_an_editor),
		cmocka_unit_test(test_now),
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_damaged_layers),
		cmocka_unit_test(test_only_the_user_can_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
