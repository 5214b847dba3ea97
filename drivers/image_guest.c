/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's scripts as strings, straight from their files. GUEST_DIR comes from CMake. */
#include "drivers/image_parts.h"

#define EMBED(symbol, file)                                                                        \
	__asm__(".pushsection .rodata\n"                                                           \
		".global " #symbol "\n"                                                            \
		".type " #symbol ", @object\n" #symbol ":\n"                                       \
		".incbin \"" GUEST_DIR "/" file "\"\n"                                             \
		".byte 0\n"                                                                        \
		".size " #symbol ", . - " #symbol "\n"                                             \
		".popsection\n")

EMBED(guest_init, "init");
EMBED(guest_initramfs_init, "initramfs-init");
