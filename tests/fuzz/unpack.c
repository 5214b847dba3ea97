/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a node of a fleet sends. */
#include "tests/fuzz/fuzz.h"

#include "bench/fleet/unpack.h"

/* What the sink may be told next, and how much is still to come. */
struct told {
	bool open;
	uint64_t left, bytes;
};

static int begin(void *ctx, const char *name, uint64_t size, struct err *err)
{
	struct told *t = ctx;

	must(!t->open && name[0] != '.' && name[0] != '/' && !strstr(name, "/."));
	t->open = true;
	t->left = size;
	t->bytes += size;
	must(t->bytes <= UNPACK_BYTES);
	return 0;
}

static int data(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct told *t = ctx;

	must(t->open && len && len <= t->left);
	t->left -= len;
	return 0;
}

static int end(void *ctx, struct err *err)
{
	struct told *t = ctx;

	must(t->open && !t->left);
	t->open = false;
	return 0;
}

/* The first byte is how many come at once. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct unpack_sink sink = {.begin = begin, .data = data, .end = end};
	struct told told = {0};
	struct unpack u = {.sink = &sink, .ctx = &told};
	size_t chunk = size ? (size_t)bytes[0] * 8 + 1 : 1;
	struct err err = {0};
	int done = 0;

	for (size_t at = 1; done == 0 && at < size; at += chunk)
		done = unpack_take(&u, bytes + at, size - at < chunk ? size - at : chunk, &err);
	if (done < 0)
		must(err.text[0] && err.code == EXIT_MACHINE);
	else if (unpack_is_whole(&u))
		must(!told.open);
	return 0;
}
