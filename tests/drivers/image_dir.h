/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A directory for each test of the image builder, and files in it.
 */
#ifndef NB_TEST_IMAGE_DIR_H
#define NB_TEST_IMAGE_DIR_H

#include "tests/check.h"

static char *dir;

static int make_dir(void **state)
{
	(void)state;
	dir = test_dir_make();
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static void put_bytes(const char *name, const void *data, size_t len)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_addf(&path, "%s/%s", dir, name);
	*strrchr(path.data, '/') = '\0';
	assert_works(file_make_dirs(buf_str(&path), &err), err);
	buf_clear(&path);
	buf_addf(&path, "%s/%s", dir, name);
	assert_works(file_write_whole(buf_str(&path), data, len, &err), err);
	buf_release(&path);
}

static void put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

/* The path of a name in the test's directory; valid until the call after the next. */
static const char *at(const char *name)
{
	static char path[2][512];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

#endif
