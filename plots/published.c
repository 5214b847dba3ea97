/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/published.h"

#include <stddef.h>
#include <string.h>

static const struct published table[] = {
	{"exit.cpuid", "PVM", 0.54, 7.10},     {"exit.hypercall", "PVM", 0.46, 7.43},
	{"exit.exception", "PVM", 1.66, 9.20}, {"exit.msr", "PVM", 0.87, 8.18},
	{"exit.pio", "PVM", 3.79, 29.34},      {"exit.notify", "DVH", 4984, 48390},
	{"exit.timer", "DVH", 2005, 43359},    {"exit.ipi", "DVH", 3273, 39456},
	{"cpu.syscall", "PVM", 0.22, 0.23},    {"cpu.fork", "PVM", 82, 113},
	{"cpu.exec", "PVM", 422, 726},	       {"mem.fault", "PVM", 0.15, 0.19},
};

const struct published *published_find(const char *workload)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].workload, workload) == 0)
			return &table[i];
	return NULL;
}
