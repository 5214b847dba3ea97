/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/history/history.h"
#include "results/rundir/layers.h"
#include "results/rundir/rundir.h"
#include "tests/results/make_exits.h"

static double slower;
static int new_qemu = 11; /* from which day on */

static bool slow_l1(struct row *row)
{
	if (row->layer == 1 && strcmp(row->workload, "mem.fault") == 0)
		row->sample.elapsed_ns = (uint64_t)((double)row->sample.elapsed_ns * slower);
	return true;
}

/* A run of its own name and day below dir; from day 11 on with another QEMU, and slower. */
static void make_day(const char *dir, int day, char path[4096])
{
	struct made_run run = MADE_RUN;
	struct manifest m = {0};
	struct facts facts = FACTS_INIT;
	struct err err = {0};
	char name[16];

	/* Runs differ a little, as they do. */
	slower = (day > 10 ? 1.2 : 1) * (1 + 0.003 * (day * 7 % 5));
	run.edit = slow_l1;
	run.name = name;
	snprintf(name, sizeof(name), "day-%02d", day);
	snprintf(path, 4096, "%s/run-%02d", dir, day);
	assert_works(file_make_dirs(path, &err), err);
	assert_works(make_run(path, &run, &err), err);
	assert_works(manifest_load(path, &m, &err), err);
	snprintf(m.started, sizeof(m.started), "2026-01-%02dT12:00:00Z", day);
	assert_works(manifest_save(path, &m, &err), err);
	manifest_release(&m);
	facts_set(&facts, "qemu", "%s", day >= new_qemu ? "8.0" : "7.2");
	facts_set(&facts, "load1", "%d", day);
	if (day >= new_qemu)
		facts_set(&facts, "not_honoured", "no pinning");
	assert_works(layers_append(path, name, 1, 1, &facts, &err), err);
	facts_release(&facts);
}

static struct history *open_db(const char *dir)
{
	char path[4096];
	struct err err = {0};
	struct history *h;

	snprintf(path, sizeof(path), "%s/history.db", dir);
	h = history_open(path, true, &err);
	if (!h)
		fail_msg("%s", err.text);
	return h;
}

/* What the last add said. */
static char said[1024];

static int try_add(struct history *h, const char *path, bool force, struct err *err)
{
	struct history_added added;
	struct buf text = BUF_INIT;
	int rc = history_add(h, path, force, &added, err);

	if (rc == 0)
		history_added_format(&added, &text);
	snprintf(said, sizeof(said), "%s", buf_str(&text));
	buf_release(&text);
	return rc;
}

static void add(struct history *h, const char *path)
{
	struct err err;

	assert_works(try_add(h, path, false, &err), err);
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; (text = strchr(text, '\n')); text++)
		lines++;
	return lines;
}

static void test_add_list_show(void **state)
{
	char *dir = test_dir_make(), path[4096];
	struct history *h = open_db(dir);
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_works(history_list(h, &out, &err), err);
	assert_string_equal(buf_str(&out), "");
	for (int day = 3; day >= 1; day--) {
		make_day(dir, day, path);
		add(h, path);
	}
	assert_non_null(strstr(said, "added "));
	add(h, path);
	assert_non_null(strstr(said, "was added before, with the same rows"));
	assert_works(history_list(h, &out, &err), err);
	assert_int_equal(count_lines(buf_str(&out)), 3);
	assert_int_equal(strncmp(buf_str(&out), "2026-01-01T12:00:00Z  day-01", 28), 0);
	history_close(h);
	/* It is all on disk. */
	h = open_db(dir);
	buf_clear(&out);
	assert_works(history_show(h, "day-02", &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "started: 2026-01-02T12:00:00Z"));
	assert_non_null(strstr(buf_str(&out), "machine: lab, Made-up CPU, \"2 cores\", ? CPUs"));
	assert_non_null(
		strstr(buf_str(&out), "stack: shape none tcg kvm, L2: ? vCPUs, nestkernel ?\n"));
	assert_non_null(strstr(buf_str(&out), "versions: nestbench 0.1.0, L1 qemu 7.2\n"));
	assert_non_null(strstr(buf_str(&out), "exit.cpuid L2/L1: ×22.8"));
	assert_non_null(strstr(buf_str(&out), "L1 qemu: 7.2"));
	assert_fails(history_show(h, "day-09", &out, &err), err, EXIT_USAGE, "no run \"day-09\"");
	history_close(h);
	buf_release(&out);
	test_dir_remove(dir);
}

