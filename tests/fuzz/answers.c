/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole job against a hostile agent: whatever it answers, the job ends, leaves at least one row
 * that a file may hold, and keeps its timeouts.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/session/job.h"

enum { LAYER = 1, BATCHES = 2 };

/* Every reading of the clock takes a millisecond, so that all timeouts expire. */
static uint64_t tick(void *ctx)
{
	uint64_t *now = ctx;

	return *now += NS_PER_MS;
}

static int put(void *ctx, const struct sample *s, struct err *err)
{
	size_t *rows = ctx;

	(void)err;
	must(sample_status_name(s->status));
	must((s->status != SAMPLE_OK && s->status != SAMPLE_SUSPECT) ||
	     (s->ops == 1000 && s->batch == *rows + 1));
	must(++*rows <= BATCHES + 1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int from = -1, to = -1;
	uint64_t now = 0;
	size_t rows = 0;
	const struct clock clock = {.now_ns = tick, .ctx = &now};
	const struct sample_sink sink = {.put = put, .ctx = &rows};
	const struct work work = {.workload = workload_find("nop"), .threads = 1};
	const struct measuring m = {.work = &work,
				    .layer = LAYER,
				    .guests = 1,
				    .copies = 1,
				    .spread = 1,
				    .ops = 1000,
				    .batches = BATCHES,
				    .setup_limit_ns = NS_PER_S,
				    .batch_limit_ns = NS_PER_S};
	struct link link;
	struct err err = {0};

	if (from < 0) {
		from = memfd_create("answers", MFD_CLOEXEC);
		to = open("/dev/null", O_WRONLY | O_CLOEXEC);
		must(from >= 0 && to >= 0);
	}
	must(ftruncate(from, 0) == 0 && pwrite(from, data, size, 0) == (ssize_t)size);
	must(lseek(from, 0, SEEK_SET) == 0);
	link_open(&link, from, &clock, -1);
	link.channel.fd_out = to;
	for (int i = 0; i < LAYER + 2; i++)
		link_up(&link, i);
	link.guests = 1;
	must(measuring_run(&m, &link, &sink, &err) == 0);
	must(rows > 0);
	must(link.channel.in.cap <= 2 * MESSAGE_LIMIT);
	link_release(&link);
	return 0;
}
