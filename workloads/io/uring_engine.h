/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the io kernels have in common: blocks of the scratch, read or written through io_uring, with
 * a number of requests under way at any time. A kernel is a descriptor made of these functions and
 * a plan.
 *
 * Past the page cache blocks of more than one page lie in huge pages, each in one piece, as far as
 * the layer has them.
 *
 * Readers stay in the lower half of the scratch and compare a word of every block, or up to 15 of a
 * large one, with what scratch_fill() wrote there, in another sector each time; writers stay in the
 * upper half and put new words into every block. Requests complete in any order, so the digest is a
 * sum over the operations. A request is given to the kernel as soon as there is room for it, one
 * system call each (as fio does), so that the device has started on the first when the last comes.
 */
#ifndef NB_URING_ENGINE_H
#define NB_URING_ENGINE_H

#include <stdbool.h>
#include <liburing.h>

#include "workloads/lib/pages.h"
#include "workloads/workload.h"

/* What a kernel does with its blocks. */
struct uring_plan {
	bool write, random;
};

struct uring_slot; /* one request that may be under way */

struct uring_state {
	struct uring_plan plan;
	struct io_uring ring;
	bool ring_ready;
	int fd; /* one more than the descriptor, so that zeroed state means none */
	struct uring_slot *slot;
	struct pages memory; /* the blocks of all slots, and a spare one */
	const char *note;
	uint64_t *spare; /* the block that no request uses; NULL through the page cache */
	uint32_t depth, block, pending;
	uint64_t start, blocks; /* of the part that is used: byte, count */
	uint64_t seed, done, sum;
};

/* The parameter table of all of them: block, depth, cache, size. */
enum { URING_BLOCK, URING_DEPTH, URING_CACHE, URING_SIZE };
extern const char *const uring_caches[]; /* "direct", "buffered" */
#define URING_PARAMS(bytes)                                                                        \
	{                                                                                          \
		[URING_BLOCK] = {.name = "block",                                                  \
				 .kind = PARAM_SIZE,                                               \
				 .fallback = (bytes),                                              \
				 .min = 4096,                                                      \
				 .max = 4 << 20,                                                   \
				 .step = 4096,                                                     \
				 .help = "bytes of one request"},                                  \
		[URING_DEPTH] = {.name = "depth",                                                  \
				 .kind = PARAM_COUNT,                                              \
				 .fallback = 1,                                                    \
				 .min = 1,                                                         \
				 .max = 1024,                                                      \
				 .help = "requests under way at once"},                            \
		[URING_CACHE] = {.name = "cache",                                                  \
				 .kind = PARAM_CHOICE,                                             \
				 .choices = uring_caches,                                          \
				 .help = "direct (past this layer's page cache) or buffered "      \
					 "(through it; reads find it warm)"},                      \
		[URING_SIZE] = {.name = "size",                                                    \
				.kind = PARAM_SIZE,                                                \
				.fallback = 64 << 20,                                              \
				.min = 4096,                                                       \
				.max = UINT64_C(1) << 40,                                          \
				.help = "the part of the scratch that is used; at most half of "   \
					"it"},                                                     \
		{0},                                                                               \
	}

/* The functions of a descriptor; the state is a struct uring_state. */
int uring_check(const uint64_t *arg, struct err *err);
int uring_probe_read(const struct workload_env *env, const uint64_t *arg, struct err *err);
int uring_probe_write(const struct workload_env *env, const uint64_t *arg, struct err *err);
int uring_setup(struct uring_state *s, struct uring_plan plan, const struct workload_env *env,
		const uint64_t *arg, struct err *err);
int uring_run(void *state, uint64_t n, struct err *err);
uint64_t uring_digest(const void *state);
void uring_teardown(void *state);
const char *uring_note(const void *state);
uint64_t uring_bytes_per_op(const uint64_t *arg);

#endif