static void test_trend(void **state)
{
	const struct history_filter mem = {.workload = "mem.*", .layer = 1};
	char *dir = test_dir_make(), path[4096];
	struct history *h = open_db(dir);
	struct history_trend t;
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	for (int day = 1; day <= 20; day++) {
		make_day(dir, day, path);
		add(h, path);
	}
	assert_works(history_trend(h, &mem, &t, &err), err);
	/* Three workloads, each with its cost in L1 and L1/L0. */
	assert_int_equal(t.count, 6);
	for (size_t i = 0; i < t.count; i++) {
		const struct history_series *s = &t.series[i];

		assert_int_equal(s->points, 20);
		assert_int_equal(s->changes, strcmp(s->workload, "mem.fault") == 0);
		if (!s->changes)
			continue;
		assert_int_equal(s->change[0].at, 10);
		assert_string_equal(s->point[s->change[0].at].run, "day-11");
		assert_close(s->change[0].after / s->change[0].before, 1.2, 0.01);
	}
	assert_works(history_trend_format(h, &t, true, &out, &err), err);
	assert_golden("results/golden/trend.txt", buf_str(&out));
	history_trend_release(&t);
	history_close(h);
	buf_release(&out);
	test_dir_remove(dir);
}

static int exits_of_day;
static char day_name[16];

/* One more CPUID in 100 operations from day 11 on. */
static bool plant(struct exit_row *row)
{
	row->run = day_name;
	if (exits_of_day > 10 && strcmp(row->reason, "cpuid") == 0 &&
	    strcmp(row->workload, "exit.cpuid") == 0 && row->ops > 100)
		row->count += row->ops / 100;
	return true;
}

/* Exits are kept, shown and searched; what follows time is not. */
static void test_exits(void **state)
{
	const struct history_filter cpuid = {.workload = "exit.cpuid", .layer = 2};
	const struct made_run run = MADE_RUN;
	char *dir = test_dir_make(), path[4096];
	struct history *h = open_db(dir);
	struct history_trend t;
	struct buf out = BUF_INIT;
	struct err err = {0};
	size_t found = 0;

	(void)state;
	for (int day = 1; day <= 20; day++) {
		make_day(dir, day, path);
		exits_of_day = day;
		snprintf(day_name, sizeof(day_name), "day-%02d", day);
		assert_works(make_exits(path, &run, made_exits, plant, &err), err);
		add(h, path);
	}
	assert_works(history_show(h, "day-02", &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "exit.cpuid L2 cpuid exits: 1/op ["));
	assert_non_null(strstr(buf_str(&out), "exit.cpuid L1 VMREAD exits (work in L2): 5/op ["));
	assert_null(strstr(buf_str(&out), "interrupt exits"));
	assert_works(history_trend(h, &cpuid, &t, &err), err);
	for (size_t i = 0; i < t.count; i++) {
		const struct history_series *s = &t.series[i];

		assert_int_equal(s->points, 20);
		assert_int_equal(s->changes, s->reason && strcmp(s->reason, "cpuid") == 0);
		found += s->changes;
		if (s->changes)
			assert_int_equal(s->change[0].at, 10);
		if (s->changes)
			assert_close(s->change[0].after, 1.01, 0.0005);
	}
	assert_int_equal(found, 1);
	buf_clear(&out);
	assert_works(history_trend_format(h, &t, false, &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "exit.cpuid L2 cpuid exits, 20 runs on"));
	history_trend_release(&t);
	history_close(h);
	buf_release(&out);
	test_dir_remove(dir);
}

