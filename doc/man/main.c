/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manual DIR: writes the pages of the manual as DIR/NAME.SECTION.scd, for scdoc(1). */
#include <stdio.h>

#include "doc/man/pages.h"
#include "lib/file.h"

enum { PATH_TEXT = 4096 };

/* Releases the text. */
static int write_page(const char *dir, const char *name, int section, struct buf *text,
		      struct err *err)
{
	char path[PATH_TEXT];
	int rc = buf_check(text, err);

	snprintf(path, sizeof(path), "%s/%s.%d.scd", dir, name, section);
	if (rc == 0)
		rc = file_write_whole(path, text->data, text->len, err);
	buf_release(text);
	return rc;
}

static int write_commands(const char *dir, struct err *err)
{
	for (const struct command *c = commands; c->name; c++) {
		struct buf text = BUF_INIT;
		char name[64];

		if (!c->group)
			continue;
		snprintf(name, sizeof(name), "nestbench-%s", c->name);
		page_command(&text, c);
		if (write_page(dir, name, 1, &text, err) < 0)
			return -1;
	}
	return 0;
}

static int write_others(const char *dir, struct err *err)
{
	static const struct {
		const char *name;
		int section;
		void (*page)(struct buf *out);
	} pages[] = {
		{"nestbench", 1, page_overview},
		{"nestkernel", 1, page_nestkernel},
		{"nestbench-run-directory", 5, page_run_directory},
	};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct buf text = BUF_INIT;

		pages[i].page(&text);
		if (write_page(dir, pages[i].name, pages[i].section, &text, err) < 0)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct err err;

	if (argc != 2) {
		fprintf(stderr, "manual: expected the directory to write into\n");
		return EXIT_USAGE;
	}
	if (write_commands(argv[1], &err) == 0 && write_others(argv[1], &err) == 0)
		return EXIT_FINE;
	fprintf(stderr, "manual: %s\n", err.text);
	return err.code;
}
