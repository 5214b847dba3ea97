/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/hugepages.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/file.h"
#include "lib/parse.h"

#define SMALL (UINT64_C(2) << 20)
#define LARGE (UINT64_C(1) << 30)

#define POOL "%s/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s"

/* 0: there is no such file, and so no such pages. */
static uint64_t read_pool(const char *root, uint64_t page_bytes, const char *what)
{
	uint64_t value = 0;

	return file_number(&value, POOL, root, page_bytes / 1024, what) &&
			       value <= UINT64_MAX / LARGE
		       ? value
		       : 0;
}

/* Free, and not reserved by a mapping. */
static uint64_t pages_left(const char *root, uint64_t page_bytes)
{
	uint64_t pages = read_pool(root, page_bytes, "free_hugepages"),
		 promised = read_pool(root, page_bytes, "resv_hugepages");

	return pages > promised ? pages - promised : 0;
}

static int check_size(uint64_t memory_bytes, struct err *err)
{
	char size[SIZE_TEXT];

	return memory_bytes % SMALL == 0
		       ? 0
		       : err_set(err, EXIT_USAGE,
				 "huge pages are 2MiB, and %s of memory is not a multiple of that",
				 format_size(memory_bytes, size));
}

int hugepages_find(const char *root, uint64_t memory_bytes, uint64_t *page_bytes, struct err *err)
{
	uint64_t need = memory_bytes / SMALL, left = pages_left(root, SMALL),
		 now = read_pool(root, SMALL, "nr_hugepages");
	char path[512], size[SIZE_TEXT];

	if (check_size(memory_bytes, err) < 0)
		return -1;
	if (memory_bytes % LARGE == 0 && pages_left(root, LARGE) >= memory_bytes / LARGE) {
		*page_bytes = LARGE;
		return 0;
	}
	if (left >= need) {
		*page_bytes = SMALL;
		return 0;
	}
	snprintf(path, sizeof(path), POOL, root, SMALL / 1024, "nr_hugepages");
	if (!file_exists("%s", path))
		return err_set(err, EXIT_MACHINE,
			       "this kernel has no huge pages of 2MiB: %s does not exist", path);
	return err_set(
		err, EXIT_MACHINE,
		"%s of memory in huge pages takes %" PRIu64 " of 2MiB, and %" PRIu64
		" are free: reserve them with `echo %" PRIu64 " | sudo tee %s` and give them "
		"back afterwards with `echo %" PRIu64 " | sudo tee %s`",
		format_size(memory_bytes, size), need, left, now + need - left, path, now, path);
}

/* The kernel reserves as many as it can without an error. */
static void reserve(const char *root, uint64_t pages)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64 "\n", pages);
	(void)file_put(text, POOL, root, SMALL / 1024, "nr_hugepages");
}

int hugepages_reserve(const char *root, uint64_t memory_bytes, struct hugepages_change *change,
		      struct err *err)
{
	uint64_t need = memory_bytes / SMALL, left = pages_left(root, SMALL);

	*change = (struct hugepages_change){.before = read_pool(root, SMALL, "nr_hugepages")};
	if (check_size(memory_bytes, err) < 0)
		return -1;
	if (left >= need)
		return 0;
	/* Page cache between them keeps free pages from being compacted. */
	(void)file_put("3\n", "%s/proc/sys/vm/drop_caches", root);
	(void)file_put("1\n", "%s/proc/sys/vm/compact_memory", root);
	change->changed = true;
	reserve(root, change->before + need - left);
	left = pages_left(root, SMALL);
	if (left >= need)
		return 0;
	hugepages_put_back(root, change);
	return err_set(err, EXIT_MACHINE,
		       "its kernel found only %" PRIu64 " of %" PRIu64 " huge pages of 2MiB", left,
		       need);
}

void hugepages_put_back(const char *root, struct hugepages_change *change)
{
	if (change->changed)
		reserve(root, change->before);
	change->changed = false;
}
