/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/commands/top_domains.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/clock.h"
#include "lib/parse.h"
#include "lib/str.h"

/* How long an event is told, and from when on a service is said not to answer. */
#define EVENT_NS (10 * NS_PER_S)
#define SLOW_NS (3 * NS_PER_S)

struct top_vm {
	char uuid[37];
	bool seen; /* in the last look */
	struct counts counts;
	struct top_block block[COUNT_SOURCES];
};

int top_domains_open(struct top_domains *d, const char *uri, const char *domain, bool reasons,
		     struct err *err)
{
	*d = (struct top_domains){.uri = uri, .domain = domain};
	d->ops = libvirt_ops_load(err);
	return d->ops ? d->ops->stats_begin(&d->stats, uri, domain, reasons, err) : -1;
}

static void release(struct top_vm *vm)
{
	for (int i = 0; i < COUNT_SOURCES; i++)
		top_block_release(&vm->block[i]);
	free(vm);
}

static void tell(struct top_domains *d, uint64_t now_ns, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void tell(struct top_domains *d, uint64_t now_ns, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->event, sizeof(d->event), fmt, ap);
	va_end(ap);
	d->event_ns = now_ns;
}

static struct top_vm *find(struct top_domains *d, const char *uuid)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->vm[i]->uuid, uuid) == 0)
			return d->vm[i];
	return NULL;
}

static struct top_vm *add(struct top_domains *d, const struct libvirt_counted *found)
{
	struct top_vm **grown = array_grow(d->vm, d->count, sizeof(void *));
	struct top_vm *vm = grown ? calloc(1, sizeof(*vm)) : NULL;

	d->vm = grown ? grown : d->vm;
	if (!vm)
		return NULL;
	d->vm[d->count++] = vm;
	str_copy(vm->uuid, sizeof(vm->uuid), found->uuid);
	for (int i = 0; i < COUNT_SOURCES; i++) {
		struct top_block *b = &vm->block[i];

		str_copy(b->of, sizeof(b->of), found->name);
		str_copy(b->source, sizeof(b->source), count_source_name((enum count_source)i));
	}
	vm->block[COUNT_KVM_STATE].holds = true;
	return vm;
}

static const struct count *find_count(const struct counts *c, const struct count *like)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->item[i].source == like->source &&
		    strcmp(c->item[i].reason, like->reason) == 0)
			return &c->item[i];
	return NULL;
}

static bool jumped_back(const struct counts *before, const struct counts *now)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct count *was = find_count(before, &now->item[i]);

		if (was && was->source != COUNT_KVM_STATE && was->n > now->item[i].n)
			return true;
	}
	return false;
}

/* The sum is there also when nothing moved. */
static void take_rates(struct top_vm *vm, const struct counts *now)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct count *c = &now->item[i], *was = find_count(&vm->counts, c);
		struct top_block *b = &vm->block[c->source];
		/* A reason that is new in a histogram was 0 before. */
		uint64_t more = was || c->source != COUNT_KVM_STATS ? c->n - (was ? was->n : 0) : 0;

		if (b->holds)
			top_block_add(b, c->reason, c->n);
		else if (more || b->count == 0)
			top_block_add(b, c->reason, more);
	}
	for (int i = 0; i < COUNT_SOURCES; i++) {
		vm->block[i].interval_ns = now->at_ns - vm->counts.at_ns;
		top_block_sort(&vm->block[i]);
	}
}

static uint64_t exits_of(const struct top_vm *vm)
{
	const struct top_block *b = &vm->block[COUNT_KVM_STATS];

	return b->count ? b->item[0].n : 0;
}

