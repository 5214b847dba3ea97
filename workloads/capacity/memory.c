/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures how many bytes a program in this layer can really touch: fresh memory is touched page by
 * page, in steps, as long as the layer reports more than a floor (4 % of the memory, at least 24
 * MiB) as available, and then checked and given back; a lost word is a failure. The floor keeps the
 * OOM killer away; if it acts all the same, this process has made itself its first victim. Where a
 * cgroup (v2) allows less than the machine has, its limit is the memory, and what it may still take
 * is available, page cache that can be dropped included. On a machine with other users,
 * and in short profiles, the environment sets a limit (touch_limit): only that much is touched as
 * proof, and the finding is what the kernel calls available (MemAvailable) or the cgroup allows,
 * less the same floor. The
 * note says which it was. In a guest the memory of its child VMs counts as used as far as they have
 * touched it.
 *
 * Not measured: how fast (mem.fault does), swap.
 *
 * Source: the figure is that of free(1), "available"; the proof is that of stress-ng --vm.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/parse.h"
#include "workloads/capacity/capacity.h"

enum { PAGE = 4096, STEP = 16 << 20, FLOOR = 24 << 20, LAST_STEP = 1 << 20 };

struct state {
	uint64_t found;
	uint64_t limit, floor;
	uint64_t touched;   /* in the last batch */
	bool in_cgroup;	    /* its limit decided what was found */
	char oom_score[16]; /* as it was; "": not changed */
	char note[96];
};

/* Where the cgroups are; tests replace it. */
static const char *cgroup_root = "/sys/fs/cgroup", *own_cgroup = "/proc/self/cgroup";

/* The number in the line that begins with this text; 0: there is no such line. */
static uint64_t field_of(const char *path, const char *begins)
{
	struct buf text = BUF_INIT;
	struct err err;
	uint64_t value = 0;
	const char *line = NULL;

	if (file_read(path, 1 << 16, &text, &err) == 0)
		line = buf_str(&text);
	while (line && strncmp(line, begins, strlen(begins)) != 0) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (line)
		sscanf(line + strlen(begins), "%" SCNu64, &value);
	buf_release(&text);
	return value;
}

static uint64_t meminfo(const char *begins)
{
	return field_of("/proc/meminfo", begins) << 10;
}

static uint64_t number_in(const char *dir, const char *file, uint64_t otherwise)
{
	uint64_t value;

	return file_number(&value, "%s%s/%s", cgroup_root, dir, file) ? value : otherwise;
}

/* What a cgroup is charged and cannot reclaim. */
static uint64_t used_in(const char *dir)
{
	static const char *const reclaimable[] = {"inactive_file ", "active_file ",
						  "slab_reclaimable "};
	uint64_t used = number_in(dir, "memory.current", 0), cache = 0;
	char path[600];

	snprintf(path, sizeof(path), "%s%s/memory.stat", cgroup_root, dir);
	for (size_t i = 0; i < sizeof(reclaimable) / sizeof(reclaimable[0]); i++)
		cache += field_of(path, reclaimable[i]);
	return used > cache ? used - cache : 0;
}

struct memory {
	uint64_t total, available;
	bool in_cgroup; /* a cgroup allows less than the machine has available */
};

static struct memory look(void)
{
	struct memory m = {.total = meminfo("MemTotal:"), .available = meminfo("MemAvailable:")};
	char line[512], *dir, *slash;

	if (!file_line(line, sizeof(line), "%s", own_cgroup) || strncmp(line, "0::/", 4) != 0)
		return m;
	/* Our own cgroup and its ancestors. */
	for (dir = line + 3; (slash = strrchr(dir, '/')); *slash = '\0') {
		uint64_t max = number_in(dir, "memory.max", UINT64_MAX), used, room;

		if (max == UINT64_MAX)
			continue;
		used = used_in(dir);
		room = max > used ? max - used : 0;
		if (max < m.total)
			m.total = max;
		m.in_cgroup |= room < m.available;
		if (room < m.available)
			m.available = room;
	}
	return m;
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	if (meminfo("MemAvailable:") == 0)
		return err_set(err, EXIT_MACHINE,
			       "/proc/meminfo does not say how much memory is available");
	return 0;
}

