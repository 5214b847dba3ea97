/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest image that is written to, replaced or removed while a run goes on: VMs are measured only
 * while it is what it was, and L0 always.
 */
#include "lib/streams.h"
#include "tests/bench/session_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/session/image_watch.h"

enum harm { NOTHING, READ, TRUNCATED, WRITTEN, REPLACED, REMOVED };

static void write_file(const char *path, const char *text)
{
	struct err err;

	/* By rename: another file takes the place of the one that was there. */
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static void do_harm(enum harm harm, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	if (harm == READ)
		assert_int_equal(read(fd, &byte, 1), 1);
	if (harm == TRUNCATED)
		assert_int_equal(ftruncate(fd, 1), 0);
	if (harm == WRITTEN) {
		const struct timespec later[2] = {{.tv_sec = 2000000000}, {.tv_sec = 2000000000}};

		assert_int_equal(write(fd, "I", 1), 1);
		/* The time of a file may be no finer than a tick. */
		assert_int_equal(futimens(fd, later), 0);
	}
	close(fd);
	if (harm == REPLACED)
		write_file(path, "image");
	if (harm == REMOVED)
		assert_int_equal(unlink(path), 0);
}

static const struct {
	enum harm harm;
	const char *running, *starting; /* what is said of it; NULL: nothing */
} cases[] = {
	{NOTHING, NULL, NULL},
	{READ, NULL, NULL},
	{TRUNCATED, "the guest image was written to since the run began: ",
	 "the guest image was written to since the run began: "},
	{WRITTEN, "the guest image was written to since the run began: ",
	 "the guest image was written to since the run began: "},
	{REPLACED, NULL, "the guest image was replaced since the run began: "},
	{REMOVED, NULL, "the guest image was there when the run began: "},
};

static void test_watch(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int which = 0; which < IMAGE_FILES; which++) {
			char *dir = test_dir_make(), path[IMAGE_FILES][300];
			struct image_watch w = IMAGE_WATCH_NONE;
			struct err err;

			for (int k = 0; k < IMAGE_FILES; k++) {
				snprintf(path[k], sizeof(path[k]), "%s/%d", dir, k);
				write_file(path[k], "image");
			}
			image_watch_begin(&w, path[0], path[1], path[2]);
			do_harm(cases[i].harm, path[which]);
			if (cases[i].running)
				assert_fails(image_watch_unwritten(&w, &err), err, EXIT_MACHINE,
					     cases[i].running);
			else
				assert_works(image_watch_unwritten(&w, &err), err);
			if (cases[i].starting) {
				assert_fails(image_watch_same(&w, &err), err, EXIT_MACHINE,
					     cases[i].starting);
				assert_non_null(strstr(err.text, path[which]));
			} else {
				assert_works(image_watch_same(&w, &err), err);
			}
			image_watch_end(&w);
			test_dir_remove(dir);
		}
}

/* A run without an image, and one whose image cannot be opened, which the driver will say. */
static void test_nothing_to_watch(void **state)
{
	struct image_watch w = IMAGE_WATCH_NONE;
	struct err err;

	(void)state;
	image_watch_begin(&w, NULL, "/nowhere/initramfs", NULL);
	assert_works(image_watch_same(&w, &err), err);
	assert_works(image_watch_unwritten(&w, &err), err);
	image_watch_end(&w);
	image_watch_end(&w);
}

static enum harm harm;

/* Two boots; behind the first round of the first one it happens. */
static int spoil(void *ctx, const struct session_stand *stand, struct session_size *size,
		 struct err *err)
{
	struct world *w = ctx;

	(void)err;
	size->boots = 2;
	if (stand->boot == 1 && stand->round == 1)
		do_harm(harm, w->disk);
	return 0;
}

/* Rows of each boot and layer that are ok, and what the others say. */
struct outcome {
	int ok[3][DEPTH + 1];
	char reason[3][DEPTH + 1][SAMPLE_REASON];
};

static int tally(void *ctx, const struct row *row, struct err *err)
{
	struct outcome *o = ctx;

	(void)err;
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0)
		return 0;
	if (row->sample.status == SAMPLE_OK)
		o->ok[row->boot][row->layer]++;
	else
		strcpy(o->reason[row->boot][row->layer], row->sample.reason);
	return 0;
}

static void test_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* It is seen before the second round, or when the second boot begins. */
		int first = cases[i].running ? ALL / 2 : ALL, second = cases[i].starting ? 0 : ALL;
		struct damage damage = {0};
		struct outcome o = {0};
		struct world w;
		char path[300];

		world_make(&w);
		snprintf(path, sizeof(path), "%s/root.img", w.dir);
		write_file(path, "image");
		w.disk = path;
		w.next = spoil;
		harm = cases[i].harm;
		world_run(&w, (struct fake_script){0});
		assert_works(w.done, w.err);
		assert_works(rows_read(w.dir, tally, &o, &damage, &w.err), w.err);
		for (uint32_t layer = 0; layer <= DEPTH; layer++) {
			bool vm = layer > 0;

			assert_int_equal(o.ok[1][layer], vm ? first : ALL);
			assert_int_equal(o.ok[2][layer], vm ? second : ALL);
			if (vm && cases[i].running && !strstr(o.reason[1][layer], cases[i].running))
				fail_msg("L%u: %s", layer, o.reason[1][layer]);
			if (vm && cases[i].starting &&
			    !strstr(o.reason[2][layer], cases[i].starting))
				fail_msg("L%u: %s", layer, o.reason[2][layer]);
		}
		assert_int_equal(w.unreached, cases[i].starting ? 1 : 0);
		if (cases[i].starting)
			assert_non_null(strstr(w.why.text, cases[i].starting));
		world_free(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_nothing_to_watch),
		cmocka_unit_test(test_run),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
