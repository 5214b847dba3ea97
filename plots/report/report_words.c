/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report's words, which are a file beside the program: report.md. */
#include "plots/report/report_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/program.h"

enum { SHARED_LIMIT = 1 << 20 };

/* What lies beside the scripts of the pictures. */
int report_read_shared(const char *name, struct buf *out, struct err *err)
{
	char *path = program_path(name, err);
	int rc = path ? file_read(path, SHARED_LIMIT, out, err) : -1;

	free(path);
	return rc;
}

/* Each paragraph becomes a line. */
int report_read_words(struct buf *words, struct err *err)
{
	if (report_read_shared("plots/report.md", words, err) < 0)
		return -1;
	for (size_t i = 1; i + 1 < words->len; i++)
		if (words->data[i] == '\n' && words->data[i - 1] != '\n' &&
		    words->data[i + 1] != '\n')
			words->data[i] = ' ';
	return 0;
}

void report_text(struct doc *d, const struct report *r, const char *kind, const char *heading,
		 const char *of)
{
	char mark[128];
	const char *at;

	snprintf(mark, sizeof(mark), "\n# %s%s%s\n", heading, of ? ": " : "", of ? of : "");
	at = strstr(r->words, mark);
	for (at = at ? at + strlen(mark) : ""; *at && *at != '#'; at += strspn(at, "\n")) {
		size_t len = strcspn(at, "\n"), dash = strncmp(at, "- ", 2) == 0 ? 2 : 0;
		struct buf text = BUF_INIT;

		buf_add(&text, at + dash, len - dash);
		if (dash)
			doc_item(d, buf_str(&text));
		else if (len)
			doc_text(d, kind, buf_str(&text));
		buf_done(&text, &d->out);
		at += len;
	}
}
