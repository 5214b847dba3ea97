/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real runs: bare metal, L1 and L2 through libvirt; what they leave in the run directory, and that
 * nothing else is left, however they end.
 */
#include "tests/check.h"

#include <dirent.h>
#include <glob.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "results/summary/summary.h"

enum { LAYERS = 3 };
#define RUN_LIMIT_NS (400 * NS_PER_S)

#define NESTBENCH TEST_BINARY_DIR "/nestbench"

/* A process whose command line holds the text; 0: none. */
static pid_t find_process(const char *text)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (proc && !found && (e = readdir(proc))) {
		struct buf line = BUF_INIT;
		char path[300];
		struct err err;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		if (atoi(e->d_name) > 0 && atoi(e->d_name) != getpid() &&
		    file_read(path, 1 << 20, &line, &err) == 0 && line.len &&
		    memmem(line.data, line.len, text, strlen(text)))
			found = atoi(e->d_name);
		buf_release(&line);
	}
	closedir(proc);
	return found;
}

static size_t count_matches(const char *pattern)
{
	glob_t g;
	size_t n = glob(pattern, 0, NULL, &g) == 0 ? g.gl_pathc : 0;

	globfree(&g);
	return n;
}

/* Work directories are in one of its own, since other processes use /tmp meanwhile. */
struct world {
	char *top, dir[300], tmp[32];
};

static void world_make(struct world *w)
{
	w->top = test_dir_make();
	snprintf(w->dir, sizeof(w->dir), "%s/run", w->top);
	/* Not below the build, whose path may be too long for a socket's name. */
	snprintf(w->tmp, sizeof(w->tmp), "/tmp/nbl-XXXXXX");
	assert_non_null(mkdtemp(w->tmp));
	setenv("NESTBENCH_TMP", w->tmp, 1);
}

/* A QEMU of this run; 0: none. */
static pid_t find_vm(const struct world *w)
{
	struct manifest m = {0};
	struct err err;
	char name[MANIFEST_NAME + 32];
	pid_t found = 0;

	/* Without a manifest nothing was started yet. */
	if (manifest_load(w->dir, &m, &err) == 0) {
		snprintf(name, sizeof(name), "guest=nestbench-%s", m.run);
		found = find_process(name);
		manifest_release(&m);
	}
	return found;
}

/* Nothing that belongs to the run is left but the run directory. */
static void world_free(struct world *w)
{
	char scratch[400], left[64];
	struct err err;

	snprintf(scratch, sizeof(scratch), "%s/scratch.img", w->dir);
	assert_int_equal(access(scratch, F_OK), -1);
	assert_int_equal(find_process(w->dir), 0);
	assert_int_equal(find_vm(w), 0);
	snprintf(left, sizeof(left), "%s/nestbench-*", w->tmp);
	assert_int_equal(count_matches(left), 0);
	assert_works(file_remove_tree(w->tmp, &err), err);
	test_dir_remove(w->top);
}

struct tally {
	uint64_t ok[LAYERS], other[LAYERS];
	char reason[SAMPLE_REASON];
};

static int tally_row(void *ctx, const struct row *row, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	assert_true(row->layer < LAYERS);
	if (row->sample.status == SAMPLE_OK) {
		t->ok[row->layer]++;
		assert_true(row->sample.elapsed_ns <= row->sample.host_elapsed_ns * 1.01);
	} else {
		t->other[row->layer]++;
		strcpy(t->reason, row->sample.reason);
	}
	return 0;
}

static void read_rows(const struct world *w, struct tally *t)
{
	struct damage damage = {0};
	struct err err;

	memset(t, 0, sizeof(*t));
	assert_works(rows_read(w->dir, tally_row, t, &damage, &err), err);
	assert_int_equal(damage.count, 0);
}

static const struct summary_entry *entry(const struct summary *s, const char *workload,
					 uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++)
		if (strcmp(s->entry[i].workload, workload) == 0 && s->entry[i].layer == layer)
			return &s->entry[i];
	fail_msg("no entry for %s in L%u", workload, layer);
	return NULL;
}

