/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/programs.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/sha256.h"

enum { PROGRAM_LIMIT = 256 << 20 };

/* A program as it lies in memory. */
struct image {
	const unsigned char *at;
	size_t size;
	const Elf64_Phdr *part; /* of its header: what of the file is loaded where */
	size_t parts;
};

static bool lies_in(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset <= image->size && size <= image->size - offset;
}

/* Whether it is a program of this kind of machine, and its header is whole. */
static bool find_parts(struct image *image)
{
	const Elf64_Ehdr *head = (const void *)image->at;

	if (image->size < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB ||
	    head->e_phentsize != sizeof(*image->part) || head->e_phoff % sizeof(uint64_t) ||
	    !lies_in(image, head->e_phoff, (uint64_t)head->e_phnum * sizeof(*image->part)))
		return false;
	image->part = (const void *)(image->at + head->e_phoff);
	image->parts = head->e_phnum;
	for (size_t i = 0; i < image->parts; i++)
		if (!lies_in(image, image->part[i].p_offset, image->part[i].p_filesz))
			return false;
	return true;
}

/* Overwrites the build id, which is a hash of the whole file with its debugging information. */
static void blank_build_id(unsigned char *notes, size_t size)
{
	Elf64_Nhdr note;

	for (size_t at = 0; at <= size && size - at >= sizeof(note);) {
		size_t name, content;

		memcpy(&note, notes + at, sizeof(note));
		name = at + sizeof(note);
		content = name + ((size_t)note.n_namesz + 3) / 4 * 4;
		at = content + ((size_t)note.n_descsz + 3) / 4 * 4;
		if (at <= size && note.n_type == NT_GNU_BUILD_ID &&
		    note.n_namesz == sizeof(ELF_NOTE_GNU) &&
		    memcmp(notes + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0)
			memset(notes + content, 0, note.n_descsz);
	}
}

/* Where and how large each part is, and its bytes. The head of the file names the place of the
 * debugging information, and is loaded with the first part. */
static void hash_parts(const struct image *image, struct sha256 *s)
{
	for (size_t i = 0; i < image->parts; i++) {
		const Elf64_Phdr *part = &image->part[i];
		const uint64_t where[] = {part->p_flags, part->p_vaddr, part->p_memsz};
		size_t skip = part->p_offset == 0 ? sizeof(Elf64_Ehdr) : 0;

		if (part->p_type != PT_LOAD)
			continue;
		sha256_add(s, where, sizeof(where));
		if (part->p_filesz > skip)
			sha256_add(s, image->at + part->p_offset + skip, part->p_filesz - skip);
	}
}

int program_hash_file(const char *path, char hex[SHA256_HEX], struct err *err)
{
	struct buf file = BUF_INIT;
	struct image image;
	struct sha256 s;

	if (file_read(path, PROGRAM_LIMIT, &file, err) < 0)
		return -1;
	image = (struct image){.at = (const void *)file.data, .size = file.len};
	sha256_init(&s);
	if (find_parts(&image)) {
		for (size_t i = 0; i < image.parts; i++)
			if (image.part[i].p_type == PT_NOTE)
				blank_build_id((unsigned char *)file.data + image.part[i].p_offset,
					       image.part[i].p_filesz);
		hash_parts(&image, &s);
	} else {
		sha256_add(&s, file.data, file.len);
	}
	buf_release(&file);
	sha256_hex(&s, hex);
	return 0;
}

int program_hash(const char *name, char hex[SHA256_HEX], struct err *err)
{
	char *path = program_path(name, err);
	int done = path ? program_hash_file(path, hex, err) : -1;

	free(path);
	return done;
}