/* The trend of mem.fault in L1 when QEMU changed on that day. */
static void trend_with_qemu_of(int day, struct buf *out)
{
	const struct history_filter fault = {.workload = "mem.fault", .layer = 1};
	char *dir = test_dir_make(), path[4096];
	struct history *h = open_db(dir);
	struct history_trend t;
	struct err err = {0};

	new_qemu = day;
	buf_clear(out);
	for (int i = 1; i <= 18; i++) {
		make_day(dir, i, path);
		add(h, path);
	}
	new_qemu = 11;
	assert_works(history_trend(h, &fault, &t, &err), err);
	assert_works(history_trend_format(h, &t, true, out, &err), err);
	history_trend_release(&t);
	history_close(h);
	test_dir_remove(dir);
}

/* The change of cost is seen from day 11 on, whatever the environment did. */
static void test_surroundings(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	trend_with_qemu_of(10, &out);
	assert_non_null(strstr(buf_str(&out), "from run day-11 on"));
	assert_non_null(strstr(buf_str(&out), "a run earlier, with day-10:\n"
					      "      L1 not_honoured: (not known) -> no pinning\n"
					      "      L1 qemu: 7.2 -> 8.0\n"));
	trend_with_qemu_of(12, &out);
	assert_non_null(strstr(buf_str(&out), "a run later, with day-12:\n"));
	trend_with_qemu_of(5, &out);
	assert_non_null(strstr(buf_str(&out), "nothing that was recorded changed"));
	buf_release(&out);
}

/* Adds what a machine and a stack are known by to a run. */
static void add_keys(const char *path, int day, const char *program, const char *memory,
		     const char *kernel)
{
	char name[16];
	struct facts l0 = FACTS_INIT, l2 = FACTS_INIT;
	struct err err = {0};

	snprintf(name, sizeof(name), "day-%02d", day);
	facts_set(&l0, "nestkernel_sha256", "%s", program);
	facts_set(&l2, "vcpus", "1");
	facts_set(&l2, "vm_memory_bytes", "%s", memory);
	/* What the kernel has left of it. */
	facts_set(&l2, "memory_bytes", "48%s000", kernel);
	facts_set(&l2, "kernel", "6.%s", kernel);
	assert_works(layers_append(path, name, 1, 0, &l0, &err), err);
	assert_works(layers_append(path, name, 1, 2, &l2, &err), err);
	facts_release(&l0);
	facts_release(&l2);
}

/* Another program, and another size of VM, make other series; another kernel does not. */
static void test_keys(void **state)
{
	static const char *const keys[][3] = {{"aaaaaaaaaaaaaaaa", "536870912", "1"},
					      {"aaaaaaaaaaaaaaaa", "536870912", "2"},
					      {"bbbbbbbbbbbbbbbb", "536870912", "1"},
					      {"aaaaaaaaaaaaaaaa", "1073741824", "1"}};
	const struct history_filter nop = {.workload = "nop", .layer = 0};
	char *dir = test_dir_make(), path[4096];
	struct history *h = open_db(dir);
	struct history_trend t;
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 4; i++) {
		make_day(dir, i + 1, path);
		add_keys(path, i + 1, keys[i][0], keys[i][1], keys[i][2]);
		add(h, path);
	}
	assert_works(history_trend(h, &nop, &t, &err), err);
	assert_int_equal(t.count, 3);
	assert_string_equal(t.series[0].stack,
			    "shape none tcg kvm, L2: 1 vCPUs, 1GiB, nestkernel aaaaaaaaaaaa");
	assert_int_equal(t.series[0].points, 1);
	assert_string_equal(t.series[1].stack,
			    "shape none tcg kvm, L2: 1 vCPUs, 512MiB, nestkernel aaaaaaaaaaaa");
	assert_int_equal(t.series[1].points, 2);
	assert_string_equal(t.series[2].stack,
			    "shape none tcg kvm, L2: 1 vCPUs, 512MiB, nestkernel bbbbbbbbbbbb");
	assert_works(history_list(h, &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "nestbench 0.1.0, L1 qemu 7.2, L2 kernel 6.1\n"));
	history_trend_release(&t);
	history_close(h);
	buf_release(&out);
	test_dir_remove(dir);
}

