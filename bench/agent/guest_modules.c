/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/guest_modules.h"

#include <stdio.h>
#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"

#define START_LIMIT_NS (20 * NS_PER_S)

enum { LIST_LIMIT = 4096 };

int guest_module_load(const char *module, struct err *err)
{
	const char *const argv[] = {"modprobe", module, NULL};
	struct buf said = BUF_INIT;
	int done = child_run(argv, NULL, NULL, START_LIMIT_NS, &said, err);

	buf_release(&said);
	return done;
}

void guest_modules_load(const char *list)
{
	struct buf text = BUF_INIT;
	struct err err;
	char *rest = NULL;

	if (file_read(list, LIST_LIMIT, &text, &err) == 0 && text.len)
		for (char *name = strtok_r(text.data, "\n", &rest); name;
		     name = strtok_r(NULL, "\n", &rest))
			if (guest_module_load(name, &err) < 0)
				fprintf(stderr, "nestbench agent: no module %s: %s\n", name,
					err.text);
	buf_release(&text);
}
