/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests of a few bytes: files that QEMU takes for a Linux kernel (the boot protocol's header and
 * real-mode code), so that a VM's life is tested in a second and without a kernel.
 */
#ifndef NB_TEST_BOOT_SECTOR_H
#define NB_TEST_BOOT_SECTOR_H

#include "tests/check.h"

enum guest_kind {
	GUEST_SILENT,  /* halts for ever */
	GUEST_PRINTS,  /* prints a line on the serial port, then halts */
	GUEST_FLOODS,  /* prints on the serial port without end */
	GUEST_CRASHES, /* triple fault: resets at once */
};

static inline void boot_sector_write(const char *path, enum guest_kind kind, const char *line)
{
	enum { CODE = 0x240, TEXT = 0x300, SIZE = 4096 };
	/* cli; again: hlt; jmp again */
	static const uint8_t halt[] = {0xfa, 0xf4, 0xeb, 0xfd};
	/* mov si, TEXT; mov cx, 0; mov dx, 0x3f8; next: lodsb; out dx, al; loop next */
	uint8_t print[] = {0xbe, 0x00, 0x03, 0xb9, 0, 0, 0xba, 0xf8, 0x03, 0xac, 0xee, 0xe2, 0xfc};
	/* mov dx, 0x3f8; mov al, 'x'; next: out dx, al; jmp next */
	static const uint8_t flood[] = {0xba, 0xf8, 0x03, 0xb0, 'x', 0xee, 0xeb, 0xfd};
	/* lidt of six zero bytes at TEXT; int3 */
	static const uint8_t crash[] = {0x0f, 0x01, 0x1e, 0x00, 0x03, 0xcc};
	uint8_t image[SIZE] = {0};
	size_t at = CODE;
	struct err err;

	image[0x1f1] = 1; /* one more sector of real-mode code */
	image[0x200] = 0xeb;
	image[0x201] = CODE - 0x202;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x206] = 0x02; /* protocol 2.2 */
	image[0x207] = 0x02;
	image[0x211] = 0x01; /* the rest belongs at 1 MiB */
	if (kind == GUEST_PRINTS) {
		print[4] = (uint8_t)strlen(line);
		memcpy(image + at, print, sizeof(print));
		at += sizeof(print);
		memcpy(image + TEXT, line, strlen(line));
	} else if (kind == GUEST_FLOODS) {
		memcpy(image + at, flood, sizeof(flood));
		at += sizeof(flood);
	} else if (kind == GUEST_CRASHES) {
		memcpy(image + at, crash, sizeof(crash));
		at += sizeof(crash);
	}
	memcpy(image + at, halt, sizeof(halt));
	assert_works(file_write_whole(path, image, sizeof(image), &err), err);
}

#endif
