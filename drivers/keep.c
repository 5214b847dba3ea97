/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "drivers/driver.h"

bool layer_keep_fits(const char *text)
{
	size_t len = strlen(text);
	bool fits = len <= KEEP_MAX;

	for (size_t i = 0; i < len && fits; i++)
		fits = text[i] == '\n' ||
		       (text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\');
	return fits;
}
