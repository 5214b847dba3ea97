/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan/profile_parts.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "lib/utf8.h"

enum { ITEM_TEXT = PARAMS_TEXT + 64 };

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
	struct work *grown = array_grow(list->item, list->count, sizeof(*grown));

	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	list->item = grown;
	insert(list, work);
	return 0;
}

/* Words of an item that are no parameters of the workload: how many do it at once, how often. */
static const struct amount {
	const char *name; /* with its '=' */
	size_t offset;	  /* of a uint32_t in struct work */
	uint64_t max;
} amounts[] = {
	{"threads=", offsetof(struct work, threads), THREADS_MAX},
	{"copies=", offsetof(struct work, copies), COPIES_MAX},
	{"guests=", offsetof(struct work, guests), GUESTS_MAX},
	{"ops=", offsetof(struct work, ops), UINT32_MAX},
};

/* 1: it was such a word; 0: it is another; -1: a bad one. */
static int parse_amount(const char *word, struct work *work, struct err *err)
{
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		const struct amount *a = &amounts[i];
		size_t len = strlen(a->name);
		uint64_t number;
		char what[40];

		if (strncmp(word, a->name, len) != 0)
			continue;
		if (strcmp(word, "threads=all") == 0) {
			work->threads = THREADS_ON_EACH_CPU;
			return 1;
		}
		snprintf(what, sizeof(what), "--workloads: %.*s", (int)len - 1, a->name);
		if (parse_u64(word + len, what, 1, a->max, &number, err) < 0)
			return -1;
		*(uint32_t *)(void *)((char *)work + a->offset) = (uint32_t)number;
		return 1;
	}
	return 0;
}

static void add_to_label(struct work *work, const char *name, uint32_t number)
{
	str_addf(work->label, sizeof(work->label), "%s%s=%u", work->label[0] ? " " : "", name,
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
	if (work_check(work, grouped, err) < 0)
		return -1;
	write_label(work);
	while (has_same(list, work)) {
		if (!grouped)
			return 0;
		work->lane++;
		write_label(work);
	}
	return append(list, work, err);
}

/* Adds it with the parameters that the words give, and defaults for the others. */
static int add_workload(struct work_list *list, const struct workload *w, struct work work,
			const char *const *words, size_t count, bool grouped, struct err *err)
{
	work.workload = w;
	if (workload_parse_params(w, words, count, work.arg, err) < 0)
		return -1;
	workload_format_params(w, work.arg, work.params);
	work.threads = work_threads(&work);
	return add_work(list, &work, grouped, err);
}

/* The name and parameters of an item, which lie in copy; what is no parameter goes to work. Returns
 * how many, or -1. */
static int split_item(const char *text, char copy[ITEM_TEXT], const char *words[PARAMS_MAX + 1],
		      struct work *work, struct err *err)
{
	char *rest, *word;
	int count = 0;

	if (strlen(text) >= ITEM_TEXT)
		return err_set(err, EXIT_USAGE, "--workloads: \"%.40s…\" is too long", text);
	str_copy(copy, ITEM_TEXT, text);
	for (word = strtok_r(copy, " ", &rest); word && count <= PARAMS_MAX;
	     word = strtok_r(NULL, " ", &rest)) {
		int taken = parse_amount(word, work, err);

		if (taken < 0)
			return -1;
		if (!taken)
			words[count++] = word;
	}
	return count;
}

static int add_item(struct work_list *list, const char *text, bool grouped, uint32_t turn,
		    struct err *err)
{
	const char *words[PARAMS_MAX + 1];
	struct work work = {
		.threads = THREADS_UNSAID, .copies = 1, .guests = 1, .turn = turn, .lane = 1};
	const struct workload *w;
	char copy[ITEM_TEXT];
	int count;

	count = split_item(text, copy, words, &work, err);
	if (count < 0)
		return -1;
	w = count ? workload_find(words[0]) : NULL;
	if (!w)
		return work_unknown(count ? words[0] : text, err);
	return add_workload(list, w, work, words + 1, (size_t)count - 1, grouped, err);
}

/* Adds the items between the bars. */
static int add_group(struct work_list *list, const char *text, struct err *err)
{
	char item[ITEM_TEXT];
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

bool work_list_needs(const struct work_list *list, unsigned need)
{
	for (uint32_t i = 0; i < list->count; i++) {
		const struct work *work = &list->item[i];
		const struct workload *w = work->workload;

		if (w->needs & need || (w->needs_more && w->needs_more(work->arg) & need))
			return true;
	}
	return false;
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
	struct work work = {.workload = workload_needing(NEEDS_COMMAND),
			    .threads = 1,
			    .copies = 1,
			    .guests = 1,
			    .lane = 1,
			    .command = c};

	if (utf8_check(c->line, "--command", err) < 0 ||
	    (c->metric &&
	     utf8_check(c->metric, c->metric_is_time ? "--metric-seconds" : "--metric", err) < 0))
		return -1;
	if (c->line[0] == '\0' || strlen(c->line) >= sizeof(work.params))
		return err_set(err, EXIT_USAGE, "--command: the line must have 1 to %zu characters",
			       sizeof(work.params) - 1);
	str_copy(work.params, sizeof(work.params), c->line);
	return add_work(list, &work, false, err);
}

/* What the profile measures of a workload. Returns how many items, or -1. */
static int add_of_profile(struct work_list *list, const struct profile *profile,
			  const struct workload *w, struct err *err)
{
	const char *const *item = workload_items(w, profile->id);
	int count = 0;

	for (; item && item[count]; count++) {
		char text[ITEM_TEXT];

		snprintf(text, sizeof(text), "%s %s", w->name, item[count]);
		if (add_item(list, text, false, 0, err) < 0)
			return -1;
	}
	return count;
}

/* "gpu.* backend=opencl": all that match and have such parameters, of the profile if there are any.
 */
static int add_matching(struct work_list *list, const struct profile *profile, const char *pattern,
			struct err *err)
{
	const char *words[PARAMS_MAX + 1];
	struct work work = {.threads = THREADS_UNSAID, .copies = 1, .guests = 1, .lane = 1};
	char copy[ITEM_TEXT];
	bool found = false;
	int count;

	count = split_item(pattern, copy, words, &work, err);
	if (count <= 0)
		return count < 0 ? -1 : work_unknown("", err);
	for (int any = 0; any < 2 && !found; any++)
		for (const struct workload *const *w = workloads; *w; w++) {
			if (fnmatch(words[0], (*w)->name, 0) != 0 ||
			    !work_takes(*w, &work, words + 1, count - 1) ||
			    !(any || workload_items(*w, profile->id)))
				continue;
			found = true;
			if (add_workload(list, *w, work, words + 1, (size_t)count - 1, false, err) <
			    0)
				return -1;
		}
	return found ? 0 : work_misfit(words[0], &work, words + 1, count - 1, err);
}

static int add_pattern(struct work_list *list, const struct profile *profile, const char *pattern,
		       struct err *err)
{
	bool found = false;

	if (strchr(pattern, '|'))
		return add_group(list, pattern, err);
	if (strchr(pattern, ' '))
		return strcspn(pattern, "*?[") < strcspn(pattern, " ")
			       ? add_matching(list, profile, pattern, err)
			       : add_item(list, pattern, false, 0, err);
	for (const struct workload *const *w = workloads; *w; w++) {
		int added = 0;

		if (fnmatch(pattern, (*w)->name, 0) == 0)
			added = add_of_profile(list, profile, *w, err);
		if (added < 0)
			return -1;
		found = found || added;
	}
	return found ? 0 : add_matching(list, profile, pattern, err);
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
	*list = (struct work_list){0};
}