/* Every workload runs in every layer, does the same work there, and an exit costs what it must. */
static void test_three_layers(void **state)
{
	const char *argv[] = {NESTBENCH, "run",	  "--alongside", "--rounds",	  "1",	"--seed",
			      "1",	 "--out", NULL,		 "--noise-limit", "0%", NULL};
	static const char *const files[] = {"manifest.json",   "summary.csv",	  "classes.csv",
					    "plots/share.svg", "plots/share.png", "plots/ratio.svg",
					    "plots/rounds.png"};
	struct summary s = {0};
	struct layers layers = {0};
	struct damage damage = {0};
	struct buf out = BUF_INIT;
	struct world w;
	struct tally t;
	struct err err;

	(void)state;
	world_make(&w);
	argv[8] = w.dir;
	if (child_run(argv, NULL, NULL, RUN_LIMIT_NS, &out, &err) < 0) {
		fputs(buf_str(&out), stderr);
		fail_msg("%s", err.text);
	}
	read_rows(&w, &t);
	for (int i = 0; i < LAYERS; i++) {
		if (t.other[i])
			fail_msg("L%d: %s", i, t.reason);
		assert_true(t.ok[i] >= 12 * 4 + 1);
	}
	assert_works(summary_build(w.dir, &s, &err), err);
	assert_int_equal(s.manifest.state, RUN_COMPLETE);
	assert_int_equal(s.layers, LAYERS);
	for (size_t i = 0; i < s.entries; i++)
		assert_false(s.entry[i].flags & FLAG_DIGEST);
	assert_true(entry(&s, "exit.cpuid", 1)->cost.mid > entry(&s, "nop", 1)->cost.mid * 3);
	assert_true(entry(&s, "exit.cpuid", 2)->cost.mid > entry(&s, "cpu.syscall", 2)->cost.mid);
	assert_true(entry(&s, "capacity.memory", 2)->cost.mid > 100 << 20);
	assert_true(entry(&s, "capacity.memory", 2)->cost.mid < 640 << 20);
	summary_release(&s);
	assert_works(layers_read(w.dir, &layers, &damage, &err), err);
	for (uint32_t i = 1; i < LAYERS; i++) {
		assert_non_null(layers_get(&layers, 1, i, "accel"));
		assert_non_null(layers_get(&layers, 1, i, "accel_reason"));
		assert_string_equal(layers_get(&layers, 1, i, "nestkernel_sha256"),
				    layers_get(&layers, 1, 0, "nestkernel_sha256"));
		assert_string_equal(layers_get(&layers, 1, i, "nestkernel_dl_sha256"),
				    layers_get(&layers, 1, 0, "nestkernel_dl_sha256"));
	}
	/* The disturbance of the round; a layer with a child VM also reports its vCPU threads. */
	for (uint32_t i = 0; i < LAYERS; i++) {
		const char *noise = layers_get(&layers, 1, i, "round.1.noise");

		assert_non_null(noise);
		assert_int_equal(strstr(noise, " wait=") != NULL, i + 1 < LAYERS);
	}
	layers_release(&layers);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[400];

		snprintf(path, sizeof(path), "%s/%s", w.dir, files[i]);
		assert_int_equal(access(path, R_OK), 0);
	}
	buf_release(&out);
	world_free(&w);
}

/* Starts a run whose stderr goes to a log, and waits until the log holds `text`. */
static void start_run(struct world *w, struct child *c, const char *text)
{
	const char *argv[] = {NESTBENCH,       "run",	"--alongside", "--rounds", "40",
			      "--workloads",   "cpu.*", "--out",       w->dir,	   "--no-plots",
			      "--noise-limit", "0%",	NULL};
	uint64_t end = clock_now(&clock_machine) + 240 * NS_PER_S;
	char log[400];
	struct child_options opt = {.log = log};
	struct err err;

	snprintf(log, sizeof(log), "%s/log", w->top);
	assert_works(child_start(c, argv, &opt, &err), err);
	for (bool seen = false; !seen; usleep(50000)) {
		struct buf b = BUF_INIT;

		seen = file_read(log, 1 << 20, &b, &err) == 0 && strstr(buf_str(&b), text);
		buf_release(&b);
		if (clock_now(&clock_machine) > end)
			fail_msg("\"%s\" did not come within 240 s", text);
	}
}

static void test_interrupt(void **state)
{
	static const char *const moments[] = {"starting L1", "starting L2", "round 1"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct child c = CHILD_NONE;
		struct world w;
		struct tally t;
		int status;

		world_make(&w);
		start_run(&w, &c, moments[i]);
		usleep(700000);
		kill(c.pid, SIGINT);
		assert_true(child_wait(&c, 60 * NS_PER_S, &status));
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), EXIT_INTERRUPTED);
		read_rows(&w, &t);
		if (i == 2)
			assert_true(t.ok[0] + t.ok[1] + t.ok[2] > 0);
		child_stop(&c, 0);
		world_free(&w);
	}
}

static int see_boot(void *ctx, const struct row *row, struct err *err)
{
	uint32_t *last = ctx;

	(void)err;
	*last = row->boot > *last ? row->boot : *last;
	return 0;
}

/* L1's QEMU is killed in the middle: L1 and L2 are started again, and all is measured to the end.
 */
static void test_layer_dies(void **state)
{
	struct child c = CHILD_NONE;
	struct world w;
	struct tally t;
	struct buf reason = BUF_INIT;
	struct damage damage = {0};
	uint32_t last = 0;
	char path[400];
	struct err err;
	pid_t qemu;
	int status;

	(void)state;
	world_make(&w);
	start_run(&w, &c, "round 1");
	qemu = find_vm(&w);
	assert_true(qemu > 0);
	kill(qemu, SIGKILL);
	assert_true(child_wait(&c, 200 * NS_PER_S, &status));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FINE);
	read_rows(&w, &t);
	for (int layer = 0; layer < 3; layer++)
		assert_true(t.ok[layer] >= 100);
	assert_works(rows_read(w.dir, see_boot, &last, &damage, &err), err);
	/* QEMU's emulation may lose L2 by itself, too (doc/upstream/qemu-svm-smp.md). */
	assert_true(last >= 2);
	/* Only what was being measured when L1 was lost, in L1 or L2, has failed. */
	assert_int_equal(t.other[0], 0);
	assert_true(t.other[1] + t.other[2] < last);
	snprintf(path, sizeof(path), "%s/evidence/boot-1-L1/reason.txt", w.dir);
	assert_works(file_read(path, 1 << 16, &reason, &err), err);
	if (!strstr(buf_str(&reason), "was ended by signal 9"))
		fail_msg("%s", buf_str(&reason));
	buf_release(&reason);
	child_stop(&c, 0);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_layers),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_layer_dies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
