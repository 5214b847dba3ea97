/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/commands/damage.h"

#include <stdio.h>

void damage_tell(const char *command, const struct summary *runs, size_t count)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		buf_clear(&text);
		damage_format(runs[i].dir, &runs[i].damage, &text);
		if (text.len)
			fprintf(stderr, "%s: %s", command, buf_str(&text));
	}
	buf_release(&text);
}
