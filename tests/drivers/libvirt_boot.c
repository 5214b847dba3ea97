/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The libvirt driver's good path: a real L1, emulated, with the real image and its agent. Skipped
 * where `nestbench image` has not been run.
 */
#include "tests/check.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "bench/cleanup/reaper.h"
#include "drivers/driver.h"
#include "drivers/image/image.h"
#include "lib/clock.h"

enum { SKIPPED = 77 };

static char work[] = "/tmp/nbt-XXXXXX", scratch[64], cache[64];
static struct image image = IMAGE_NONE;
static struct placement place;
static const struct text_list tcg = {.item = {"accel=tcg"}, .count = 1};

static struct layer layer_of(void)
{
	struct layer layer = LAYER_INIT;

	layer.spec = (struct layer_spec){
		.layer = 1,
		.depth = 1,
		.below = 1,
		.vcpus = 2,
		.measured_vcpus = 1,
		.memory_bytes = UINT64_C(768) << 20,
		.options = &tcg,
		.run = "boot-test",
		.work_dir = work,
		.kernel = image.kernel,
		.initrd = image.initrd,
		.disk = image.disk,
		.scratch = scratch,
		.placement = &place,
		.cancel_fd = -1,
	};
	return layer;
}

static void begin(struct layer *layer)
{
	struct err err;

	*layer = layer_of();
	layer->driver = driver_find("kvm", &err);
	if (!layer->driver)
		fail_msg("%s", err.text);
	assert_works(layer->driver->start(layer, &err), err);
	assert_true(layer->fd >= 0);
}

static void assert_work_dir_empty(void)
{
	DIR *d = opendir(work);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "scratch") != 0 &&
		    strcmp(e->d_name, "cache") != 0)
			fail_msg("%s/%s was left behind", work, e->d_name);
	closedir(d);
}

static void boots_tells_and_stops(void **state)
{
	static const char *const told[] = {"accel_reason", "libvirt",	"qemu",	   "uri",
					   "connect_ns",   "create_ns", "boot_ns", "scratch_cache"};
	struct layer layer;
	uint64_t start;
	char byte;

	(void)state;
	begin(&layer);
	/* The first byte is still there. */
	assert_int_equal(read(layer.fd, &byte, 1), 1);
	assert_string_equal(facts_get(&layer.facts, "accel"), "tcg");
	assert_string_equal(facts_get(&layer.facts, "nested_feature"), "svm");
	assert_string_equal(facts_get(&layer.facts, "domain"), "nestbench-boot-test-1");
	assert_string_equal(facts_get(&layer.facts, "placement"), place.text);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		assert_non_null(facts_get(&layer.facts, told[i]));
	start = clock_now(&clock_machine);
	layer.driver->stop(&layer);
	assert_true(clock_now(&clock_machine) - start < 2 * NS_PER_S);
	assert_int_equal(layer.fd, -1);
	assert_work_dir_empty();
	facts_release(&layer.facts);
}

/* QEMU's process, by the VM's name in its command line. */
static pid_t find_qemu(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (d && !found && (e = readdir(d))) {
		struct buf line = BUF_INIT;
		char path[300];
		struct err err;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' &&
		    file_read(path, 1 << 20, &line, &err) == 0 && line.len &&
		    memmem(line.data, line.len, work, strlen(work)))
			found = (pid_t)atoi(e->d_name);
		buf_release(&line);
	}
	if (d)
		closedir(d);
	return found;
}

static void death_is_the_end_of_the_stream(void **state)
{
	struct pollfd p = {.events = POLLIN};
	struct layer layer;
	char chunk[4096];
	ssize_t got;
	pid_t qemu;

	(void)state;
	begin(&layer);
	qemu = find_qemu();
	assert_true(qemu > 1);
	assert_int_equal(kill(qemu, SIGKILL), 0);
	p.fd = layer.fd;
	do {
		assert_int_equal(poll(&p, 1, 5000), 1);
		got = read(layer.fd, chunk, sizeof(chunk));
	} while (got > 0);
	layer.driver->stop(&layer);
	assert_work_dir_empty();
	facts_release(&layer.facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boots_tells_and_stops),
		cmocka_unit_test(death_is_the_end_of_the_stream),
	};
	struct err err = {0};
	int failed = EXIT_FAILURE;

	if (reaper_start(&err) < 0 || placement_plan(NULL, 1, &place, &err) < 0) {
		fprintf(stderr, "cannot begin: %s\n", err.text);
		return EXIT_FAILURE;
	}
	if (image_find(&(struct image_config){0}, &image, &err) < 0) {
		fprintf(stderr, "skipped: %s\n", err.text);
		return SKIPPED;
	}
	if (!mkdtemp(work))
		goto out;
	snprintf(scratch, sizeof(scratch), "%s/scratch", work);
	snprintf(cache, sizeof(cache), "%s/cache", work);
	setenv("XDG_CACHE_HOME", cache, 1);
	if (file_write_whole(scratch, "", 0, &err) < 0 || truncate(scratch, 1 << 20) < 0)
		goto out;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
out:
	if (file_remove_tree(work, &err) < 0)
		fprintf(stderr, "%s\n", err.text);
	image_release(&image);
	return failed;
}