static bool set_oom_score(const char *score)
{
	return file_put(score, "/proc/self/oom_score_adj");
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->limit = env->touch_limit;
	s->floor = look().total / 25;
	if (s->floor < FLOOR)
		s->floor = FLOOR;
	/* Raising one's own score needs no privilege; where it fails, the floor must suffice. */
	if (file_line(s->oom_score, sizeof(s->oom_score), "/proc/self/oom_score_adj") &&
	    !set_oom_score("1000"))
		s->oom_score[0] = '\0';
	return 0;
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->oom_score[0])
		set_oom_score(s->oom_score);
	s->oom_score[0] = '\0';
}

/* Touches region from its start on; returns how many bytes. */
static uint64_t touch(const struct state *s, char *region, uint64_t most)
{
	uint64_t touched = 0;

	while (touched < most) {
		uint64_t free_bytes = look().available, step = STEP, end;

		if (free_bytes < s->floor + LAST_STEP)
			break;
		if (step > free_bytes - s->floor)
			step = (free_bytes - s->floor) / PAGE * PAGE;
		end = most - touched < step ? most : touched + step;
		for (; touched < end; touched += PAGE)
			*(volatile uint64_t *)(region + touched) = touched;
	}
	return touched;
}

static uint64_t count_bad(const char *region, uint64_t touched)
{
	uint64_t bad = 0;

	for (uint64_t at = 0; at < touched; at += PAGE)
		bad += *(const volatile uint64_t *)(region + at) != at;
	return bad;
}

static int search(struct state *s, struct err *err)
{
	struct memory before = look();
	uint64_t most = before.available > s->floor ? before.available - s->floor : 0, bad;
	char size[SIZE_TEXT], *region;

	s->found = most;
	s->in_cgroup = before.in_cgroup;
	if (s->limit && most > s->limit)
		most = s->limit;
	most = most / PAGE * PAGE;
	if (most == 0)
		return err_set(err, EXIT_MACHINE,
			       "no memory can be touched: %s are available, and a floor stays free",
			       format_size(before.available, size));
	region = mmap(NULL, most, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region == MAP_FAILED)
		return err_errno(err, EXIT_MACHINE, "cannot map %s of memory",
				 format_size(most, size));
	/* For speed only; kernels without transparent huge pages refuse it. */
	madvise(region, most, MADV_HUGEPAGE);
	s->touched = touch(s, region, most);
	bad = count_bad(region, s->touched);
	munmap(region, most);
	if (bad)
		return err_set(err, EXIT_MACHINE,
			       "%" PRIu64 " of %" PRIu64 " words in memory read back wrong", bad,
			       s->touched / PAGE);
	if (!s->limit || s->found < s->touched)
		s->found = s->touched;
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++)
		if (search(s, err) < 0)
			return -1;
	return 0;
}

static const char *note(const void *state)
{
	struct state *s = (struct state *)(uintptr_t)state;
	char size[SIZE_TEXT];

	if (!s->limit || s->found == s->touched)
		return "touched";
	snprintf(s->note, sizeof(s->note), "%s; %s of it touched",
		 s->in_cgroup ? "allowed by the cgroup" : "MemAvailable",
		 format_size(s->touched, size));
	return s->note;
}

const struct workload workload_capacity_memory = {
	.name = "capacity.memory",
	.summary = "bytes of memory that can really be touched",
	.op = "one search: memory touched page by page up to a floor, checked and given back",
	.source = "free(1) available, proved by touching",
	CAPACITY,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.teardown = teardown,
	.unit = SAMPLE_BYTES,
	.note = note,
	.profiles[PROFILE_QUICK] = ITEMS(""),
};
