/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of the static agent alone, where it stands for all functions of libudev that hwloc's archive
 * refers to (bench/CMakeLists.txt): there is no udev, with which hwloc does.
 */
#include <stddef.h>

void *no_udev(void);

void *no_udev(void)
{
	return NULL;
}
