/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind hvm, a guest of Xen with the devices of a whole machine, is known by name only. Its
 * firmware reads the kernel through emulated ports, each access of which Xen hands to a program in
 * dom0: where the machine's CPU is emulated, too, four minutes were not enough for that.
 */
#include "drivers/xen/parts.h"

static int check(const struct layer_spec *spec, struct err *err)
{
	return err_set(
		err, EXIT_USAGE,
		"L%d cannot be of kind hvm: such a guest of Xen needs a QEMU of its own, which the "
		"guest image lacks because no such guest got beyond its firmware where the CPU is "
		"emulated; pvh uses the same virtualization of the CPU",
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
