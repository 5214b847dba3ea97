/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the io kernels share: blocks of the scratch, read or written through io_uring, with a fixed
 * queue depth. A kernel is a descriptor made of these functions and a variant.
 *
 * With direct I/O blocks of more than one page are in huge pages, each contiguous, as far as the
 * layer has them.
 *
 * Readers stay in the lower half of the scratch and compare a word of every block, or up to 15 of a
 * large one, with what scratch_fill() wrote there, in another sector each time; writers stay in the
 * upper half and put new words into every block. Requests complete in any order, so the digest is a
 * sum over the operations. A request is submitted as soon as there is room for it, one system call
 * each (as fio does), so that the device has started on the first when the last is submitted.
 */
#ifndef NB_URING_ENGINE_H
#define NB_URING_ENGINE_H

#include <liburing.h>
#include <stdbool.h>

#include "workloads/lib/pages.h"
#include "workloads/lib/state.h"

/* The variants: what is done with the blocks. */
enum { URING_WRITE = 1, URING_RANDOM = 2 };

struct uring_slot; /* one request of the queue depth */

struct uring_state {
	struct tally tally;
	struct io_uring ring;
	bool ring_ready;
	bool write, random;
	int fd; /* 0: none */
	struct uring_slot *slot;
	struct pages memory; /* the blocks of all slots, and a spare one */
	uint64_t *spare;     /* the block that no request uses; NULL through the page cache */
	uint32_t depth, block, pending;
	uint64_t start, blocks; /* of the part that is used: byte, count */
	uint64_t seed;
};

/* The parameters of all io kernels, and the names of the caches: "direct", "buffered". */
enum { URING_BLOCK, URING_DEPTH, URING_CACHE, URING_SIZE };
extern const char *const uring_caches[];

/* The functions of a descriptor; the state is a struct uring_state. */
int uring_check(const uint64_t *arg, struct err *err);
int uring_probe(const struct workload_env *env, const uint64_t *arg, struct err *err);
int uring_setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err);
int uring_run(void *state, uint64_t n, struct err *err);
void uring_teardown(void *state);
uint64_t uring_bytes_per_op(const uint64_t *arg);

#endif
