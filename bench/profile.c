/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/profile.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/clock.h"
#include "bench/base/parse.h"

static const char *const quick_items[] = {
	"nop",
	"clock",
	"cpu.int",
	"cpu.float isa=sse2",
	"cpu.syscall",
	"exit.cpuid",
	"mem.chase size=16MiB",
	"mem.stream size=8MiB",
	"mem.fault size=16MiB",
	"io.randread",
	"io.fsync",
	"gpu.offload",
	"app.compress",
	"net.rr",
	"capacity.cpus",
	"capacity.memory",
	NULL,
};

static const char *const standard_items[] = {
	"nop",
	"clock",
	"sleep",
	"cpu.int",
	"cpu.float",
	"cpu.float isa=sse2",
	"cpu.branch",
	"cpu.sha256",
	"cpu.sort",
	"cpu.scale",
	"cpu.syscall",
	"cpu.ctxsw",
	"cpu.ctxsw place=apart",
	"cpu.fork",
	"cpu.exec",
	"cpu.thread",
	"cpu.futex place=together",
	"cpu.futex",
	"exit.cpuid",
	"exit.hypercall",
	"exit.pio",
	"exit.mmio",
	"exit.hlt",
	"mem.stream",
	"mem.read",
	"mem.chase",
	"mem.tlb",
	"mem.fault",
	"mem.map",
	"mem.protect",
	"io.seqread",
	"io.seqwrite",
	"io.randread",
	"io.randwrite",
	"io.fsync",
	"io.create",
	"net.rr",
	"net.stream",
	"gpu.offload",
	"gpu.launch",
	"gpu.copy",
	"gpu.saxpy",
	"gpu.matmul rows=64",
	"app.compress",
	"app.sqlite",
	"app.sqlite store=memory",
	"app.build",
	"capacity.cpus",
	"capacity.memory",
	"capacity.disk",
	NULL,
};

static const char *const full_items[] = {
	"nop",
	"clock",
	"sleep",
	"sleep period=1000",
	"cpu.int",
	"cpu.float",
	"cpu.float isa=sse2",
	"cpu.branch",
	"cpu.sha256",
	"cpu.sha256 size=64",
	"cpu.sha256 isa=ni",
	"cpu.sort",
	"cpu.sort size=8MiB",
	"cpu.scale",
	"cpu.syscall",
	"cpu.ctxsw",
	"cpu.ctxsw place=apart",
	"cpu.fork",
	"cpu.exec",
	"cpu.thread",
	"cpu.futex place=together",
	"cpu.futex",
	"exit.cpuid",
	"exit.hypercall",
	"exit.pio",
	"exit.mmio",
	"exit.hlt",
	"mem.stream kind=copy",
	"mem.stream kind=scale",
	"mem.stream kind=add",
	"mem.stream kind=triad",
	"mem.stream size=256KiB",
	"mem.stream pages=huge",
	"mem.read size=256KiB",
	"mem.read",
	"mem.read pages=huge",
	"mem.chase size=16KiB",
	"mem.chase size=64KiB",
	"mem.chase size=256KiB",
	"mem.chase size=1MiB",
	"mem.chase size=4MiB",
	"mem.chase size=16MiB",
	"mem.chase size=64MiB",
	"mem.chase size=256MiB",
	"mem.chase size=16KiB pages=huge",
	"mem.chase size=64KiB pages=huge",
	"mem.chase size=256KiB pages=huge",
	"mem.chase size=1MiB pages=huge",
	"mem.chase size=4MiB pages=huge",
	"mem.chase size=16MiB pages=huge",
	"mem.chase size=64MiB pages=huge",
	"mem.chase size=256MiB pages=huge",
	"mem.tlb size=1MiB",
	"mem.tlb size=8MiB",
	"mem.tlb size=32MiB",
	"mem.tlb size=128MiB",
	"mem.tlb size=1MiB pages=huge",
	"mem.tlb size=8MiB pages=huge",
	"mem.tlb size=32MiB pages=huge",
	"mem.tlb size=128MiB pages=huge",
	"mem.fault",
	"mem.fault by=dontneed",
	"mem.fault pages=huge",
	"mem.fault pages=huge by=dontneed",
	"mem.map touch=0",
	"mem.map",
	"mem.map size=4MiB touch=1024",
	"mem.protect",
	"mem.protect size=4MiB",
	"io.seqread",
	"io.seqread block=1MiB depth=4",
	"io.seqread cache=buffered",
	"io.seqwrite",
	"io.seqwrite block=1MiB depth=4",
	"io.seqwrite cache=buffered",
	"io.randread",
	"io.randread depth=4",
	"io.randread depth=32",
	"io.randread block=16KiB",
	"io.randread block=64KiB",
	"io.randread cache=buffered",
	"io.randwrite",
	"io.randwrite depth=4",
	"io.randwrite depth=32",
	"io.randwrite block=64KiB",
	"io.randwrite cache=buffered",
	"io.fsync",
	"io.create",
	"io.create sync=none",
	"net.rr",
	"net.stream",
	"gpu.offload",
	"gpu.offload size=4KiB",
	"gpu.launch",
	"gpu.launch backend=opencl",
	"gpu.copy size=4KiB",
	"gpu.copy size=64KiB",
	"gpu.copy",
	"gpu.copy size=16MiB",
	"gpu.copy direction=from",
	"gpu.copy backend=opencl",
	"gpu.copy direction=from backend=opencl",
	"gpu.saxpy",
	"gpu.saxpy backend=opencl",
	"gpu.matmul",
	"gpu.matmul backend=opencl",
	"app.compress level=1",
	"app.compress",
	"app.compress level=12",
	"app.sqlite",
	"app.sqlite store=memory",
	"app.build",
	"capacity.cpus",
	"capacity.memory",
	"capacity.disk",
	NULL,
};

