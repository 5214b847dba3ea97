/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for nestbench's libvirt module in images made by tests: all that counts is that it uses
 * libvirt. */
#include <libvirt/libvirt.h>
#include <stddef.h>

unsigned long standin_libvirt_version(void);

unsigned long standin_libvirt_version(void)
{
	unsigned long version = 0;

	return virGetVersion(&version, NULL, NULL) < 0 ? 0 : version;
}
