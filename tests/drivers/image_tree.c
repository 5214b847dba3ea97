/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the root disk will hold, and how that is written and hashed. */
#include "tests/drivers/image_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "drivers/image/tools.h"
#include "lib/child.h"
#include "lib/clock.h"

static void paths_are_where_they_really_are(void **state)
{
	struct tree t = {0};

	(void)state;
	tree_add_text(&t, "/lib/x86_64-linux-gnu/libz.so.1", "z");
	tree_add_text(&t, "./usr/lib/x86_64-linux-gnu/libz.so.1", "second");
	tree_add_link(&t, "lib", "usr/lib");
	tree_add_text(&t, "/library/x", "x");
	assert_string_equal(tree_find(&t, "usr/lib/x86_64-linux-gnu/libz.so.1")->from, "z");
	assert_int_equal(tree_find(&t, "usr/lib")->kind, TREE_DIR);
	assert_int_equal(tree_find(&t, "lib")->kind, TREE_LINK);
	assert_int_equal(tree_find(&t, "library")->kind, TREE_DIR);
	assert_null(tree_find(&t, "lib/x86_64-linux-gnu"));
	for (size_t i = 1; i < t.count; i++)
		assert_true(strcmp(t.entry[i - 1].path, t.entry[i].path) < 0);
	tree_release(&t);
}

static void nothing_goes_through_a_link(void **state)
{
	struct tree t = {0};

	(void)state;
	tree_add_link(&t, "var/run", "/run");
	tree_add_text(&t, "var/run/x", "out of the tree");
	tree_add_text(&t, "etc/hosts", "text");
	tree_add_text(&t, "etc/hosts/x", "below a file");
	assert_null(tree_find(&t, "var/run/x"));
	assert_null(tree_find(&t, "etc/hosts/x"));
	assert_false(t.failed);
	tree_release(&t);
}

static void packages_come_without_ballast(void **state)
{
	struct tree t = {0};
	struct err err = {0};

	(void)state;
	put("deb/usr/bin/tool", "tool");
	assert_int_equal(chmod(at("deb/usr/bin/tool"), 0700), 0);
	put("deb/usr/share/doc/tool/README", "read me");
	put("deb/lib/libtool.so.1.0", "library");
	assert_int_equal(symlink("libtool.so.1.0", at("deb/lib/libtool.so.1")), 0);
	assert_works(tree_add_below(&t, at("deb"), "", &err), err);
	assert_int_equal(tree_find(&t, "usr/bin/tool")->mode, 0755);
	assert_int_equal(tree_find(&t, "usr/lib/libtool.so.1.0")->mode, 0644);
	assert_string_equal(tree_find(&t, "usr/lib/libtool.so.1")->from, "libtool.so.1.0");
	assert_null(tree_find(&t, "usr/share/doc/tool/README"));
	assert_fails(tree_add_below(&t, at("nothing"), "", &err), err, EXIT_INTERNAL, "nothing");
	tree_release(&t);
}

/* What a tool of e2fsprogs says of the disk that the test made. */
static void ask(const char *tool, const char *option, const char *question, struct buf *out)
{
	const char *const argv[] = {tool, option, question, at("disk"), NULL};
	const char *const check[] = {tool, option, at("disk"), NULL};
	struct err err = {0};

	assert_works(child_run(question ? argv : check, NULL, NULL, 20 * NS_PER_S, out, &err), err);
}

static void disks_hold_the_tree(void **state)
{
	static char big[IMAGE_INDEX_BYTES];
	struct tree t = {0};
	struct buf text = BUF_INIT;
	const char *block;
	char name[64], target[200];
	struct err err = {0};
	mode_t mask = umask(077);

	(void)state;
	memset(target, 'x', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	put("source", "from a file");
	put("empty", "");
	tree_add_program(&t, "a/b/file", at("source"));
	tree_add_file(&t, "a/empty", at("empty"));
	tree_add_text(&t, "a/text", "from a text");
	tree_add_link(&t, "a/link", "text");
	tree_add_link(&t, "a/long", target);
	memset(big, 'x', sizeof(big));
	put_bytes("big", big, sizeof(big));
	tree_add_file(&t, "a/z-big", at("big"));
	/* More than a block of names. */
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "many/a-rather-long-name-%d", i);
		tree_add_link(&t, name, "../a/text");
	}
	assert_works(ext4_make(&t, at("disk"), &err), err);
	umask(mask);
	ask("/usr/sbin/e2fsck", "-fn", NULL, &text);
	buf_clear(&text);
	ask("/usr/sbin/debugfs", "-R", "cat a/b/file", &text);
	ask("/usr/sbin/debugfs", "-R", "cat a/text", &text);
	assert_non_null(strstr(buf_str(&text), "from a file"));
	assert_non_null(strstr(buf_str(&text), "from a text"));
	buf_clear(&text);
	ask("/usr/sbin/debugfs", "-R", "stat a/b/file", &text);
	assert_non_null(strstr(buf_str(&text), "Mode:  0755"));
	assert_non_null(strstr(buf_str(&text), "User:     0   Group:     0"));
	for (const char *s = buf_str(&text); (s = strstr(s, "time: ")); s++)
		assert_memory_equal(s, "time: 0x5e0be100:00000000", 25);
	ask("/usr/sbin/debugfs", "-R", "stat a/b", &text);
	ask("/usr/sbin/debugfs", "-R", "stat a/long", &text);
	assert_non_null(strstr(buf_str(&text), "Type: directory    Mode:  0755"));
	assert_non_null(strstr(buf_str(&text), "Type: symlink    Mode:  0777"));
	assert_non_null(strstr(buf_str(&text), "Size: 199"));
	buf_clear(&text);
	ask("/usr/sbin/debugfs", "-R", "stat many/a-rather-long-name-499", &text);
	assert_non_null(strstr(buf_str(&text), "\"../a/text\""));
	/* Directories come before files, whatever their names. */
	buf_clear(&text);
	ask("/usr/sbin/debugfs", "-R", "blocks many", &text);
	/* Behind the line with the tool's version. */
	block = strchr(buf_str(&text), '\n');
	assert_non_null(block);
	assert_in_range(atol(block), 1, IMAGE_INDEX_BYTES / IMAGE_BLOCK_BYTES - 1);
	buf_release(&text);
	tree_release(&t);
}

