/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures how many bytes a program in this layer can really touch: fresh memory is touched page by
 * page, step by step, as long as the layer says that more than a floor (4 %, at least 24 MiB) is
 * available, and then checked and given back. The floor keeps the OOM killer away; should it come
 * all the same, this process has put itself first in its list. On a machine with other users the
 * environment sets a limit (touch_limit): only so much is touched for proof, and the finding is
 * what the kernel calls available (MemAvailable, or less where a cgroup allows less) without the
 * same floor. The note says which it was. In a guest the memory of the VMs below counts as used as
 * far as they have touched it.
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

#include "bench/base/file.h"
#include "bench/base/parse.h"
#include "workloads/workload.h"

enum { PAGE = 4096, STEP = 16 << 20, FLOOR = 24 << 20, LAST_STEP = 1 << 20 };

struct state {
	uint64_t limit, floor;
	uint64_t found, touched, bad; /* of the last batch */
	char oom_score[16];	      /* as it was; "": not changed */
	char note[96];
};

/* A field of /proc/meminfo in bytes; 0 when it is not there. */
static uint64_t meminfo(const char *field)
{
	struct buf text = BUF_INIT;
	struct err err;
	uint64_t kib = 0;
	const char *line = NULL;

	if (file_read("/proc/meminfo", 1 << 16, &text, &err) == 0)
		line = strstr(buf_str(&text), field);
	if (line)
		sscanf(line + strlen(field), ": %" SCNu64, &kib);
	buf_release(&text);
	return kib << 10;
}

static uint64_t number_in(const char *dir, const char *file, uint64_t otherwise)
{
	char path[600], line[32];
	uint64_t value;

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", dir, file);
	if (!file_first_line(path, line, sizeof(line)) || sscanf(line, "%" SCNu64, &value) != 1)
		return otherwise;
	return value;
}

/* What the cgroups (v2) around this process still allow; UINT64_MAX where there is no limit. */
static uint64_t cgroup_room(void)
{
	char line[512], *dir, *slash;
	uint64_t room = UINT64_MAX;

	if (!file_first_line("/proc/self/cgroup", line, sizeof(line)) ||
	    strncmp(line, "0::/", 4) != 0)
		return room;
	for (dir = line + 3; (slash = strrchr(dir, '/')); *slash = '\0') {
		uint64_t max = number_in(dir, "memory.max", UINT64_MAX);
		uint64_t used = number_in(dir, "memory.current", 0);

		if (max != UINT64_MAX && (max > used ? max - used : 0) < room)
			room = max > used ? max - used : 0;
	}
	return room;
}

static uint64_t available(void)
{
	uint64_t free_bytes = meminfo("MemAvailable"), room = cgroup_room();

	return free_bytes < room ? free_bytes : room;
}

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	if (meminfo("MemAvailable") == 0)
		return err_set(err, EXIT_MACHINE,
			       "/proc/meminfo does not say how much memory is available");
	return 0;
}

static bool set_oom_score(const char *score)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, score, strlen(score)) > 0;
	close(fd);
	return done;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	(void)arg;
	(void)err;
	s->limit = env->touch_limit;
	s->floor = meminfo("MemTotal") / 25;
	if (s->floor < FLOOR)
		s->floor = FLOOR;
	/* Raising one's own score needs no privilege; where it cannot be done the floor must be
	 * enough. */
	if (file_first_line("/proc/self/oom_score_adj", s->oom_score, sizeof(s->oom_score)) &&
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
		uint64_t free_bytes = available(), step = STEP, end;

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

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	char size[SIZE_TEXT];

	for (uint64_t i = 0; i < n; i++) {
		uint64_t before = available(), most = before > s->floor ? before - s->floor : 0;
		char *region;

		s->found = most;
		if (s->limit && most > s->limit)
			most = s->limit;
		most = most / PAGE * PAGE;
		if (most == 0)
			return err_set(err, EXIT_MACHINE,
				       "no memory can be touched: %s are available, and a floor "
				       "stays free",
				       format_size(before, size));
		region = mmap(NULL, most, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (region == MAP_FAILED)
			return err_errno(err, EXIT_MACHINE, "cannot map %s of memory",
					 format_size(most, size));
		/* Only for speed, and refused by kernels without transparent huge pages. */
		madvise(region, most, MADV_HUGEPAGE);
		s->touched = touch(s, region, most);
		s->bad += count_bad(region, s->touched);
		munmap(region, most);
		if (!s->limit || s->found < s->touched)
			s->found = s->touched;
	}
	return 0;
}

static uint64_t digest(const void *state)
{
	return mix64(((const struct state *)state)->bad);
}

static uint64_t found(const void *state)
{
	return ((const struct state *)state)->found;
}

static const char *note(const void *state)
{
	struct state *s = (struct state *)(uintptr_t)state;
	char size[SIZE_TEXT];

	if (!s->limit || s->found == s->touched)
		return "touched";
	snprintf(s->note, sizeof(s->note), "MemAvailable; %s of it touched",
		 format_size(s->touched, size));
	return s->note;
}

const struct workload workload_capacity_memory = {
	.name = "capacity.memory",
	.summary = "bytes of memory that can really be touched",
	.op = "one search: memory touched page by page up to a floor, checked and given back",
	.source = "free(1) available, proved by touching",
	.class = CLASS_CAPACITY,
	.flags = WORKLOAD_ONCE,
	.state_size = sizeof(struct state),
	.probe = probe,
	.setup = setup,
	.run = run,
	.digest = digest,
	.teardown = teardown,
	.found = found,
	.found_unit = "bytes",
	.note = note,
	.known_ops = 1,
	.known_digest = UINT64_C(0xe220a8397b1dcdaf),
};