static void take_vm(struct top_domains *d, const struct libvirt_counted *found, uint64_t now_ns)
{
	struct top_vm *vm = find(d, found->uuid);
	bool known = vm != NULL;

	if (!vm)
		vm = add(d, found);
	if (!vm)
		return;
	if (!known && d->answered_ns)
		tell(d, now_ns, "%s has begun", found->name);
	for (int i = 0; i < COUNT_SOURCES; i++)
		top_block_clear(&vm->block[i]);
	if (known && jumped_back(&vm->counts, &found->counts))
		tell(d, now_ns, "%s: the counters jumped back, since the VM was started again",
		     found->name);
	else if (known)
		take_rates(vm, &found->counts);
	if (exits_of(vm))
		d->moved_ns = now_ns;
	vm->seen = true;
	vm->counts = found->counts;
}

static void drop_ended(struct top_domains *d, uint64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->count; i++) {
		struct top_vm *vm = d->vm[i];

		if (vm->seen) {
			d->vm[kept++] = vm;
			continue;
		}
		tell(d, now_ns, "%s has ended", vm->block[0].of);
		release(vm);
	}
	d->count = kept;
}

void top_domains_take(struct top_domains *d, const struct libvirt_look *look, uint64_t now_ns)
{
	for (size_t i = 0; i < d->count; i++)
		d->vm[i]->seen = false;
	for (size_t i = 0; i < look->count; i++)
		take_vm(d, &look->vm[i], now_ns);
	drop_ended(d, now_ns);
	d->left_out = look->left_out;
	str_copy(d->remark, sizeof(d->remark), look->remark ? look->remark : "");
	d->answered_ns = now_ns;
}

static void show_remarks(const struct top_domains *d, uint64_t now_ns, struct top_view *v)
{
	char age[SIZE_TEXT];

	if (!d->answered_ns)
		top_view_remark(v, "waiting for an answer of %s", d->uri);
	else if (!d->count && d->domain)
		top_view_remark(v, "%s is not running", d->domain);
	else if (!d->count)
		top_view_remark(v, "no VM is running");
	if (d->answered_ns && now_ns - d->answered_ns >= SLOW_NS)
		top_view_remark(v, "%s has not answered for %s", d->uri,
				format_duration_short((double)(now_ns - d->answered_ns), age));
	if (d->event[0] && now_ns - d->event_ns < EVENT_NS)
		top_view_remark(v, "%s", d->event);
	if (d->remark[0])
		top_view_remark(v, "%s", d->remark);
	if (d->left_out)
		top_view_remark(v, "%zu more VMs are left out", d->left_out);
}

static int busiest_first(const void *a, const void *b)
{
	const struct top_vm *x = *(struct top_vm *const *)a, *y = *(struct top_vm *const *)b;
	uint64_t m = exits_of(x), n = exits_of(y);

	if (m != n)
		return m < n ? 1 : -1;
	return strcmp(x->block[0].of, y->block[0].of);
}

int top_domains_show(struct top_domains *d, uint64_t now_ns, struct top_view *v, struct err *err)
{
	v->kind = "connect";
	str_copy(v->name, sizeof(v->name), d->uri);
	snprintf(v->title, sizeof(v->title), "%s: %zu VM%s", d->uri, d->count,
		 d->count == 1 ? "" : "s");
	v->moved = d->moved_ns != 0;
	v->age_ns = now_ns - d->moved_ns;
	show_remarks(d, now_ns, v);
	if (d->count)
		qsort(d->vm, d->count, sizeof(void *), busiest_first);
	for (size_t i = 0; i < d->count; i++) {
		struct top_vm *vm = d->vm[i];

		vm->block[COUNT_KVM_STATS].remark = vm->counts.remark;
		for (int j = 0; j < COUNT_SOURCES; j++)
			if ((j == COUNT_KVM_STATS || top_block_tells(&vm->block[j])) &&
			    top_view_add(v, &vm->block[j], err) < 0)
				return -1;
	}
	return buf_check(&v->remarks, err);
}

void top_domains_close(struct top_domains *d)
{
	for (size_t i = 0; i < d->count; i++)
		release(d->vm[i]);
	free(d->vm);
	if (d->ops && d->stats.thread)
		d->ops->stats_end(&d->stats);
	*d = (struct top_domains){0};
}
