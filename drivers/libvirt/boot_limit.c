/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/boot_limit.h"

/* A CPU that idles or spins is always seen in the same few. */
enum { PLACES_OF_PROGRESS = 4 };

uint64_t boot_limit_left_ns(struct boot_limit *b, const struct boot_look *look)
{
	uint64_t waited = look->waited_ns < look->used_ns ? look->waited_ns : look->used_ns;
	uint64_t spent, limit = b->limit_ns + b->added_ns;

	if (waited > b->waited_ns)
		b->waited_ns = waited;
	if (look->console_bytes > b->console_bytes) {
		b->console_bytes = look->console_bytes;
		b->console_grew_ns = look->used_ns;
	}
	if (!b->firm && look->used_ns >= BOOT_LIMIT_WALL * b->limit_ns)
		return 0;
	spent = b->firm ? look->used_ns : look->used_ns - b->waited_ns;
	return spent < limit ? limit - spent : 0;
}

bool boot_limit_extend(struct boot_limit *b, const struct boot_look *look, unsigned places)
{
	bool wrote = b->console_bytes && look->used_ns - b->console_grew_ns < b->limit_ns / 4;

	if (b->firm || look->used_ns >= BOOT_LIMIT_WALL * b->limit_ns ||
	    b->limit_ns + b->added_ns >= BOOT_LIMIT_TIMES * b->limit_ns)
		return false;
	if (!wrote && places < PLACES_OF_PROGRESS)
		return false;
	b->added_ns += b->limit_ns / 2;
	return true;
}
