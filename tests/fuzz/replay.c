/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stands in for libFuzzer where only known inputs are to be tried: feeds every file of the
 * directories that are named to the target, whole and cut short at a few places.
 */
#include <dirent.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_LIMIT = 1 << 20, CUTS = 8 };

/* From a copy of the right size, so that a sanitizer or valgrind sees every byte too far. */
static void try_it(const char *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	must(copy);
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void replay_file(const char *dir, const char *name)
{
	struct buf path = BUF_INIT, input = BUF_INIT;
	struct err err;

	buf_addf(&path, "%s/%s", dir, name);
	if (file_read(buf_str(&path), INPUT_LIMIT, &input, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(EXIT_FAILURE);
	}
	for (size_t cut = 0; cut <= CUTS; cut++)
		try_it(buf_str(&input), input.len * cut / CUTS);
	buf_release(&path);
	buf_release(&input);
}

int main(int argc, char **argv)
{
	size_t files = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		if (!dir) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.') {
				replay_file(argv[i], entry->d_name);
				files++;
			}
		closedir(dir);
	}
	printf("%zu inputs replayed\n", files);
	return files ? EXIT_SUCCESS : EXIT_FAILURE;
}
