/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The libvirt driver with the embedded QEMU driver and real VMs, whose guests are a few bytes long:
 * how starts fail, how probes answer, and that nothing is left behind. Skipped where there is no
 * QEMU.
 */
#include "tests/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/cleanup/reaper.h"
#include "drivers/driver.h"
#include "drivers/host/kvm_host.h"
#include "drivers/libvirt/console.h"
#include "drivers/libvirt/ops.h"
#include "lib/clock.h"
#include "tests/drivers/boot_sector.h"

enum { SKIPPED = 77 };

/* Short paths: the build tree may lie too deep for UNIX sockets. */
static char top[] = "/tmp/nbt-XXXXXX";
static char work[64], kernel[64], blank[64], scratch[64];

static const struct libvirt_ops *ops;
static const struct driver *kvm;
static const struct text_list tcg = {.item = {"accel=tcg"}, .count = 1};

static int make_world(void)
{
	char cache[64];
	struct err err;

	if (!mkdtemp(top))
		return -1;
	snprintf(work, sizeof(work), "%s/w", top);
	snprintf(kernel, sizeof(kernel), "%s/kernel", top);
	snprintf(blank, sizeof(blank), "%s/blank", top);
	snprintf(scratch, sizeof(scratch), "%s/scratch", top);
	snprintf(cache, sizeof(cache), "%s/cache", top);
	setenv("XDG_CACHE_HOME", cache, 1);
	if (file_make_dirs(work, &err) < 0 || file_write_whole(blank, "blank", 5, &err) < 0 ||
	    file_write_whole(scratch, "", 0, &err) < 0 || truncate(scratch, 1 << 20) < 0 ||
	    truncate(blank, 4096) < 0)
		return -1;
	return 0;
}

static int count_entries(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* Processes that have our directory in their command line: VMs of ours. */
static int count_vms(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d))) {
		struct buf line = BUF_INIT;
		char path[300];
		struct err err;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' &&
		    file_read(path, 1 << 20, &line, &err) == 0 && line.len)
			n += memmem(line.data, line.len, top, strlen(top)) != NULL;
		buf_release(&line);
	}
	if (d)
		closedir(d);
	return n;
}

static void assert_nothing_left(void)
{
	assert_int_equal(count_entries(work), 0);
	assert_int_equal(count_vms(), 0);
}

static struct libvirt_probe probe_of(enum guest_kind kind, const char *line)
{
	boot_sector_write(kernel, kind, line);
	return (struct libvirt_probe){
		.work_dir = work,
		.kernel = kernel,
		.initrd = blank,
		.accel = ACCEL_TCG,
		.memory_bytes = 64 << 20,
		.cancel_fd = -1,
	};
}

static struct layer layer_of(enum guest_kind kind, const char *line)
{
	struct layer layer = LAYER_INIT;

	boot_sector_write(kernel, kind, line);
	layer.driver = kvm;
	layer.spec = (struct layer_spec){
		.depth = 1,
		.layer = 1,
		.below = 1,
		.vcpus = 2,
		.measured_vcpus = 1,
		.memory_bytes = 64 << 20,
		.options = &tcg,
		.run = "test",
		.work_dir = work,
		.kernel = kernel,
		.initrd = blank,
		.disk = blank,
		.scratch = scratch,
		.boot_limit_ns = 1500 * NS_PER_MS,
		.boot_limit_firm = true,
		.cancel_fd = -1,
	};
	return layer;
}

/* The start must fail so, and leave nothing but the evidence, which the caller releases. */
static void assert_lost(struct layer *layer, enum exit_code code, const char *part)
{
	struct err err;

	assert_fails(kvm->start(layer, &err), err, code, part);
	assert_int_equal(layer->fd, -1);
	assert_null(layer->priv);
	kvm->stop(layer);
	facts_release(&layer->facts);
	assert_nothing_left();
}

