/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/abi_stamp.h"
#include "drivers/image/tools.h"

extern const struct image_tools nestbench_image_ops;
extern const char nestbench_image_stamp[];

__attribute__((visibility("default"))) const struct image_tools nestbench_image_ops = {
	.unpack = unpack_bytes,
	.make_cpio = cpio_make,
	.make_ext4 = ext4_make,
};

__attribute__((visibility("default"))) const char nestbench_image_stamp[] = NB_ABI_STAMP;
