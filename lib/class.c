/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/class.h"

#include <string.h>

static const char *const names[CLASS_COUNT] = {
	[CLASS_CONTROL] = "control",   [CLASS_BOOT] = "boot", [CLASS_CPU] = "cpu",
	[CLASS_EXIT] = "exit",	       [CLASS_MEM] = "mem",   [CLASS_IO] = "io",
	[CLASS_NET] = "net",	       [CLASS_GPU] = "gpu",   [CLASS_APP] = "app",
	[CLASS_CAPACITY] = "capacity",
};

const char *class_name(int class)
{
	return (unsigned)class < CLASS_COUNT ? names[class] : NULL;
}

int class_rank(const char *name)
{
	int class = 0;

	while (class < CLASS_COUNT && strcmp(names[class], name) != 0)
		class ++;
	return class;
}
