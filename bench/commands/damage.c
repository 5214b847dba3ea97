/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/commands/damage.h"

#include <stdio.h>

int damage_tell(const char *command, const struct summary *runs, size_t count, struct err *err)
{
	struct buf all = BUF_INIT, text = BUF_INIT;
	int rc;

	for (size_t i = 0; i < count; i++) {
		buf_clear(&text);
		damage_format(runs[i].dir, &runs[i].damage, &text);
		if (text.len)
			buf_addf(&all, "%s: %s", command, buf_str(&text));
	}
	all.failed |= text.failed;
	rc = buf_print(&all, stderr, err);
	buf_release(&text);
	buf_release(&all);
	return rc;
}
