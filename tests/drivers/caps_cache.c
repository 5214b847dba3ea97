/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt knows of QEMU, kept between runs and handed to guests, garbage included. */
#include "tests/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "drivers/libvirt/caps_cache.h"
#include "lib/sha256.h"

#define EMULATOR "/usr/bin/qemu-system-x86_64"
/* sha256sum of the path above, as libvirt names the file. */
#define NAME "926803a9278e445ec919c2b6cbd8c1c449c75b26dcb1686b774314180376c725.xml"
#define XML "<qemuCaps>\n  <flag name='kvm'/>\n</qemuCaps>\n"
#define OTHER "<qemuCaps>\n</qemuCaps>\n"
#define DIR "cache/qemu/capabilities"

struct place {
	char *home, root[300], kept[300];
};

static struct place place;

static int begin(void **state)
{
	(void)state;
	place.home = test_dir_make();
	snprintf(place.root, sizeof(place.root), "%s/lv", place.home);
	snprintf(place.kept, sizeof(place.kept), "%s/nestbench/libvirt", place.home);
	assert_int_equal(mkdir(place.root, 0700), 0);
	setenv("XDG_CACHE_HOME", place.home, 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	test_dir_remove(place.home);
	return 0;
}

static void write_to(const char *dir, const char *name, const char *text)
{
	char path[600];
	struct err err;

	assert_works(file_make_dirs(dir, &err), err);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

/* As libvirt does it: beside, and then in its place. */
static void libvirt_writes(const char *text)
{
	char dir[400];

	snprintf(dir, sizeof(dir), "%s/" DIR, place.root);
	write_to(dir, NAME ".new", text);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(rename(NAME ".new", NAME), 0);
	assert_int_equal(chdir("/"), 0);
}

static void assert_kept(const char *text)
{
	struct buf there = BUF_INIT;
	char path[600];
	struct err err;

	snprintf(path, sizeof(path), "%s/" NAME, place.kept);
	if (!text) {
		assert_int_equal(access(path, F_OK), -1);
		return;
	}
	assert_works(file_read(path, 1 << 20, &there, &err), err);
	assert_string_equal(buf_str(&there), text);
	buf_release(&there);
}

static void kept_between_runs(void **state)
{
	char second[320];

	(void)state;
	caps_cache_fill(place.root);
	assert_false(caps_cache_used(place.root, EMULATOR));
	libvirt_writes(XML);
	assert_false(caps_cache_used(place.root, EMULATOR));
	caps_cache_keep(place.root);
	assert_kept(XML);
	snprintf(second, sizeof(second), "%s/second", place.home);
	caps_cache_fill(second);
	assert_true(caps_cache_used(second, EMULATOR));
	assert_false(caps_cache_used(second, "/usr/local/bin/qemu-system-x86_64"));
}

/* libvirt writes into the file that does not fit, if it does not remove it first. */
static void written_in_place(void **state)
{
	char path[600];
	int fd;

	(void)state;
	write_to(place.kept, NAME, OTHER);
	caps_cache_fill(place.root);
	snprintf(path, sizeof(path), "%s/" DIR "/" NAME, place.root);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, XML, strlen(XML)), (ssize_t)strlen(XML));
	close(fd);
	assert_kept(OTHER);
	assert_false(caps_cache_used(place.root, EMULATOR));
	caps_cache_keep(place.root);
	assert_kept(XML);
}

/* libvirt finds that it does not fit, and writes its own. */
static void a_stale_one_is_replaced(void **state)
{
	(void)state;
	write_to(place.kept, NAME, OTHER);
	caps_cache_fill(place.root);
	assert_true(caps_cache_used(place.root, EMULATOR));
	libvirt_writes(XML);
	assert_false(caps_cache_used(place.root, EMULATOR));
	assert_kept(OTHER);
	caps_cache_keep(place.root);
	assert_kept(XML);
}

/* What a guest's libvirt found out goes up as a text, and into the next guest. */
static void through_a_text(void **state)
{
	char *text;

	(void)state;
	caps_cache_fill(place.root);
	assert_null(caps_cache_text(place.root, EMULATOR, ""));
	libvirt_writes(XML);
	text = caps_cache_text(place.root, EMULATOR, "");
	assert_non_null(text);
	assert_string_equal(text, NAME "\n" XML);
	/* Nothing new is no text. */
	assert_null(caps_cache_text(place.root, EMULATOR, text));
	assert_null(caps_cache_text(place.root, "/other", ""));
	caps_cache_add(text);
	assert_kept(XML);
	free(text);
}

