/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes the kernel proper out of a bzImage. See the kernel's Documentation/x86/boot.rst for the
 * header (setup_sects at 0x1f1, payload_offset at 0x248) and lz4's lz4_Block_format.md and "legacy
 * frame".
 */
#include <elf.h>
#include <string.h>

#include "drivers/image/parts.h"

enum {
	SETUP_SECTS = 0x1f1,
	HEADER_MAGIC = 0x202,
	BOOT_VERSION = 0x206,
	PAYLOAD_OFFSET = 0x248,
	PAYLOAD_LENGTH = 0x24c,
	SECTOR = 512,
	KERNEL_LIMIT = 256 << 20,
	NOTE_PHYS32_ENTRY = 18, /* XEN_ELFNOTE_PHYS32_ENTRY: where PVH starts */
};

static const uint8_t lz4_legacy_magic[4] = {0x02, 0x21, 0x4c, 0x18};

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

struct input {
	const uint8_t *at, *end;
};

/* A length of 15 goes on in bytes, up to and with the first that is not 255. -1: the input ends. */
static int64_t long_length(struct input *in, unsigned int nibble)
{
	int64_t length = nibble;
	uint8_t more = 255;

	while ((nibble == 15 && more == 255)) {
		if (in->at == in->end || length > KERNEL_LIMIT)
			return -1;
		more = *in->at++;
		length += more;
	}
	return length;
}

/* Copies from what was unpacked already; byte by byte where source and copy overlap. */
static void copy_match(struct buf *out, size_t offset, size_t length)
{
	while (length && !out->failed) {
		size_t part = offset < length ? offset : length;
		char chunk[4096];

		if (part > sizeof(chunk))
			part = sizeof(chunk);
		memcpy(chunk, out->data + out->len - offset, part);
		buf_add(out, chunk, part);
		length -= part;
	}
}

/* One block: sequences of (literals, match); the last has literals only. */
static bool lz4_block(struct input in, size_t start, size_t limit, struct buf *out)
{
	while (in.at < in.end && !out->failed) {
		unsigned int token = *in.at++;
		int64_t literals = long_length(&in, token >> 4), match;
		size_t offset;

		if (literals < 0 || literals > in.end - in.at ||
		    out->len - start + (size_t)literals > limit)
			return false;
		buf_add(out, in.at, (size_t)literals);
		in.at += literals;
		if (in.at == in.end)
			return true;
		if (in.end - in.at < 2)
			return false;
		offset = in.at[0] | (size_t)in.at[1] << 8;
		in.at += 2;
		match = long_length(&in, token & 15);
		if (match < 0 || offset == 0 || offset > out->len - start ||
		    out->len - start + (size_t)match + 4 > limit)
			return false;
		copy_match(out, offset, (size_t)match + 4);
	}
	return false;
}

int lz4_unpack(const uint8_t *data, size_t len, size_t limit, struct buf *out, struct err *err)
{
	size_t start = out->len, at = sizeof(lz4_legacy_magic);

	if (len < at || memcmp(data, lz4_legacy_magic, at) != 0)
		return err_set(err, EXIT_USAGE, "this is not LZ4's legacy format");
	while (at + 4 <= len) {
		size_t size = get32(data + at);
		struct input block = {data + at + 4, data + at + 4 + size};
		size_t block_start = out->len;

		at += 4;
		if (size > len - at)
			return err_set(err, EXIT_USAGE,
				       "the LZ4 data end in the middle of a block");
		/* Each block stands alone, so matches never reach before its start. */
		if (!lz4_block(block, block_start, limit - (block_start - start), out))
			return buf_check(out, err) < 0
				       ? -1
				       : err_set(err, EXIT_USAGE,
						 "the LZ4 data are damaged at byte %zu", at);
		at += size;
	}
	return buf_check(out, err);
}

/* Whether the notes of a segment hold the PVH entry point. */
static bool has_pvh_note(const uint8_t *note, size_t len)
{
	while (len >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h;
		size_t size;

		memcpy(&h, note, sizeof(h));
		if (h.n_type == NOTE_PHYS32_ENTRY && h.n_namesz == 4 && len >= sizeof(h) + 4 &&
		    memcmp(note + sizeof(h), "Xen", 4) == 0)
			return true;
		size = sizeof(h) + (((size_t)h.n_namesz + 3) & ~(size_t)3) +
		       (((size_t)h.n_descsz + 3) & ~(size_t)3);
		if (size > len)
			return false;
		note += size;
		len -= size;
	}
	return false;
}

static bool is_pvh_kernel(const uint8_t *data, size_t len)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (len < sizeof(eh) || memcmp(data, ELFMAG, SELFMAG) != 0 || data[EI_CLASS] != ELFCLASS64)
		return false;
	memcpy(&eh, data, sizeof(eh));
	if (eh.e_phoff > len || eh.e_phentsize != sizeof(ph) ||
	    (size_t)eh.e_phnum * sizeof(ph) > len - eh.e_phoff)
		return false;
	for (size_t i = 0; i < eh.e_phnum; i++) {
		memcpy(&ph, data + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_NOTE && ph.p_offset <= len &&
		    ph.p_filesz <= len - ph.p_offset &&
		    has_pvh_note(data + ph.p_offset, ph.p_filesz))
			return true;
	}
	return false;
}

int kernel_unpack(const void *bzimage, size_t len, struct buf *out, struct err *err)
{
	const uint8_t *data = bzimage;
	size_t start = out->len, sectors, offset, size;

	if (len < PAYLOAD_LENGTH + 4 || memcmp(data + HEADER_MAGIC, "HdrS", 4) != 0)
		return err_set(err, EXIT_USAGE, "the kernel is not a bzImage");
	/* Protocol 2.08 brought the payload's place. */
	if (data[BOOT_VERSION + 1] < 2 || (data[BOOT_VERSION + 1] == 2 && data[BOOT_VERSION] < 8))
		return 0;
	sectors = data[SETUP_SECTS] ? data[SETUP_SECTS] : 4;
	offset = (sectors + 1) * SECTOR + get32(data + PAYLOAD_OFFSET);
	size = get32(data + PAYLOAD_LENGTH);
	if (offset > len || size > len - offset || size < 8)
		return err_set(err, EXIT_USAGE, "the kernel's bzImage is cut off");
	if (memcmp(data + offset, lz4_legacy_magic, sizeof(lz4_legacy_magic)) != 0)
		return 0;
	/* The last four bytes are the unpacked size. */
	if (lz4_unpack(data + offset, size - 4, KERNEL_LIMIT, out, err) < 0)
		return err_context(err, "the kernel's bzImage");
	if (out->len - start != get32(data + offset + size - 4))
		return err_set(err, EXIT_USAGE, "the kernel unpacks to %zu bytes instead of %u",
			       out->len - start, get32(data + offset + size - 4));
	if (is_pvh_kernel((const uint8_t *)out->data + start, out->len - start))
		return 1;
	out->len = start;
	return 0;
}
