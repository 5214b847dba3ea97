/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's first program, embedded in this one. Its path comes from CMake. */
#include "drivers/image/parts.h"

__asm__(".pushsection .rodata\n"
	".global guest_init, guest_init_end\n"
	"guest_init:\n"
	".incbin \"" GUEST_INIT "\"\n"
	"guest_init_end:\n"
	".popsection\n");