static void what_is_no_such_text_is_dropped(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		NAME,
		NAME "\n",
		"\n" XML,
		XML,
		"../../" NAME "\n" XML,
		"926803a9278e445ec919c2b6cbd8c1c449c75b26dcb1686b774314180376c72/.xml\n" XML,
		"926803a9278e445ec919c2b6cbd8c1c449c75b26dcb1686b774314180376c725.sh\n" XML,
		NAME "\n<qemuCaps>\n  <flag name='k",
		NAME "\n<!DOCTYPE x [<!ENTITY a 'b'>]>\n" XML,
		NAME "\n<qemuCaps>\n<![CDATA[ ]]></qemuCaps>\n",
		NAME "\n<domain>\n</domain>\n",
		NAME "\n<qemuCaps>\n  <flag name=\"kvm\"/>\n</qemuCaps>\n",
		NAME "\n<qemuCaps>\n\x1b[2J</qemuCaps>\n",
		NAME "\n<qemuCaps>\n\xc3\xa9</qemuCaps>\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		caps_cache_add(bad[i]);
		assert_int_equal(access(place.kept, F_OK), -1);
	}
}

static char *text_of(size_t len)
{
	char *text = malloc(len + 1);

	assert_non_null(text);
	memset(text, ' ', len);
	memcpy(text, NAME "\n<qemuCaps>\n", strlen(NAME "\n<qemuCaps>\n"));
	memcpy(text + len - strlen("</qemuCaps>\n"), "</qemuCaps>\n", strlen("</qemuCaps>\n"));
	text[len] = '\0';
	return text;
}

static void as_long_as_allowed(void **state)
{
	char *text = text_of(KEEP_MAX);

	(void)state;
	caps_cache_add(text);
	assert_kept(strchr(text, '\n') + 1);
	free(text);
}

static void longer_than_allowed(void **state)
{
	char *text = text_of(KEEP_MAX + 1);

	(void)state;
	caps_cache_add(text);
	assert_int_equal(access(place.kept, F_OK), -1);
	/* Nor does such a file go up. */
	libvirt_writes(strchr(text, '\n') + 1);
	assert_null(caps_cache_text(place.root, EMULATOR, ""));
	free(text);
}

/* Emulators of builds come and go; nothing else is removed. */
static void the_oldest_make_room(void **state)
{
	char name[SHA256_HEX + 8], path[600];
	int left = 0;

	(void)state;
	write_to(place.kept, "notes", "mine");
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%064d.xml", i);
		write_to(place.kept, name, XML);
		caps_cache_keep(place.root);
		libvirt_writes(XML);
		caps_cache_keep(place.root);
	}
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "%s/%064d.xml", place.kept, i);
		left += access(path, F_OK) == 0;
	}
	assert_in_range(left, 30, 32);
	snprintf(path, sizeof(path), "%s/notes", place.kept);
	assert_int_equal(access(path, F_OK), 0);
}

static void nowhere_to_keep(void **state)
{
	(void)state;
	unsetenv("XDG_CACHE_HOME");
	setenv("HOME", "relative", 1);
	caps_cache_fill(place.root);
	caps_cache_add(NAME "\n" XML);
	caps_cache_keep(place.root);
	assert_false(caps_cache_used(place.root, EMULATOR));
	assert_kept(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kept_between_runs, begin, end),
		cmocka_unit_test_setup_teardown(written_in_place, begin, end),
		cmocka_unit_test_setup_teardown(a_stale_one_is_replaced, begin, end),
		cmocka_unit_test_setup_teardown(through_a_text, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_such_text_is_dropped, begin, end),
		cmocka_unit_test_setup_teardown(as_long_as_allowed, begin, end),
		cmocka_unit_test_setup_teardown(longer_than_allowed, begin, end),
		cmocka_unit_test_setup_teardown(the_oldest_make_room, begin, end),
		cmocka_unit_test_setup_teardown(nowhere_to_keep, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
