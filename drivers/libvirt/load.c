/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/abi_stamp.h"
#include "drivers/libvirt/ops.h"
#include "lib/program.h"

const struct libvirt_ops *libvirt_ops_load(struct err *err)
{
	static const struct libvirt_ops *ops;

	if (!ops)
		ops = module_load(LIBVIRT_MODULE, NB_ABI_STAMP, "the libvirt driver",
				  "libvirt0 and libvirt-daemon-driver-qemu", err);
	return ops;
}