static const struct profile profiles[] = {
	{.name = "quick",
	 .rounds = 6,
	 .batches = 3,
	 .warm_up = 1,
	 .batch_ns = 20 * NS_PER_MS,
	 .item = quick_items},
	{.name = "standard",
	 .rounds = 10,
	 .batches = 5,
	 .warm_up = 1,
	 .batch_ns = 50 * NS_PER_MS,
	 .item = standard_items},
	{.name = "full",
	 .rounds = 40,
	 .batches = 7,
	 .warm_up = 2,
	 .batch_ns = 100 * NS_PER_MS,
	 .item = full_items},
	{0},
};

const struct profile *profile_find(const char *name, struct err *err)
{
	for (const struct profile *p = profiles; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	err_set(err, EXIT_USAGE,
		"--profile: there is no profile \"%s\"; choose quick, standard or full", name);
	return NULL;
}

/* Behind its like: those that are measured in every round stand before those measured once. */
static void insert(struct work_list *list, const struct work *work)
{
	uint32_t at = work->workload->flags & WORKLOAD_ONCE ? list->count : list->repeated++;

	memmove(list->item + at + 1, list->item + at, (list->count - at) * sizeof(*list->item));
	list->item[at] = *work;
	list->count++;
}

static int append(struct work_list *list, const struct work *work, struct err *err)
{
	struct work *grown = realloc(list->item, (list->count + 1) * sizeof(*grown));

	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	list->item = grown;
	insert(list, work);
	return 0;
}

/* Words of an item that are no parameters of the workload: how many do it at once, how often. */
static const struct together {
	const char *name; /* with its '=' */
	size_t offset;	  /* of a uint32_t in struct work */
	uint64_t max;
} togethers[] = {
	{"threads=", offsetof(struct work, threads), THREADS_MAX},
	{"copies=", offsetof(struct work, copies), COPIES_MAX},
	{"guests=", offsetof(struct work, guests), GUESTS_MAX},
	{"ops=", offsetof(struct work, ops), UINT32_MAX},
};

/* 1: it was such a word; 0: it is another; -1: a bad one. */
static int parse_together(const char *word, struct work *work, struct err *err)
{
	for (size_t i = 0; i < sizeof(togethers) / sizeof(togethers[0]); i++) {
		const struct together *t = &togethers[i];
		size_t len = strlen(t->name);
		uint64_t number;
		char what[40];

		if (strncmp(word, t->name, len) != 0)
			continue;
		snprintf(what, sizeof(what), "--workloads: %.*s", (int)len - 1, t->name);
		if (parse_u64(word + len, what, 1, t->max, &number, err) < 0)
			return -1;
		*(uint32_t *)(void *)((char *)work + t->offset) = (uint32_t)number;
		return 1;
	}
	return 0;
}

static void add_to_label(struct work *work, const char *name, uint32_t number)
{
	size_t len = strlen(work->label);

	snprintf(work->label + len, sizeof(work->label) - len, "%s%s=%u", len ? " " : "", name,
		 number);
}

static void write_label(struct work *work)
{
	snprintf(work->label, sizeof(work->label), "%s", work->params);
	if (work->copies > 1)
		add_to_label(work, "copies", work->copies);
	if (work->guests > 1)
		add_to_label(work, "guests", work->guests);
	if (work->ops)
		add_to_label(work, "ops", work->ops);
	if (work->lane > 1)
		add_to_label(work, "lane", work->lane);
}

static bool has_same(const struct work_list *list, const struct work *work)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->item[i].workload == work->workload &&
		    list->item[i].threads == work->threads &&
		    strcmp(list->item[i].label, work->label) == 0)
			return true;
	return false;
}

