/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `nestbench top` makes of an exits.csv that grows, and of looks at VMs; how it shows it.
 */
#include "tests/check.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/commands/top_domains.h"
#include "bench/top/follow.h"
#include "bench/top/view.h"
#include "lib/clock.h"
#include "lib/str.h"
#include "lib/wrap.h"
#include "results/rundir/exits.h"
#include "results/rundir/rundir.h"

#define RUN "20260131T120000Z-lab-1"

static char dir[64];
static int lock = -1;

static void write_file(const char *name, const char *text, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void append(const char *text)
{
	write_file(EXITS_FILE, text, O_APPEND);
}

/* A run of two layers in the machine, on which a process works. */
static int make_run(void **state)
{
	struct manifest m = {.depth = 2, .boots = 1, .rounds = 1, .batches = 1};
	struct err err;

	str_copy(dir, sizeof(dir), "nb-top-XXXXXX");
	assert_non_null(mkdtemp(dir));
	str_copy(m.run, sizeof(m.run), RUN);
	str_copy(m.started, sizeof(m.started), "2026-01-31T12:00:00Z");
	assert_works(manifest_save(dir, &m, &err), err);
	manifest_release(&m);
	write_file("samples.csv", "", 0);
	lock = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	return 0;
}

static int remove_run(void **state)
{
	struct err err;

	if (lock >= 0)
		close(lock);
	lock = -1;
	return file_remove_tree(dir, &err);
}

/* A row of boot 1, round 1, threads 1, 100 ops. */
static void add(const char *layers, const char *workload, int batch, const char *counted)
{
	char line[512];

	snprintf(line, sizeof(line), RUN ",1,1,%s,%s,,1,%d,1,100,%s,\n", layers, workload, batch,
		 counted);
	append(line);
}

static void look(struct follow *f, uint64_t second, struct top_view *v)
{
	struct err err;

	top_view_clear(v);
	assert_works(follow_look(f, second * NS_PER_S, &err), err);
	assert_works(follow_show(f, second * NS_PER_S, v, &err), err);
}

static void assert_rate(const struct top_view *v, size_t block, size_t item, const char *reason,
			double per_s)
{
	assert_true(block < v->count && item < v->block[block]->count);
	assert_string_equal(v->block[block]->item[item].reason, reason);
	assert_close(top_rate(v->block[block], item), per_s, 1e-6);
}

static struct follow *start(void)
{
	struct err err;
	struct follow *f = follow_open(dir, &err);

	if (!f)
		fail_msg("%s", err.text);
	return f;
}

/* Batches of half a second. */
static void rates_are_of_what_was_appended(void **state)
{
	struct top_view v = {0};
	struct follow *f = start();

	look(f, 1, &v);
	assert_int_equal(v.count, 0);
	assert_false(follow_has_counts(f));
	assert_false(follow_has_ended(f));
	append(EXITS_HEADER "\n");
	add("1,0,1", "exit.cpuid", 1, "500000000,exits,100,kvm_stats");
	add("1,0,1", "exit.cpuid", 1, "500000000,io_exits,300,kvm_stats");
	look(f, 2, &v);
	assert_int_equal(v.count, 1);
	assert_string_equal(v.block[0]->of, "L1");
	assert_string_equal(v.block[0]->counted_in, "L0");
	assert_rate(&v, 0, 0, "exits", 200); /* first, since it is the sum */
	assert_rate(&v, 0, 1, "io_exits", 600);
	/* Two more batches: rates are of these alone. */
	add("1,0,1", "exit.cpuid", 2, "500000000,exits,10,kvm_stats");
	add("1,0,1", "exit.cpuid", 3, "500000000,exits,20,kvm_stats");
	look(f, 3, &v);
	assert_int_equal(v.block[0]->count, 1);
	assert_rate(&v, 0, 0, "exits", 30);
	/* Nothing came: it stays, and grows old. */
	look(f, 7, &v);
	assert_rate(&v, 0, 0, "exits", 30);
	assert_int_equal(v.block[0]->age_ns, 4 * NS_PER_S);
	assert_int_equal(v.age_ns, 4 * NS_PER_S);
	top_view_release(&v);
	follow_close(f);
}

static void layers_sources_and_workloads_are_kept_apart(void **state)
{
	struct top_view v = {0};
	struct follow *f = start();

	append(EXITS_HEADER "\n");
	add("1,0,1", "mem.fault", 1, "1000000000,exits,7,kvm_stats");
	add("2,1,2", "exit.cpuid", 1, "1000000000,exits,100,kvm_stats");
	add("2,1,2", "exit.cpuid", 1, "1000000000,CPUID,101,kvm_exit");
	add("2,1,2", "exit.cpuid", 1, "1000000000,pages_4k,512,kvm_state");
	add("1,0,2", "exit.cpuid", 1, "2000000000,exits,900,kvm_stats");
	look(f, 1, &v);
	assert_int_equal(v.count, 4);
	assert_string_equal(v.block[0]->workload, "exit.cpuid");
	assert_string_equal(v.block[0]->measured, "L2");
	assert_rate(&v, 0, 0, "exits", 450); /* not with those of mem.fault */
	assert_rate(&v, 1, 0, "exits", 100);
	assert_true(v.block[2]->holds);
	assert_int_equal(v.block[2]->item[0].n, 512);
	assert_rate(&v, 3, 0, "CPUID", 101);
	assert_non_null(strstr(v.title, "now exit.cpuid in L2, boot 1, round 1"));
	append(RUN ",2,0,2,1,2,exit.cpuid,,1,1,1,100,1000000000,exits,100,kvm_stats,\n");
	look(f, 2, &v);
	assert_non_null(strstr(v.title, "exit.cpuid in L2, boot 2, the counting round"));
	top_view_release(&v);
	follow_close(f);
}

/* At every place where a write can be seen half. */
static void a_torn_line_is_completed_later(void **state)
{
	static const char line[] = RUN ",1,1,1,0,1,nop,,1,1,1,100,1000000000,exits,42,kvm_stats,\n";

	for (size_t cut = 0; cut < sizeof(line); cut++) {
		struct top_view v = {0};
		struct follow *f;
		char half[sizeof(line)];

		write_file(EXITS_FILE, EXITS_HEADER "\n", O_TRUNC);
		f = start();
		str_copy(half, cut + 1, line);
		append(half);
		look(f, 1, &v);
		assert_int_equal(follow_has_counts(f), cut >= strlen(line));
		append(line + strlen(half));
		look(f, 2, &v);
		assert_rate(&v, 0, 0, "exits", 42);
		assert_int_equal(v.remarks.len, 0);
		top_view_release(&v);
		follow_close(f);
	}
}

static void damage_and_remarks_are_told(void **state)
{
	struct top_view v = {0};
	struct follow *f = start();

	append(EXITS_HEADER "\n");
	append("nonsense\n" RUN ",-1,1,1,0,1,nop,,1,1,1,100,1,exits,1,kvm_stats,\n");
	append(RUN ",1,0,1,0,1,,,0,0,0,0,0,,0,none,no KVM here\n");
	add("1,0,1", "cpu.int", 1, "1000000000,exits,5,kvm_stats");
	/* An empty batch tells nothing of what is measured. */
	append(RUN ",1,1,1,0,1,nop,,1,1,1,1,1000,exits,5,kvm_stats,\n");
	look(f, 1, &v);
	assert_rate(&v, 0, 0, "exits", 5);
	assert_string_equal(v.block[0]->workload, "cpu.int");
	assert_non_null(strstr(buf_str(&v.remarks), "left out: 2\n"));
	assert_non_null(strstr(buf_str(&v.remarks), "L1 in L0: no KVM here\n"));
	/* It became shorter, as no run makes it. */
	write_file(EXITS_FILE, EXITS_HEADER "\n", O_TRUNC);
	add("1,0,1", "cpu.int", 1, "1000000000,exits,6,kvm_stats");
	look(f, 2, &v);
	assert_rate(&v, 0, 0, "exits", 6);
	assert_non_null(strstr(buf_str(&v.remarks), "became shorter"));
	top_view_release(&v);
	follow_close(f);
}

/* Of much that was appended only the end is read, from a whole line on. */
static void a_look_is_bounded(void **state)
{
	struct top_view v = {0};
	struct follow *f = start();
	struct buf many = BUF_INIT;

	append(EXITS_HEADER "\n");
	append(RUN ",1,0,1,0,1,,,0,0,0,0,0,,0,none,no KVM here\n");
	add("1,0,1", "cpu.int", 0x7fffffff, "1000000000,exits,99,kvm_stats");
	for (int i = 1; i <= 5000; i++)
		buf_addf(&many,
			 RUN ",1,1,1,0,1,cpu.int,,1,%d,1,100,1000000000,exits,7,kvm_stats,\n", i);
	append(buf_str(&many));
	look(f, 1, &v);
	assert_rate(&v, 0, 0, "exits", 7);
	assert_true(v.block[0]->interval_ns < 1000 * NS_PER_S);
	/* What is told at its begin is not missed. */
	assert_string_equal(buf_str(&v.remarks), "L1 in L0: no KVM here\n");
	add("1,0,1", "cpu.int", 5001, "1000000000,exits,9,kvm_stats");
	look(f, 2, &v);
	assert_rate(&v, 0, 0, "exits", 9);
	buf_release(&many);
	top_view_release(&v);
	follow_close(f);
}

static void what_was_there_is_as_old_as_the_file(void **state)
{
	const struct timespec hour_ago[2] = {{.tv_sec = time(NULL) - 3600},
					     {.tv_sec = time(NULL) - 3600}};
	struct top_view v = {0};
	struct follow *f = start();
	char path[128];

	append(EXITS_HEADER "\n");
	add("1,0,1", "cpu.int", 1, "1000000000,exits,5,kvm_stats");
	snprintf(path, sizeof(path), "%s/%s", dir, EXITS_FILE);
	assert_int_equal(utimensat(AT_FDCWD, path, hour_ago, 0), 0);
	look(f, 10000, &v);
	assert_close((double)v.age_ns * 1e-9, 3600, 60);
	assert_close((double)v.block[0]->age_ns * 1e-9, 3600, 60);
	add("1,0,1", "cpu.int", 2, "1000000000,exits,5,kvm_stats");
	look(f, 10001, &v);
	assert_int_equal(v.age_ns, 0);
	assert_int_equal(v.block[0]->age_ns, 0);
	top_view_release(&v);
	follow_close(f);
}

static void the_end_of_a_run_is_seen(void **state)
{
	struct top_view v = {0};
	struct follow *f = start();
	char found[RUNDIR_PATH];
	struct err err;

	look(f, 1, &v);
	assert_false(follow_has_ended(f));
	assert_works(follow_find(".", found, &err), err);
	assert_string_equal(found + 2, dir);
	close(lock);
	lock = -1;
	look(f, 2, &v);
	assert_true(follow_has_ended(f));
	assert_string_equal(v.state, "killed"); /* the manifest still says "running" */
	assert_fails(follow_find(".", found, &err), err, EXIT_USAGE, "no run is under way");
	top_view_release(&v);
	follow_close(f);
	assert_null(follow_open("nowhere", &err));
	assert_int_equal(err.code, EXIT_USAGE);
}

/* ---- VMs ---- */

static struct libvirt_counted seen[2];

static void see(size_t i, uint64_t second, const char *name, uint64_t exits)
{
	seen[i] = (struct libvirt_counted){.counts.at_ns = second * NS_PER_S};
	str_copy(seen[i].name, sizeof(seen[i].name), name);
	str_copy(seen[i].uuid, sizeof(seen[i].uuid), name);
	counts_add(&seen[i].counts, COUNT_KVM_STATS, "exits", exits);
	counts_add(&seen[i].counts, COUNT_KVM_STATS, "io_exits", exits / 2);
	counts_add(&seen[i].counts, COUNT_KVM_STATS, "halt_exits", 3);
}

static void take(struct top_domains *d, size_t count, uint64_t second, struct top_view *v)
{
	struct libvirt_look all = {.vm = seen, .count = count, .remark = "not by reason"};
	struct err err;

	top_domains_take(d, &all, second * NS_PER_S);
	top_view_clear(v);
	assert_works(top_domains_show(d, second * NS_PER_S, v, &err), err);
}

static void vms_come_go_and_start_again(void **state)
{
	struct top_domains d = {.uri = "test:///"};
	struct top_view v = {0};

	see(0, 1, "a", 1000);
	take(&d, 1, 1, &v);
	assert_int_equal(v.block[0]->interval_ns, 0);
	see(0, 3, "a", 1100);
	see(1, 3, "b", 1000);
	take(&d, 2, 3, &v);
	assert_int_equal(v.block[0]->count, 2); /* halt_exits stood still */
	assert_rate(&v, 0, 0, "exits", 50);
	assert_rate(&v, 0, 1, "io_exits", 25);
	assert_non_null(strstr(buf_str(&v.remarks), "b has begun"));
	/* b is busier now, a was started again. */
	see(0, 4, "a", 20);
	see(1, 4, "b", 2000);
	take(&d, 2, 4, &v);
	assert_string_equal(v.block[0]->of, "b");
	assert_rate(&v, 0, 0, "exits", 1000);
	assert_int_equal(v.block[1]->interval_ns, 0);
	assert_non_null(strstr(buf_str(&v.remarks), "a: the counters jumped back"));
	see(0, 5, "a", 30);
	take(&d, 1, 5, &v);
	assert_int_equal(v.count, 1);
	assert_rate(&v, 0, 0, "exits", 10);
	assert_non_null(strstr(buf_str(&v.remarks), "b has ended"));
	take(&d, 0, 6, &v);
	assert_non_null(strstr(buf_str(&v.remarks), "no VM is running\n"));
	assert_non_null(strstr(buf_str(&v.remarks), "not by reason\n"));
	top_view_release(&v);
	top_domains_close(&d);
}

static void reasons_have_a_block_of_their_own(void **state)
{
	struct top_domains d = {.uri = "test:///"};
	struct top_view v = {0};

	see(0, 1, "a", 1000);
	counts_add(&seen[0].counts, COUNT_KVM_EXIT, "exits", 0);
	take(&d, 1, 1, &v);
	see(0, 2, "a", 1100);
	counts_add(&seen[0].counts, COUNT_KVM_STATE, "pages_4k", 12);
	counts_add(&seen[0].counts, COUNT_KVM_EXIT, "exits", 90);
	counts_add(&seen[0].counts, COUNT_KVM_EXIT, "hlt", 20);
	counts_add(&seen[0].counts, COUNT_KVM_EXIT, "cpuid", 70);
	take(&d, 1, 2, &v);
	assert_int_equal(v.count, 3);
	assert_rate(&v, 0, 0, "exits", 100);
	assert_int_equal(v.block[1]->item[0].n, 12);
	assert_rate(&v, 2, 0, "exits", 90);
	assert_rate(&v, 2, 1, "cpuid", 70);
	assert_rate(&v, 2, 2, "hlt", 20);
	top_view_release(&v);
	top_domains_close(&d);
}

/* ---- showing ---- */

/* The widest line, and how many there are. */
static size_t measure(const char *text, size_t *lines)
{
	char line[4096];
	size_t widest = 0;

	*lines = 0;
	for (; *text; text += strcspn(text, "\n") + 1, (*lines)++) {
		str_copy(line, strcspn(text, "\n") + 1, text);
		if (text_columns(line) > widest)
			widest = text_columns(line);
	}
	return widest;
}

static void it_fits_any_terminal(void **state)
{
	struct top_block b[6] = {{.source = "kvm_exit", .interval_ns = NS_PER_S}};
	struct top_view v = {.title = "ä run of a löng title: measured is exit.cpuid in L2"};
	struct err err;
	size_t widest, lines;

	for (int i = 0; i < 6; i++) {
		char reason[32];

		snprintf(b[i].of, sizeof(b[i].of), "L%d", i);
		str_copy(b[i].source, sizeof(b[i].source), "kvm_exit");
		b[i].interval_ns = NS_PER_S;
		for (uint64_t n = 0; n < 9; n++) {
			snprintf(reason, sizeof(reason), "REASON_%d", (int)n);
			top_block_add(&b[i], reason, n * n * n * n * 12345);
		}
		top_block_sort(&b[i]);
		assert_works(top_view_add(&v, &b[i], &err), err);
	}
	for (size_t width = 1; width < 130; width += 7)
		for (size_t height = 1; height < 70; height++) {
			struct buf out = BUF_INIT;

			top_text(&v, width, height, &out);
			widest = measure(buf_str(&out), &lines);
			assert_true(widest <= width && lines <= height);
			/* No line is left empty while something does not fit. */
			assert_int_equal(lines, height < 61 ? height : 61);
			buf_release(&out);
		}
	for (int i = 0; i < 6; i++)
		top_block_release(&b[i]);
	top_view_release(&v);
}

static void text_and_json_say_the_same(void **state)
{
	struct top_block b = {.of = "L2",
			      .counted_in = "L1",
			      .measured = "L2",
			      .workload = "exit.cpuid",
			      .source = "kvm_exit",
			      .interval_ns = NS_PER_S / 2,
			      .age_ns = 3 * NS_PER_S};
	struct top_view v = {.title = "a run", .kind = "run", .moved = true};
	struct buf out = BUF_INIT;
	json_t *root, *block, *count;
	struct err err;

	top_block_add(&b, "CPUID", 617);
	top_view_remark(&v, "a remark");
	assert_works(top_view_add(&v, &b, &err), err);
	top_text(&v, 200, 0, &out);
	assert_string_equal(buf_str(&out),
			    "a run; counters moved just now\na remark\n"
			    "L2 in L1: kvm_exit, exit.cpuid in L2, over 500 ms, 3 s ago\n"
			    "          1234/s  CPUID\n");
	buf_clear(&out);
	top_text(&v, 20, 0, &out);
	assert_non_null(strstr(buf_str(&out), "  1.23k  CPUID\n"));
	buf_clear(&out);
	assert_works(top_json(&v, &out, &err), err);
	root = json_loads(buf_str(&out), 0, NULL);
	block = json_array_get(json_object_get(root, "blocks"), 0);
	count = json_array_get(json_object_get(block, "counters"), 0);
	assert_close(json_real_value(json_object_get(count, "per_s")), 1234, 1e-9);
	assert_int_equal(json_integer_value(json_object_get(count, "count")), 617);
	assert_close(json_real_value(json_object_get(block, "interval_s")), 0.5, 1e-9);
	assert_close(json_real_value(json_object_get(block, "age_s")), 3, 1e-9);
	assert_string_equal(json_string_value(json_object_get(block, "layer")), "L2");
	assert_string_equal(json_string_value(json_array_get(json_object_get(root, "remarks"), 0)),
			    "a remark");
	json_decref(root);
	buf_release(&out);
	top_block_release(&b);
	top_view_release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_RUN(name) cmocka_unit_test_setup_teardown(name, make_run, remove_run)
		WITH_RUN(rates_are_of_what_was_appended),
		WITH_RUN(layers_sources_and_workloads_are_kept_apart),
		WITH_RUN(a_torn_line_is_completed_later),
		WITH_RUN(damage_and_remarks_are_told),
		WITH_RUN(a_look_is_bounded),
		WITH_RUN(what_was_there_is_as_old_as_the_file),
		WITH_RUN(the_end_of_a_run_is_seen),
		cmocka_unit_test(vms_come_go_and_start_again),
		cmocka_unit_test(reasons_have_a_block_of_their_own),
		cmocka_unit_test(it_fits_any_terminal),
		cmocka_unit_test(text_and_json_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
