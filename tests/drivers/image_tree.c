/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the root disk will hold, and how that is written and hashed. */
#include "tests/drivers/image_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"

static void paths_are_where_they_really_are(void **state)
{
	struct tree t = {0};

	(void)state;
	tree_add_text(&t, "/lib/x86_64-linux-gnu/libz.so.1", "z", 0644);
	tree_add_text(&t, "./usr/lib/x86_64-linux-gnu/libz.so.1", "second", 0644);
	tree_add_link(&t, "lib", "usr/lib");
	tree_add_text(&t, "/library/x", "x", 0644);
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
	tree_add_text(&t, "var/run/x", "out of the tree", 0644);
	tree_add_text(&t, "etc/hosts", "text", 0644);
	tree_add_text(&t, "etc/hosts/x", "below a file", 0644);
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

static void written_trees_are_readable_by_everyone(void **state)
{
	struct tree t = {0};
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct stat st;
	uint64_t blocks;
	mode_t mask = umask(077);

	(void)state;
	put("source", "from a file");
	assert_int_equal(mkdir(at("root"), 0755), 0);
	tree_add_file(&t, "a/b/file", at("source"));
	tree_add_text(&t, "a/text", "from a text", 0755);
	tree_add_link(&t, "a/link", "text");
	assert_works(tree_blocks(&t, &blocks, &err), err);
	assert_int_equal(blocks, 2 + 1 + 1 + 1); /* directories, file, text, link */
	assert_works(tree_write(&t, at("root"), &err), err);
	umask(mask);
	assert_works(file_read(at("root/a/b/file"), 100, &text, &err), err);
	assert_works(file_read(at("root/a/link"), 100, &text, &err), err);
	assert_string_equal(buf_str(&text), "from a filefrom a text");
	assert_int_equal(stat(at("root/a/b"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(at("root/a/b/file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_mtim.tv_sec, IMAGE_TIME);
	assert_int_equal(st.st_mtim.tv_nsec, 0);
	assert_int_equal(stat(at("root/a"), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, IMAGE_TIME);
	buf_release(&text);
	tree_release(&t);
}

static void a_vanished_file_is_named(void **state)
{
	struct tree t = {0};
	struct sha256 hash;
	struct names none = {0};
	struct err err = {0};
	uint64_t blocks;

	(void)state;
	sha256_init(&hash);
	tree_add_file(&t, "x", at("vanished"));
	assert_fails(tree_hash(&t, &none, &hash, &err), err, EXIT_MACHINE, "vanished");
	assert_fails(tree_blocks(&t, &blocks, &err), err, EXIT_MACHINE, "vanished");
	assert_fails(tree_write(&t, dir, &err), err, EXIT_MACHINE, "vanished");
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
	tree_add_text(&t, "y", "", 0644);
	hash_of(&t, &program, after);
	assert_memory_not_equal(before, after, 32);
	names_release(&program);
	tree_release(&t);
}

static void zeros_become_holes(void **state)
{
	static char data[5 * 4096 + 10];
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct tree t = {0};
	struct stat st;
	uint64_t blocks;

	(void)state;
	data[3 * 4096] = 'x';
	assert_works(write_sparse(at("sparse"), data, sizeof(data), &err), err);
	assert_works(file_read(at("sparse"), sizeof(data), &text, &err), err);
	assert_int_equal(text.len, sizeof(data));
	assert_memory_equal(text.data, data, sizeof(data));
	assert_int_equal(stat(at("sparse"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	tree_add_file(&t, "sparse", at("sparse"));
	assert_works(tree_blocks(&t, &blocks, &err), err);
	assert_true(blocks <= 6);
	assert_fails(write_sparse(at("none/sparse"), data, 1, &err), err, EXIT_INTERNAL,
		     "none/sparse");
	tree_release(&t);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_where_they_really_are),
		cmocka_unit_test(nothing_goes_through_a_link),
		cmocka_unit_test_setup_teardown(packages_come_without_ballast, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(written_trees_are_readable_by_everyone, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(a_vanished_file_is_named, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(hashes_change_when_files_change, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(zeros_become_holes, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("image tree", tests, NULL, NULL);
}
