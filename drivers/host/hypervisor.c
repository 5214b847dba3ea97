/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from machine.c because the libvirt module asks as well. */
#include "drivers/host/hypervisor.h"

#include <cpuid.h>
#include <string.h>

/* Leaf 1 says whether there is a hypervisor; leaf 0x40000000 is its own and holds its signature. */
bool hypervisor_read(char name[HYPERVISOR_NAME])
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
		return false;
	__cpuid(0x40000000, a, b, c, d);
	memcpy(name, &b, 4);
	memcpy(name + 4, &c, 4);
	memcpy(name + 8, &d, 4);
	name[12] = '\0';
	return true;
}