static void assert_no_start(struct layer *layer, enum exit_code code, const char *part)
{
	assert_lost(layer, code, part);
	evidence_release(&layer->evidence);
}

static void probe_finds_the_line(void **state)
{
	const struct libvirt_probe p = probe_of(GUEST_PRINTS, LIBVIRT_PROBE_OK "\n");
	struct libvirt_probe_result r;
	struct err err;

	(void)state;
	assert_works(ops->probe(&p, &r, &err), err);
	assert_true(r.booted);
	assert_true(r.boot_ns > 0 && r.connect_ns > 0);
	assert_string_not_equal(r.libvirt, "");
	assert_string_not_equal(r.qemu, "");
	assert_nothing_left();
}

static void probe_of_another_line(void **state)
{
	struct libvirt_probe p = probe_of(GUEST_PRINTS, "out of \x1b[1mcheese\x07\n");
	struct libvirt_probe_result r;
	struct err err;

	(void)state;
	p.limit_ns = 5 * NS_PER_S;
	assert_works(ops->probe(&p, &r, &err), err);
	assert_false(r.booted);
	assert_non_null(strstr(r.reason, "there was still no test line"));
	/* Only what can be printed. */
	assert_non_null(strstr(r.reason, "out of [1mcheese"));
	assert_nothing_left();
}

static void probe_of_a_crash(void **state)
{
	const struct libvirt_probe p = probe_of(GUEST_CRASHES, NULL);
	struct libvirt_probe_result r;
	struct err err;

	(void)state;
	assert_works(ops->probe(&p, &r, &err), err);
	assert_false(r.booted);
	assert_non_null(strstr(r.reason, "ended before"));
	assert_nothing_left();
}

static void silence_ends_at_the_limit(void **state)
{
	struct layer layer = layer_of(GUEST_SILENT, NULL);
	uint64_t start = clock_now(&clock_machine);

	(void)state;
	assert_lost(
		&layer, EXIT_MACHINE,
		"still no hello from its agent; its console stayed silent (its QEMU is alive, VM "
		"status: running)");
	assert_true(layer.lost);
	assert_non_null(strstr(buf_str(&layer.evidence.part[EVIDENCE_REGISTERS]), "EIP="));
	evidence_release(&layer.evidence);
	assert_true(clock_now(&clock_machine) - start < 10 * NS_PER_S);
}

static void death_at_boot_is_seen_at_once(void **state)
{
	struct layer layer = layer_of(GUEST_CRASHES, NULL);
	uint64_t start = clock_now(&clock_machine);

	(void)state;
	layer.spec.boot_limit_ns = 60 * NS_PER_S;
	assert_lost(&layer, EXIT_MACHINE, "ended before its agent said hello");
	assert_true(clock_now(&clock_machine) - start < 20 * NS_PER_S);
	/* QEMU's own word, which is gone with the domain. */
	assert_true(layer.lost);
	assert_string_equal(layer.evidence.why,
			    "QEMU reported SHUTDOWN (guest-reset), libvirt: stopped (shutdown)"
			    "; QEMU ended with exit code 0");
	assert_non_null(strstr(buf_str(&layer.evidence.part[EVIDENCE_EVENTS]),
			       "QEMU: SHUTDOWN {\"guest\":true,\"reason\":\"guest-reset\"}"));
	assert_non_null(strstr(buf_str(&layer.evidence.part[EVIDENCE_LOG]), "qemu-system-x86_64"));
	evidence_release(&layer.evidence);
}

static void last_words_are_handed_on(void **state)
{
	struct layer layer = layer_of(GUEST_PRINTS, "Kernel panic\n");

	(void)state;
	/* On a busy machine the firmware alone takes more than a second. */
	layer.spec.boot_limit_ns = 5 * NS_PER_S;
	assert_no_start(&layer, EXIT_MACHINE, "the last words on its console: ");
}

