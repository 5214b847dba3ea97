/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from driver.c because the libvirt module has these names to print as well. */
#include "drivers/driver.h"

const char *accel_name(enum accel a)
{
	static const char *const names[] = {
		[ACCEL_AUTO] = "auto", [ACCEL_KVM] = "kvm", [ACCEL_TCG] = "tcg"};

	return (unsigned)a < sizeof(names) / sizeof(names[0]) ? names[a] : NULL;
}
