/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a program decides whether it is the same. */
#include "tests/check.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

#include "bench/agent/programs.h"
#include "lib/file.h"

enum { LIMIT = 256 << 20 };

/* A copy of nestkernel to be changed. */
struct copy {
	struct buf file;
	char *dir, path[256], before[SHA256_HEX];
};

static Elf64_Ehdr *head_of(struct copy *c)
{
	return (Elf64_Ehdr *)(void *)c->file.data;
}

static Elf64_Phdr *part_of(struct copy *c, unsigned type, unsigned flags)
{
	Elf64_Phdr *part = (Elf64_Phdr *)(void *)(c->file.data + head_of(c)->e_phoff);

	while (part->p_type != type || (part->p_flags & flags) != flags)
		part++;
	return part;
}

static void hash(struct copy *c, char hex[SHA256_HEX])
{
	struct err err;

	assert_works(file_write_whole(c->path, c->file.data, c->file.len, &err), err);
	assert_works(program_hash_file(c->path, hex, &err), err);
}

static void begin(struct copy *c)
{
	struct err err;

	*c = (struct copy){.file = BUF_INIT, .dir = test_dir_make()};
	snprintf(c->path, sizeof(c->path), "%s/program", c->dir);
	assert_works(file_read(NESTKERNEL, LIMIT, &c->file, &err), err);
	hash(c, c->before);
}

static void end(struct copy *c, bool same)
{
	char after[SHA256_HEX];

	hash(c, after);
	if (same)
		assert_string_equal(c->before, after);
	else
		assert_string_not_equal(c->before, after);
	buf_release(&c->file);
	test_dir_remove(c->dir);
}

/* As by another folder, another day, or by strip(1). */
static void what_is_not_loaded_does_not_count(void **state)
{
	struct copy c;

	(void)state;
	begin(&c);
	head_of(&c)->e_shoff = 0;
	head_of(&c)->e_shnum = head_of(&c)->e_shstrndx = 0;
	buf_addstr(&c.file, "/home/somebody/nestbench/workloads");
	end(&c, true);
}

static void build_id_does_not_count(void **state)
{
	static const char owner[] = {4, 0, 0, 0,   20,	0,   0, 0, NT_GNU_BUILD_ID,
				     0, 0, 0, 'G', 'N', 'U', 0};
	struct copy c;
	char *id;

	(void)state;
	begin(&c);
	id = memmem(c.file.data, c.file.len, owner, sizeof(owner));
	assert_non_null(id);
	id[sizeof(owner) + 5] ^= 1;
	end(&c, true);
}

static void code_and_data_count(void **state)
{
	static const unsigned kinds[] = {PF_R | PF_X, PF_R | PF_W};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct copy c;
		Elf64_Phdr *part;

		begin(&c);
		part = part_of(&c, PT_LOAD, kinds[i]);
		c.file.data[part->p_offset + part->p_filesz - 1] ^= 1;
		end(&c, false);
	}
}

static void place_of_code_counts(void **state)
{
	struct copy c;

	(void)state;
	begin(&c);
	part_of(&c, PT_LOAD, PF_X)->p_vaddr += 4096;
	end(&c, false);
}

/* A wrapper, or a file that was cut short: the whole of it. */
static void other_files_count_as_a_whole(void **state)
{
	char whole[SHA256_HEX], after[SHA256_HEX];
	struct err err;
	struct copy c;

	(void)state;
	begin(&c);
	c.file.len = 500;
	hash(&c, after);
	assert_works(file_sha256(c.path, whole, &err), err);
	assert_string_equal(whole, after);
	c.file.len = 0;
	buf_addstr(&c.file, "#!/bin/sh\n");
	hash(&c, after);
	assert_works(file_sha256(c.path, whole, &err), err);
	assert_string_equal(whole, after);
	buf_release(&c.file);
	assert_fails(program_hash_file("/nonexistent", after, &err), err, EXIT_USAGE,
		     "/nonexistent");
	test_dir_remove(c.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_loaded_does_not_count),
		cmocka_unit_test(build_id_does_not_count),
		cmocka_unit_test(code_and_data_count),
		cmocka_unit_test(place_of_code_counts),
		cmocka_unit_test(other_files_count_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