/* Looks at the console's file while a VM runs, and ends that when it has seen enough. */
struct looking {
	volatile bool over;
	int fd; /* what is closed then */
	off_t most;
	int cuts; /* so often it had become shorter */
};

static void *look_at_console(void *arg)
{
	struct looking *l = arg;
	char path[96];
	struct stat st;
	off_t last = 0;

	snprintf(path, sizeof(path), "%s/console-1.log", work);
	for (; !l->over && l->cuts < 2; usleep(500)) {
		if (stat(path, &st) < 0)
			continue;
		l->cuts += st.st_size < last;
		l->most = st.st_size > l->most ? st.st_size : l->most;
		last = st.st_size;
	}
	close(l->fd);
	return NULL;
}

/* A guest that prints without end does not fill the disk. */
static void flood_on_the_console(void **state)
{
	struct layer layer = layer_of(GUEST_FLOODS, NULL);
	struct looking l = {0};
	pthread_t thread;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	l.fd = fd[1];
	layer.spec.cancel_fd = fd[0];
	layer.spec.boot_limit_ns = 60 * NS_PER_S;
	assert_int_equal(pthread_create(&thread, NULL, look_at_console, &l), 0);
	assert_no_start(&layer, EXIT_INTERRUPTED, "cancelled");
	l.over = true;
	pthread_join(thread, NULL);
	close(fd[0]);
	print_message("at most %jd bytes\n", (intmax_t)l.most);
	assert_int_equal(l.cuts, 2);
	assert_true(l.most < 2 * LIBVIRT_CONSOLE_MAX);
}

static void not_a_kernel(void **state)
{
	struct layer layer = layer_of(GUEST_SILENT, NULL);

	(void)state;
	layer.spec.kernel = blank;
	assert_no_start(&layer, EXIT_MACHINE, "cannot start layer 1 with tcg");
}

struct hang_up {
	int fd;
	unsigned after_ms;
};

static void *hang_up_later(void *arg)
{
	const struct hang_up *h = arg;

	usleep(h->after_ms * 1000);
	close(h->fd);
	return NULL;
}

static void cancelled_by_a_hang_up(void **state)
{
	struct layer layer = layer_of(GUEST_SILENT, NULL);
	struct hang_up h = {.after_ms = 1500};
	uint64_t start;
	pthread_t thread;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	h.fd = fd[1];
	layer.spec.cancel_fd = fd[0];
	layer.spec.boot_limit_ns = 60 * NS_PER_S;
	start = clock_now(&clock_machine);
	assert_int_equal(pthread_create(&thread, NULL, hang_up_later, &h), 0);
	assert_no_start(&layer, EXIT_INTERRUPTED, "cancelled");
	assert_true(clock_now(&clock_machine) - start < 20 * NS_PER_S);
	pthread_join(thread, NULL);
	close(fd[0]);
}

static void another_work_dir_later(void **state)
{
	struct layer layer = layer_of(GUEST_CRASHES, NULL);
	char other[64];
	struct err err;

	(void)state;
	snprintf(other, sizeof(other), "%s/other", top);
	assert_works(file_make_dirs(other, &err), err);
	layer.spec.work_dir = other;
	layer.spec.boot_limit_ns = 60 * NS_PER_S;
	assert_no_start(&layer, EXIT_MACHINE, "ended before its agent said hello");
	assert_int_equal(count_entries(other), 0);
}

/* libvirt's findings about QEMU are kept, and a damaged copy of them does no harm. */
static void findings_are_kept(void **state)
{
	const struct libvirt_probe p = probe_of(GUEST_PRINTS, LIBVIRT_PROBE_OK "\n");
	struct libvirt_probe_result r;
	char dir[128], path[512];
	struct dirent *e;
	struct err err;
	DIR *d;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/cache/nestbench/libvirt", top);
	assert_true(count_entries(dir) > 0);
	d = opendir(dir);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
			assert_works(file_write_whole(path, "<qemuCaps", 9, &err), err);
		}
	closedir(d);
	assert_works(ops->probe(&p, &r, &err), err);
	assert_true(r.booted);
}

