/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many CPUs and how much memory each layer gets: a pure function of what was asked for and of
 * the machine.
 *
 * MODE_SHAPE: the measured part of every layer is the same, vcpus and memory_bytes; outer layers
 * get what their guests have on top, and room to run them. This isolates what nesting costs, and
 * what fits into the deepest layer fits into all, while its guests have touched all they have.
 *
 * MODE_SHARE: the machine is given. Every layer that hosts another keeps keep_vcpus and keep_bytes
 * for itself and passes on the rest, shared out evenly where there are several guests; all that a
 * layer has is measured. This is what a customer of a cloud in a cloud gets.
 */
#ifndef NB_VM_SIZE_H
#define NB_VM_SIZE_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/layer_tree.h"

enum mode { MODE_SHAPE, MODE_SHARE };

/* "shape", "share"; NULL ends the table. */
extern const char *const mode_names[];
const char *mode_name(enum mode m);
int mode_parse(const char *text, enum mode *out, struct err *err);

/* What a layer that hosts others needs for what runs them; and for each further guest beside the
 * first. */
#define VM_ROOM_BYTES (UINT64_C(128) << 20)
#define VM_GUEST_BYTES (UINT64_C(96) << 20)
/* Of the machine itself: what runs the layers wants some, and it must not be driven into swap. */
#define VM_HOST_BYTES (UINT64_C(256) << 20)
/* Linux gives no transparent huge pages below 512 MiB, not counting its own memory; layers with and
 * without would not be alike. */
#define VM_DEFAULT_BYTES (UINT64_C(640) << 20)
/* With less a guest does not boot. */
#define VM_LEAST_BYTES (UINT64_C(256) << 20)

struct vm_size_config {
	enum mode mode;
	uint32_t depth; /* of the deepest layer */
	const struct layer_tree
		*tree;	 /* borrowed; NULL: the chain of that depth. MODE_SHAPE only */
	uint32_t guests; /* VMs at the deepest layer, side by side; at least 1 */
	uint32_t host_cpus;
	uint32_t vcpus;	       /* MODE_SHAPE: measured, in every layer */
	uint64_t memory_bytes; /* MODE_SHAPE: of each deepest VM, and of each parent layer beside
				  what its guests have. MODE_SHARE: what L1 and all in it get */
	uint32_t keep_vcpus;   /* MODE_SHARE */
	uint64_t keep_bytes;   /* MODE_SHARE */
};

struct vm_size {
	uint32_t vcpus;	   /* of its domain; of L0 the machine's */
	uint32_t measured; /* kernels run on the first so many */
	uint32_t planned;  /* the first so many are placed one to one: on what lies above, and for
			      what  lies below */
	uint64_t memory_bytes; /* of its domain, whole MiB; 0 for L0 */
};

/* EXIT_MACHINE when nothing is left for this layer. */
int vm_size_of(const struct vm_size_config *c, uint32_t layer, struct vm_size *out,
	       struct err *err);

#endif
