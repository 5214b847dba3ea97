/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind hvm, a guest of Xen with the devices of a whole machine, is known by name only: its
 * kernel says nothing after the firmware has started it, where the machine's CPU is emulated.
 */
#include "drivers/xen/parts.h"

static int check(const struct layer_spec *spec, struct err *err)
{
	return err_set(
		err, EXIT_USAGE,
		"L%d cannot be of kind hvm: it is not started, because such a guest of Xen "
		"did not boot beyond its firmware under emulation, and needs a QEMU of its "
		"own that the guest image lacks; pvh uses the same virtualization of the CPU",
		spec->depth);
}

static int start(struct layer *layer, struct err *err)
{
	return check(&layer->spec, err);
}

static void stop(struct layer *layer)
{
	layer->fd = -1;
}

const struct driver driver_hvm = {
	.name = "hvm",
	.summary = "a guest of Xen with emulated devices: refused, see pvh",
	.isolation = ISOLATION_FULL,
	.check = check,
	.start = start,
	.stop = stop,
};