static void kvm_is_not_trusted_without_its_flag(void **state)
{
	static const struct text_list only_kvm = {.item = {"accel=kvm"}, .count = 1};
	struct layer layer = layer_of(GUEST_SILENT, NULL);
	struct kvm_host k;

	(void)state;
	kvm_host_read("", &k);
	if (k.flag)
		skip();
	layer.spec.options = &only_kvm;
	assert_no_start(&layer, EXIT_MACHINE, "neither svm nor vmx");
}

static void bad_configurations(void **state)
{
	static const struct text_list nosuch = {.item = {"uri=nosuch:///x"}, .count = 1};
	char deep[200];
	struct layer layer;
	struct err err;

	(void)state;
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.run = "a b";
	assert_no_start(&layer, EXIT_USAGE, "the run id \"a b\"");
	layer.spec.run = NULL;
	assert_no_start(&layer, EXIT_USAGE, "the run id");
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.measured_vcpus = 3;
	assert_no_start(&layer, EXIT_USAGE, "3 measured vCPUs of 2");
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.disk = NULL;
	assert_no_start(&layer, EXIT_USAGE, "nestbench image");
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.disk = "/nosuch/root.img";
	assert_no_start(&layer, EXIT_USAGE, "cannot open the image /nosuch/root.img");
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.scratch = "/nosuch/scratch";
	assert_no_start(&layer, EXIT_USAGE, "cannot open the scratch disk /nosuch/scratch");
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.work_dir = "/nosuch/work";
	assert_no_start(&layer, EXIT_USAGE, "/nosuch/work");
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.options = &nosuch;
	assert_no_start(&layer, EXIT_MACHINE, "nosuch:///x");
	snprintf(deep, sizeof(deep), "%s/%060d", top, 0);
	assert_works(file_make_dirs(deep, &err), err);
	layer = layer_of(GUEST_SILENT, NULL);
	layer.spec.work_dir = deep;
	assert_no_start(&layer, EXIT_USAGE, "use a shorter one");
}

/* Whether this machine can run a VM at all. */
static bool can_run(void)
{
	const struct libvirt_probe p = probe_of(GUEST_PRINTS, LIBVIRT_PROBE_OK "\n");
	struct libvirt_probe_result r;
	struct err err;

	if (ops->probe(&p, &r, &err) < 0)
		fprintf(stderr, "skipped: %s\n", err.text);
	else if (!r.qemu[0])
		fprintf(stderr, "skipped: %s\n", r.reason);
	else
		return true;
	return false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_finds_the_line),
		cmocka_unit_test(probe_of_another_line),
		cmocka_unit_test(probe_of_a_crash),
		cmocka_unit_test(silence_ends_at_the_limit),
		cmocka_unit_test(death_at_boot_is_seen_at_once),
		cmocka_unit_test(last_words_are_handed_on),
		cmocka_unit_test(flood_on_the_console),
		cmocka_unit_test(not_a_kernel),
		cmocka_unit_test(cancelled_by_a_hang_up),
		cmocka_unit_test(another_work_dir_later),
		cmocka_unit_test(findings_are_kept),
		cmocka_unit_test(kvm_is_not_trusted_without_its_flag),
		cmocka_unit_test(bad_configurations),
	};
	struct err err = {0};
	int failed = SKIPPED;

	if (reaper_start(&err) < 0 || make_world() < 0 || !(ops = libvirt_ops_load(&err)) ||
	    !(kvm = driver_find("kvm", &err))) {
		fprintf(stderr, "cannot begin: %s\n", err.text);
		return EXIT_FAILURE;
	}
	if (can_run())
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (file_remove_tree(top, &err) < 0)
		fprintf(stderr, "%s\n", err.text);
	return failed;
}
