/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Extracts the kernel from a bzImage. See the kernel's Documentation/x86/boot.rst for the header
 * (setup_sects at 0x1f1, payload_offset at 0x248).
 */
#include <dirent.h>
#include <elf.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "drivers/image/tools.h"

enum {
	SETUP_SECTS = 0x1f1,
	HEADER_MAGIC = 0x202,
	BOOT_VERSION = 0x206,
	PAYLOAD_OFFSET = 0x248,
	PAYLOAD_LENGTH = 0x24c,
	SECTOR = 512,
	KERNEL_LIMIT = 256 << 20,
};

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Whether it has the note XEN_ELFNOTE_PHYS32_ENTRY, which holds the PVH entry point. */
static bool is_pvh_kernel(const char *data, size_t len)
{
	static const struct {
		Elf64_Nhdr head;
		char name[4];
	} note = {{.n_namesz = 4, .n_descsz = 8, .n_type = 18}, "Xen"};

	return len > EI_CLASS && memcmp(data, ELFMAG, SELFMAG) == 0 &&
	       data[EI_CLASS] == ELFCLASS64 && memmem(data, len, &note, sizeof(note));
}

/*
 * A kernel's segments end in the zeroes of its .bss, 12 of 46 MB: behind p_filesz it is who loads a
 * segment that makes them, in place of reading and copying them at every start.
 */
static void leave_zeroes_out(char *data, size_t len)
{
	Elf64_Ehdr head;

	if (len < sizeof(head))
		return;
	memcpy(&head, data, sizeof(head));
	for (size_t i = 0; i < head.e_phnum; i++) {
		size_t at = head.e_phoff + i * sizeof(Elf64_Phdr);
		Elf64_Phdr segment;

		if (head.e_phoff > len || at > len - sizeof(segment))
			return;
		memcpy(&segment, data + at, sizeof(segment));
		if (segment.p_type != PT_LOAD || segment.p_offset > len ||
		    segment.p_filesz > len - segment.p_offset)
			continue;
		while (segment.p_filesz && !data[segment.p_offset + segment.p_filesz - 1])
			segment.p_filesz--;
		memcpy(data + at, &segment, sizeof(segment));
	}
}

int kernel_unpack(const struct image_tools *tools, const void *bzimage, size_t len, struct buf *out,
		  struct err *err)
{
	const uint8_t *data = bzimage, *packed;
	size_t start = out->len, sectors, offset, size;
	uint32_t unpacked_size;
	int result;

	if (len < PAYLOAD_LENGTH + 4 || memcmp(data + HEADER_MAGIC, "HdrS", 4) != 0)
		return err_set(err, EXIT_USAGE, "the kernel is not a bzImage");
	/* Protocol 2.08 added the payload's offset. */
	if (data[BOOT_VERSION + 1] < 2 || (data[BOOT_VERSION + 1] == 2 && data[BOOT_VERSION] < 8))
		return 0;
	sectors = data[SETUP_SECTS] ? data[SETUP_SECTS] : 4;
	offset = (sectors + 1) * SECTOR + get32(data + PAYLOAD_OFFSET);
	size = get32(data + PAYLOAD_LENGTH);
	if (offset > len || size > len - offset || size < 8)
		return err_set(err, EXIT_USAGE, "the kernel's bzImage is cut off");
	packed = data + offset;
	/* The last four bytes are the unpacked size; they are part of gzip's format. */
	unpacked_size = get32(packed + size - 4);
	if (memcmp(packed, "\x1f\x8b", 2) != 0)
		size -= 4;
	result = tools->unpack(packed, size, KERNEL_LIMIT, out, err);
	if (result < 0)
		return err_context(err, "the kernel's bzImage");
	if (result == 1 && out->len - start != unpacked_size)
		return err_set(err, EXIT_USAGE, "the kernel unpacks to %zu bytes instead of %u",
			       out->len - start, unpacked_size);
	if (result == 1 && is_pvh_kernel(out->data + start, out->len - start)) {
		leave_zeroes_out(out->data + start, out->len - start);
		return 1;
	}
	out->len = start;
	return 0;
}

int kernel_find(const char *package, char vmlinuz[PATH_MAX], char modules[PATH_MAX],
		struct err *err)
{
	static const char prefix[] = "vmlinuz-";
	/* Since Debian 13 packages use the real path of the directory. */
	static const char *const places[] = {"lib/modules", "usr/lib/modules"};
	const struct dirent *e = NULL;
	int result = path_make(vmlinuz, err, "%s/boot", package);
	DIR *d = result == 0 ? opendir(vmlinuz) : NULL;

	while (d && (e = readdir(d)) && strncmp(e->d_name, prefix, sizeof(prefix) - 1) != 0)
		;
	if (result == 0 && !e)
		result = err_set(err, EXIT_USAGE,
				 "the kernel package holds no kernel (boot/vmlinuz-RELEASE)");
	else if (result == 0)
		result = path_make(vmlinuz, err, "%s/boot/%s", package, e->d_name);
	for (size_t i = 0; i < COUNT(places) && result == 0; i++) {
		result = path_make(modules, err, "%s/%s/%s", package, places[i],
				   e->d_name + sizeof(prefix) - 1);
		if (result == 0 && access(modules, R_OK) == 0)
			break;
		if (result == 0 && i + 1 == COUNT(places))
			result = err_set(
				err, EXIT_USAGE,
				"the kernel package holds no modules (lib/modules/RELEASE)");
	}
	if (d)
		closedir(d);
	return result;
}
