/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scratch: the file or block device that io kernels may overwrite, and the only one. Its
 * content is known, so that a kernel finds wrong data at once: 64-bit word i (at byte 8 * i, in the
 * machine's byte order) is scratch_word(i). Kernels that read use the lower half, which is never
 * overwritten; kernels that write use the upper half.
 */
#ifndef NB_SCRATCH_H
#define NB_SCRATCH_H

#include <stdint.h>

#include "workloads/workload.h"

#define SCRATCH_MIN_BYTES (UINT64_C(1) << 20)
enum { SCRATCH_BLOCK = 4096 };

static inline uint64_t scratch_word(uint64_t i)
{
	return mix64(UINT64_C(0x6e657374626e6368) + i);
}

/*
 * Makes the file at path (or takes a block device) `bytes` long, all of it preallocated and filled
 * as above, and on disk. A multiple of 8 KiB from SCRATCH_MIN_BYTES on. A file that this call had
 * created is removed again when it fails.
 */
int scratch_fill(const char *path, uint64_t bytes, struct err *err);

/*
 * Our part of the scratch, in bytes, multiples of SCRATCH_BLOCK: a part of the readers' half and as
 * large a part of the writers' half. However many share the scratch, and however many did before,
 * no writer overwrites what a reader expects.
 */
struct scratch {
	int fd;				  /* the caller closes it */
	uint64_t read_start, write_start; /* from the beginning of the scratch */
	uint64_t room;			  /* of each part */
};

/*
 * Opens env->scratch with these flags of open(2) (O_CLOEXEC is added) and finds our part of it, as
 * env->part and env->parts say. Errors, which are good reasons for a skip row, carry EXIT_MACHINE.
 */
int scratch_open(const struct workload_env *env, int flags, struct scratch *s, struct err *err);

/* For a probe: can it be opened with these flags? */
int scratch_probe(const struct workload_env *env, int flags, struct err *err);

/* The bytes_per_op of kernels that write a SCRATCH_BLOCK. */
uint64_t scratch_block_per_op(const uint64_t *arg);

#endif
