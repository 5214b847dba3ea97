/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/evidence.h"

#include <string.h>

#include "lib/file.h"

enum { FILE_LIMIT = 16 << 20 };

const char *evidence_name(enum evidence_part part)
{
	static const char *const names[] = {[EVIDENCE_EVENTS] = "events.txt",
					    [EVIDENCE_CONSOLE] = "console.txt",
					    [EVIDENCE_LOG] = "log.txt",
					    [EVIDENCE_REGISTERS] = "registers.txt"};

	return names[part];
}

void evidence_set(struct evidence *e, enum evidence_part part, const char *text, size_t len)
{
	const char *from = text;

	if (len > EVIDENCE_LIMIT) {
		const char *line;

		from = text + len - EVIDENCE_LIMIT;
		line = memchr(from, '\n', EVIDENCE_LIMIT);
		if (line && line + 1 < text + len)
			from = line + 1;
	}
	buf_clear(&e->part[part]);
	if (len)
		buf_add(&e->part[part], from, (size_t)(text + len - from));
}

void evidence_set_file(struct evidence *e, enum evidence_part part, const char *path)
{
	struct buf text = BUF_INIT;
	struct err ignored;

	if (file_read(path, FILE_LIMIT, &text, &ignored) == 0)
		evidence_set(e, part, buf_str(&text), text.len);
	buf_release(&text);
}

void evidence_release(struct evidence *e)
{
	for (int i = 0; i < EVIDENCE_PARTS; i++)
		buf_release(&e->part[i]);
	*e = (struct evidence)EVIDENCE_NONE;
}
