/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "drivers/xen/parts.h"

/*
 * Xen measures anew every second how fast each CPU's TSC runs, which on emulated CPUs it does
 * differently for each; Linux keeps the clock of all of them from going back by letting it stand
 * still. Seen: batches of 100 ms that took no time.
 */
void clock_warn(struct layer *layer, int vcpus)
{
	static const char text[] =
		"Xen's clock can stand still for many milliseconds in a layer with several vCPUs "
		"whose CPU is emulated, so that batches seem to take no time; use one vCPU "
		"(--vcpus 1)";
	char before[512] = "";
	const char *known = facts_get(&layer->facts, "warning");

	if (vcpus < 2)
		return;
	if (known)
		snprintf(before, sizeof(before), "%s. ", known);
	facts_set(&layer->facts, "warning", "%s%s", before, text);
}