/* Adds it, unless the very same is there already; in a group it then gets a lane of its own. */
static int add_work(struct work_list *list, struct work *work, bool grouped, struct err *err)
{
	bool together = work->copies > 1 || work->guests > 1 || work->ops || grouped;

	if (together && work->workload->flags & WORKLOAD_ONCE)
		return err_set(err, EXIT_USAGE,
			       "--workloads: %s is measured once a boot, alone: not with copies, "
			       "guests or ops, and not in a group",
			       work->workload->name);
	if ((uint64_t)work->copies * work->guests > COPIES_MAX)
		return err_set(err, EXIT_USAGE,
			       "--workloads: %u copies in each of %u guests are more than %d",
			       work->copies, work->guests, COPIES_MAX);
	write_label(work);
	while (has_same(list, work)) {
		if (!grouped)
			return 0;
		work->lane++;
		write_label(work);
	}
	return append(list, work, err);
}

static int add_item(struct work_list *list, const char *text, bool grouped, uint32_t turn,
		    struct err *err)
{
	const char *words[PARAMS_MAX + 1];
	struct work work = {.threads = 1, .copies = 1, .guests = 1, .turn = turn, .lane = 1};
	char copy[PARAMS_TEXT + 64], *rest, *word;
	size_t count = 0;
	int taken = 0;

	if (strlen(text) >= sizeof(copy))
		return err_set(err, EXIT_USAGE, "--workloads: \"%.40s…\" is too long", text);
	strcpy(copy, text);
	for (word = strtok_r(copy, " ", &rest); word && count <= PARAMS_MAX;
	     word = strtok_r(NULL, " ", &rest)) {
		taken = parse_together(word, &work, err);
		if (taken < 0)
			return -1;
		if (!taken)
			words[count++] = word;
	}
	work.workload = count ? workload_find(words[0]) : NULL;
	if (!work.workload)
		return err_set(
			err, EXIT_USAGE,
			"--workloads: there is no workload \"%s\" (nestbench list shows all)",
			count ? words[0] : text);
	if (workload_parse_params(work.workload, words + 1, count - 1, work.arg, err) < 0)
		return -1;
	workload_format_params(work.workload, work.arg, work.params);
	return add_work(list, &work, grouped, err);
}

/* Adds the items between the bars. */
static int add_group(struct work_list *list, const char *text, struct err *err)
{
	char item[PARAMS_TEXT + 64];
	uint32_t turn = 0;

	for (;; text++) {
		size_t len = strcspn(text, "|");

		if (len >= sizeof(item))
			return err_set(err, EXIT_USAGE, "--workloads: \"%.40s…\" is too long",
				       text);
		memcpy(item, text, len);
		item[len] = '\0';
		if (add_item(list, item, true, turn++, err) < 0)
			return -1;
		text += len;
		if (!*text)
			return 0;
	}
}

uint32_t work_list_group(const struct work_list *list, uint32_t first)
{
	uint32_t end = first + 1;

	while (end < list->repeated && list->item[end].turn)
		end++;
	return end - first;
}