/* Made at two times, from copies in two places, of which one has holes. */
static void the_same_tree_gives_the_same_bytes(void **state)
{
	static char data[5 * 4096 + 10];
	char hex[2][SHA256_HEX];
	struct err err = {0};
	struct stat st;

	(void)state;
	data[3 * 4096] = 'x';
	put_bytes("full", data, sizeof(data));
	put("sparse", "");
	assert_int_equal(truncate(at("sparse"), sizeof(data)), 0);
	for (int i = 0; i < 2; i++) {
		struct tree t = {0};
		int fd = open(at("sparse"), O_WRONLY | O_CLOEXEC);

		assert_int_equal(pwrite(fd, "x", 1, 3 * 4096), 1);
		close(fd);
		tree_add_file(&t, "dir/file", at(i ? "sparse" : "full"));
		tree_add_text(&t, "text", "text");
		tree_add_link(&t, "link", "text");
		assert_works(ext4_make(&t, at("disk"), &err), err);
		assert_works(file_sha256(at("disk"), hex[i], &err), err);
		tree_release(&t);
		sleep(1 - (unsigned int)i); /* the unit of the times in it */
	}
	assert_string_equal(hex[0], hex[1]);
	/* Zeros are holes there, too. */
	assert_int_equal(stat(at("disk"), &st), 0);
	assert_true(st.st_blocks * 512 < st.st_size);
}

static void bad_disks_are_told(void **state)
{
	struct tree t = {0};
	struct err err = {0};

	(void)state;
	assert_fails(ext4_make(&t, at("none/disk"), &err), err, EXIT_MACHINE, "none/disk");
	tree_add_file(&t, "x", at("vanished"));
	assert_fails(ext4_make(&t, at("disk"), &err), err, EXIT_MACHINE, "vanished");
	tree_release(&t);
	assert_fails(space_check(dir, UINT64_MAX, &err), err, EXIT_MACHINE, "make room");
}

static void a_vanished_file_is_named(void **state)
{
	struct tree t = {0};
	struct sha256 hash;
	struct names none = {0};
	struct err err = {0};

	(void)state;
	sha256_init(&hash);
	tree_add_file(&t, "x", at("vanished"));
	assert_fails(tree_hash(&t, &none, &hash, &err), err, EXIT_MACHINE, "vanished");
	tree_release(&t);
	tree_add_file(&t, "x", dir);
	assert_fails(tree_hash(&t, &none, &hash, &err), err, EXIT_MACHINE, "is not a file");
	tree_release(&t);
}

static void hash_of(const struct tree *t, const struct names *by_content, uint8_t digest[32])
{
	struct sha256 hash;
	struct err err = {0};

	sha256_init(&hash);
	assert_works(tree_hash(t, by_content, &hash, &err), err);
	sha256_finish(&hash, digest);
}

static void hashes_change_when_files_change(void **state)
{
	const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct names none = {0}, program = {0};
	struct tree t = {0};
	uint8_t before[32], after[32];

	(void)state;
	put("program", "one");
	tree_add_file(&t, "x", at("program"));
	names_add(&program, at("program"));
	hash_of(&t, &none, before);
	assert_int_equal(utimensat(AT_FDCWD, at("program"), past, 0), 0);
	hash_of(&t, &none, after);
	assert_memory_not_equal(before, after, 32);
	/* Where the content counts, time and place do not. */
	hash_of(&t, &program, before);
	put("program", "one");
	hash_of(&t, &program, after);
	assert_memory_equal(before, after, 32);
	put("program", "two");
	hash_of(&t, &program, after);
	assert_memory_not_equal(before, after, 32);
	hash_of(&t, &program, before);
	tree_add_text(&t, "y", "");
	hash_of(&t, &program, after);
	assert_memory_not_equal(before, after, 32);
	names_release(&program);
	tree_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_where_they_really_are),
		cmocka_unit_test(nothing_goes_through_a_link),
		cmocka_unit_test_setup_teardown(packages_come_without_ballast, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(disks_hold_the_tree, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(the_same_tree_gives_the_same_bytes, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(bad_disks_are_told, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_vanished_file_is_named, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(hashes_change_when_files_change, make_dir,
						remove_dir),
	};

	return cmocka_run_group_tests_name("image tree", tests, NULL, NULL);
}