static void run_sql(const char *dir, const char *sql)
{
	char path[4096];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/history.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* The table of figures before format 4. */
#define FIGURES_3                                                                                  \
	"CREATE TABLE old (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"                \
	" workload TEXT NOT NULL, params TEXT NOT NULL, threads INTEGER NOT NULL,"                 \
	" layer INTEGER NOT NULL, over INTEGER NOT NULL, unit TEXT NOT NULL, mid REAL NOT NULL,"   \
	" low REAL, high REAL, PRIMARY KEY (run, workload, params, threads, layer, over));"        \
	"INSERT INTO old SELECT run, workload, params, threads, layer, over, unit, mid, low, "     \
	"high "                                                                                    \
	"FROM figures; DROP TABLE figures; ALTER TABLE old RENAME TO figures;"

/* A database of an earlier version keeps its runs; one of a later version is left alone. */
static void test_formats(void **state)
{
	char *dir = test_dir_make(), path[4096], db[4096];
	struct history *h = open_db(dir);
	struct buf out = BUF_INIT;
	struct err err = {0};

	(void)state;
	make_day(dir, 1, path);
	add_keys(path, 1, "cccccccccccccccc", "1", "1");
	add(h, path);
	history_close(h);
	run_sql(dir, FIGURES_3
		"ALTER TABLE runs DROP COLUMN versions; ALTER TABLE runs DROP COLUMN rows;"
		"ALTER TABLE runs DROP COLUMN rows_hash; UPDATE runs SET stack = 'old';"
		"PRAGMA user_version = 1;");
	h = open_db(dir);
	assert_works(history_show(h, "day-01", &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "stack: old, nestkernel cccccccccccc\n"));
	assert_non_null(strstr(buf_str(&out), "exit.cpuid L2/L1: ×22.8"));
	add(h, path);
	assert_non_null(strstr(said, "added by an earlier nestbench"));
	history_close(h);
	run_sql(dir, FIGURES_3 "PRAGMA user_version = 3;");
	h = open_db(dir);
	buf_clear(&out);
	assert_works(history_show(h, "day-01", &out, &err), err);
	assert_non_null(strstr(buf_str(&out), "exit.cpuid L2/L1: ×22.8"));
	add(h, path);
	assert_non_null(strstr(said, "was added before, with the same rows"));
	history_close(h);
	run_sql(dir, "PRAGMA user_version = 5;");
	snprintf(db, sizeof(db), "%s/history.db", dir);
	assert_null(history_open(db, true, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "its format is 5"));
	buf_release(&out);
	test_dir_remove(dir);
}

/* Processes that add at the same time, to a database that none of them has made yet. */
static void test_concurrent(void **state)
{
	enum { ADDERS = 6, EACH = 3 };
	char *dir = test_dir_make(), path[ADDERS * EACH][4096];
	pid_t pid[ADDERS];
	struct buf out = BUF_INIT;
	struct history *h;
	struct err err = {0};

	(void)state;
	for (int i = 0; i < ADDERS * EACH; i++)
		make_day(dir, i + 1, path[i]);
	for (int a = 0; a < ADDERS; a++) {
		pid[a] = fork();
		assert_true(pid[a] >= 0);
		if (pid[a] == 0) {
			int failed = 0;

			for (int i = 0; i < EACH; i++) {
				char db[4096];

				snprintf(db, sizeof(db), "%s/history.db", dir);
				h = history_open(db, true, &err);
				failed |= !h || try_add(h, path[a * EACH + i], false, &err) < 0;
				history_close(h);
			}
			if (failed)
				fprintf(stderr, "%s\n", err.text);
			_exit(failed);
		}
	}
	for (int a = 0; a < ADDERS; a++) {
		int status;

		assert_int_equal(waitpid(pid[a], &status, 0), pid[a]);
		assert_int_equal(status, 0);
	}
	h = open_db(dir);
	assert_works(history_list(h, &out, &err), err);
	assert_int_equal(count_lines(buf_str(&out)), ADDERS * EACH);
	history_close(h);
	buf_release(&out);
	test_dir_remove(dir);
}

static bool drop_late(struct row *row)
{
	return row->round < 4;
}

static bool other_rows(struct row *row)
{
	row->sample.elapsed_ns++;
	return true;
}

static bool fail_all(struct row *row)
{
	row->sample.status = SAMPLE_FAIL;
	sample_set_reason(&row->sample, "broken");
	return true;
}

/* One run directory more, of the same id. */
static void make_again(const char *dir, const char *name, bool (*edit)(struct row *row),
		       char path[4096])
{
	struct made_run run = MADE_RUN;
	struct err err;

	run.edit = edit;
	snprintf(path, 4096, "%s/%s", dir, name);
	assert_works(file_make_dirs(path, &err), err);
	assert_works(make_run(path, &run, &err), err);
}

/* A resumed run replaces its earlier rows; another run with its id does not. */
static void test_id_comes_again(void **state)
{
	char *dir = test_dir_make(), path[4096];
	struct history *h = open_db(dir);
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	make_again(dir, "half", drop_late, path);
	add(h, path);
	make_again(dir, "whole", NULL, path);
	add(h, path);
	assert_non_null(strstr(said, "it has grown"));
	make_again(dir, "other", other_rows, path);
	assert_fails(try_add(h, path, false, &err), err, EXIT_USAGE, "other rows under its id");
	assert_non_null(strstr(err.text, "/whole"));
	assert_works(history_list(h, &out, &err), err);
	assert_int_equal(count_lines(buf_str(&out)), 1);
	assert_works(try_add(h, path, true, &err), err);
	assert_non_null(strstr(said, "replaced "));
	make_again(dir, "failed", fail_all, path);
	assert_fails(try_add(h, path, false, &err), err, EXIT_INCONCLUSIVE, "broken");
	assert_works(try_add(h, path, true, &err), err);
	buf_release(&out);
	history_close(h);
	test_dir_remove(dir);
}

/* Only adding makes a database, and never in one of another program. */
static void test_only_adding_makes_it(void **state)
{
	char *dir = test_dir_make(), path[4096];
	struct history *h;
	struct err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/history.db", dir);
	assert_null(history_open(path, false, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "there is no history in"));
	assert_int_equal(access(path, F_OK), -1);
	assert_works(file_write_whole(path, "", 0, &err), err);
	assert_null(history_open(path, false, &err));
	assert_non_null(strstr(err.text, "no run was added yet"));
	h = history_open(path, true, &err);
	assert_non_null(h);
	history_close(h);
	h = history_open(path, false, &err);
	assert_non_null(h);
	history_close(h);
	run_sql(dir, "DROP TABLE facts; DROP TABLE figures; DROP TABLE runs;"
		     "PRAGMA user_version = 0; CREATE TABLE bookmarks (url TEXT);");
	assert_null(history_open(path, true, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "of another program"));
	assert_null(history_open("", true, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	test_dir_remove(dir);
}

static void test_bad(void **state)
{
	char *dir = test_dir_make(), path[4096], db[4096];
	struct buf out = BUF_INIT;
	struct err err = {0};
	struct history *h;

	(void)state;
	snprintf(db, sizeof(db), "%s/not-there/history.db", dir);
	assert_null(history_open(db, true, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	snprintf(db, sizeof(db), "%s/text.db", dir);
	assert_works(
		file_write_whole(db, "this is no database, but is long enough for one", 47, &err),
		err);
	assert_null(history_open(db, true, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "text.db"));
	/* A run that cannot be added leaves nothing behind. */
	h = open_db(dir);
	assert_fails(try_add(h, "/nowhere", false, &err), err, EXIT_USAGE, "/nowhere");
	make_day(dir, 1, path);
	strcat(path, "/manifest.json");
	assert_int_equal(unlink(path), 0);
	*strrchr(path, '/') = '\0';
	assert_fails(try_add(h, path, false, &err), err, EXIT_USAGE, "no place in the history");
	assert_works(history_list(h, &out, &err), err);
	assert_string_equal(buf_str(&out), "");
	history_close(h);
	history_close(NULL);
	buf_release(&out);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_list_show),  cmocka_unit_test(test_trend),
		cmocka_unit_test(test_surroundings),   cmocka_unit_test(test_keys),
		cmocka_unit_test(test_exits),	       cmocka_unit_test(test_formats),
		cmocka_unit_test(test_concurrent),     cmocka_unit_test(test_bad),
		cmocka_unit_test(test_id_comes_again), cmocka_unit_test(test_only_adding_makes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
