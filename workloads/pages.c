/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/base/file.h"
#include "bench/base/parse.h"

const char *const pages_choices[] = {
	[PAGES_4K] = "4k",
	[PAGES_HUGE] = "huge",
	[PAGES_DEFAULT] = "default",
	NULL,
};

bool pages_has_huge(void)
{
	char line[64];

	return file_first_line("/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof(line)) &&
	       !strstr(line, "[never]");
}

int pages_reserve(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err)
{
	size_t mapped = (size_t)bytes + PAGES_HUGE_BYTES;
	char size[SIZE_TEXT];
	void *mapping =
		mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapping == MAP_FAILED)
		return err_errno(err, EXIT_MACHINE, "cannot map %s of memory (use a smaller size)",
				 format_size(bytes, size));
	*p = (struct pages){
		.at = (char *)(((uintptr_t)mapping + PAGES_HUGE_BYTES - 1) / PAGES_HUGE_BYTES *
			       PAGES_HUGE_BYTES),
		.bytes = (size_t)bytes,
		.kind = (enum pages_kind)kind,
		.mapping = mapping,
		.mapped = mapped,
	};
	/* A kernel without transparent huge pages refuses both, and then has only 4k pages anyway.
	 */
	if (kind == PAGES_4K)
		madvise(mapping, mapped, MADV_NOHUGEPAGE);
	else if (kind == PAGES_HUGE)
		madvise(mapping, mapped, MADV_HUGEPAGE);
	return 0;
}

int pages_map(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err)
{
	if (pages_reserve(p, bytes, kind, err) < 0)
		return -1;
#ifdef MADV_POPULATE_WRITE
	/* One call in place of a fault for each page; before Linux 5.14 the first writes do it. */
	madvise(p->at, p->bytes, MADV_POPULATE_WRITE);
#endif
	return 0;
}

/* What of this process lies in huge pages. */
static bool huge_kib(uint64_t *kib)
{
	struct buf text = BUF_INIT;
	struct err err;
	bool found = false;

	if (file_read("/proc/self/smaps_rollup", 1 << 16, &text, &err) == 0) {
		const char *line = strstr(buf_str(&text), "AnonHugePages:");

		found = line && sscanf(line, "AnonHugePages: %" SCNu64, kib) == 1;
	}
	buf_release(&text);
	return found;
}

bool pages_got_huge(void)
{
	uint64_t kib;

	return huge_kib(&kib) && kib > 0;
}

const char *pages_note(struct pages *p)
{
	uint64_t kib;
	char total[SIZE_TEXT];

	if (p->kind == PAGES_4K || !p->at)
		return NULL;
	if (huge_kib(&kib))
		snprintf(p->note, sizeof(p->note), "%" PRIu64 "MiB of %s in huge pages", kib >> 10,
			 format_size(p->bytes, total));
	else
		snprintf(p->note, sizeof(p->note), "share of huge pages not known");
	return p->note;
}

void pages_unmap(struct pages *p)
{
	if (p->mapping)
		munmap(p->mapping, p->mapped);
	*p = (struct pages){0};
}
