/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/pages.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/file.h"
#include "lib/parse.h"
#include "workloads/lib/state.h"

const char *const pages_choices[] = {
	[PAGES_4K] = "4k",
	[PAGES_HUGE] = "huge",
	[PAGES_DEFAULT] = "default",
	NULL,
};

bool pages_has_huge(void)
{
	char line[64];

	return file_line(line, sizeof(line), "/sys/kernel/mm/transparent_hugepage/enabled") &&
	       !strstr(line, "[never]") && prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) <= 0;
}

int pages_probe(uint64_t kind, struct err *err)
{
	if (kind != PAGES_HUGE || pages_has_huge())
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "this layer has no transparent huge pages (Linux leaves them off below "
		       "512 MiB of memory)");
}

/* Memory of one kind of pages begins and ends at a huge page. */
static size_t window(size_t bytes, enum pages_kind kind)
{
	size_t whole = PAGES_HUGE_BYTES;

	return kind == PAGES_HUGE ? (bytes + whole - 1) / whole * whole : bytes;
}

int pages_reserve(struct pages *p, uint64_t bytes, uint64_t kind, struct err *err)
{
	size_t len = window((size_t)bytes, (enum pages_kind)kind), mapped = len + PAGES_HUGE_BYTES;
	char size[SIZE_TEXT];
	void *mapping =
		mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapping == MAP_FAILED)
		return err_errno(err, EXIT_MACHINE, "cannot map %s of memory (use a smaller size)",
				 format_size(bytes, size));
	/* Up to a whole huge page stays free in front, so that no adjacent mapping is counted with
	 * it. */
	*p = (struct pages){
		.at = (char *)((uintptr_t)mapping / PAGES_HUGE_BYTES * PAGES_HUGE_BYTES +
			       PAGES_HUGE_BYTES),
		.bytes = (size_t)bytes,
		.kind = (enum pages_kind)kind,
		.mapping = mapping,
		.mapped = mapped,
	};
	/* A kernel without transparent huge pages refuses both, and has only 4k pages anyway. */
	if (kind == PAGES_4K)
		madvise(p->at, len, MADV_NOHUGEPAGE);
	else if (kind == PAGES_HUGE)
		madvise(p->at, len, MADV_HUGEPAGE);
	else
		mprotect(mapping, (size_t)(p->at - (char *)mapping), PROT_NONE);
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

/* The bytes in huge pages of the mapping that begins there, from smaps. */
static bool huge_bytes(const struct pages *p, size_t *bytes)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	bool within = false, found = false;
	char line[512];

	while (maps && !found && fgets(line, sizeof(line), maps)) {
		uintptr_t start, end;
		size_t kib;

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
			within = start <= (uintptr_t)p->at && (uintptr_t)p->at < end;
		found = within && sscanf(line, "AnonHugePages: %zu", &kib) == 1;
		if (found)
			*bytes = kib << 10 < p->bytes ? kib << 10 : p->bytes;
	}
	if (maps)
		fclose(maps);
	return found;
}

bool pages_got_huge(const struct pages *p)
{
	size_t bytes;

	return huge_bytes(p, &bytes) && bytes > 0;
}

void pages_note(const struct pages *p, const struct workload_env *env)
{
	size_t bytes;
	char huge[SIZE_TEXT], total[SIZE_TEXT];

	if (p->kind == PAGES_4K || !p->at)
		return;
	if (huge_bytes(p, &bytes))
		note_add(env, "%s of %s in huge pages", format_size(bytes, huge),
			 format_size(p->bytes, total));
	else
		note_add(env, "share of huge pages not known");
}

void pages_unmap(struct pages *p)
{
	if (p->mapping)
		munmap(p->mapping, p->mapped);
	*p = (struct pages){0};
}

void pages_teardown(void *state)
{
	pages_unmap(state);
}

/* The switch is per process, whatever the number of its threads. */
static struct {
	pthread_mutex_t lock;
	unsigned users;
	int before;
} only_4k = {.lock = PTHREAD_MUTEX_INITIALIZER};

void pages_4k_alone(void)
{
	pthread_mutex_lock(&only_4k.lock);
	if (only_4k.users++ == 0) {
		only_4k.before = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	}
	pthread_mutex_unlock(&only_4k.lock);
}

void pages_as_set(void)
{
	pthread_mutex_lock(&only_4k.lock);
	if (--only_4k.users == 0)
		prctl(PR_SET_THP_DISABLE, only_4k.before > 0, 0, 0, 0);
	pthread_mutex_unlock(&only_4k.lock);
}