/* Adds work once more with each of the numbers in the member at offset. */
static int multiply(struct work_list *list, const struct work *work, const struct text_list *counts,
		    const char *option, uint64_t max, size_t offset, struct err *err)
{
	for (size_t i = 0; i < counts->count; i++) {
		struct work more = *work;
		uint64_t number;

		if (parse_u64(counts->item[i], option, 1, max, &number, err) < 0)
			return -1;
		*(uint32_t *)(void *)((char *)&more + offset) = (uint32_t)number;
		more.turn = 0;
		if (add_work(list, &more, false, err) < 0)
			return -1;
	}
	return 0;
}

int work_list_multiply(struct work_list *list, const struct text_list *copies,
		       const struct text_list *guests, struct err *err)
{
	uint32_t before = list->repeated;

	for (uint32_t i = 0; i < before; i++) {
		const struct work work = list->item[i];

		if (multiply(list, &work, copies, "--copies", COPIES_MAX,
			     offsetof(struct work, copies), err) < 0 ||
		    multiply(list, &work, guests, "--guests", GUESTS_MAX,
			     offsetof(struct work, guests), err) < 0)
			return -1;
	}
	return 0;
}

uint32_t work_list_guests(const struct work_list *list)
{
	uint32_t most = 1;

	for (uint32_t i = 0; i < list->count; i++)
		if (list->item[i].guests > most)
			most = list->item[i].guests;
	return most;
}

uint32_t work_list_copies(const struct work_list *list)
{
	uint32_t most = 1;

	for (uint32_t i = 0; i < list->count; i++)
		if (list->item[i].copies * list->item[i].guests > most)
			most = list->item[i].copies * list->item[i].guests;
	return most;
}

int work_list_add_command(struct work_list *list, const struct command_line *c, struct err *err)
{
	struct work work = {.workload = workload_find("command"),
			    .threads = 1,
			    .copies = 1,
			    .guests = 1,
			    .lane = 1,
			    .command = c};

	for (const char *at = c->line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return err_set(err, EXIT_USAGE,
				       "--command: a control character is not possible");
	if (c->line[0] == '\0' || strlen(c->line) >= sizeof(work.params))
		return err_set(err, EXIT_USAGE, "--command: the line must have 1 to %zu characters",
			       sizeof(work.params) - 1);
	strcpy(work.params, c->line);
	return add_work(list, &work, false, err);
}

static bool matches(const char *pattern, const char *item)
{
	char name[64];
	size_t len = strcspn(item, " ");

	if (len >= sizeof(name))
		return false;
	memcpy(name, item, len);
	name[len] = '\0';
	return fnmatch(pattern, name, 0) == 0;
}

static int add_pattern(struct work_list *list, const struct profile *profile, const char *pattern,
		       struct err *err)
{
	uint32_t found = 0;

	if (strchr(pattern, '|'))
		return add_group(list, pattern, err);
	if (strchr(pattern, ' '))
		return add_item(list, pattern, false, 0, err);
	for (const char *const *item = profile->item; *item; item++)
		if (matches(pattern, *item)) {
			found++;
			if (add_item(list, *item, false, 0, err) < 0)
				return -1;
		}
	for (const struct workload *const *w = workloads; *w && !found; w++)
		if (matches(pattern, (*w)->name) && ++found &&
		    add_item(list, (*w)->name, false, 0, err) < 0)
			return -1;
	if (!found)
		return err_set(err, EXIT_USAGE,
			       "--workloads: no workload matches \"%s\" (nestbench list shows all)",
			       pattern);
	return 0;
}

int work_list_make(struct work_list *list, const struct profile *profile,
		   const struct text_list *patterns, struct err *err)
{
	static const struct text_list all = {.item = {"*"}, .count = 1};
	const struct text_list *from = patterns->count ? patterns : &all;

	for (size_t i = 0; i < from->count; i++)
		if (add_pattern(list, profile, from->item[i], err) < 0) {
			work_list_release(list);
			return -1;
		}
	return 0;
}

void work_list_release(struct work_list *list)
{
	free(list->item);
	*list = (struct work_list)WORK_LIST_INIT;
}
