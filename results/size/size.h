/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sizing: the host that a fleet of nested guests needs, from what a run measured.
 *
 * The model, along the way from L0 to one layer. A guest must do the work that `vcpus` CPUs do
 * without virtualization, to have `memory` of its own, and to issue `iops` requests per second.
 * Layer k has the cost ratios of the run, R(k) against L0 (R(0) = 1; below 1 counts as 1, since
 * cheap emulated exits must not be planned with).
 *
 *   CPUs of the host    = guests × vcpus × R_like(k) × C(k) ÷ (1 − headroom)
 *   requests of the host = guests × iops × R_io(k) × C_io(k) ÷ (1 − headroom)
 *   memory of a layer that holds VMs of sizes m = keep + Σ (m + m/256 + overhead), ÷ (1 − headroom)
 *                         once, at the host
 *
 * R_like is the class "cpu", or the class or workload that the guests are said to be like; R_io the
 * class "io". C(k) is what concurrency costs layer k beyond what it costs L0: R(k) with n threads,
 * copies or guests at once over R(k) of the same work alone, which is L0's parallel efficiency over
 * that of layer k. Each of these kinds counts with its largest n, and the worst over the workloads
 * of R_like (C_io: of "io") is taken; 1 when there are none. keep is what a layer keeps for itself:
 * memory_bytes of layers.csv less capacity.memory, or else less memory_available_bytes, 0 when
 * unknown. m/256 is for page tables, two levels of 8 bytes per 4 KiB; overhead is the hypervisor's
 * own memory per VM, which is not measured but assumed (an option). All guests are in one L1 (in
 * one VM at each layer between), whose size is part of the answer: a vCPU of L1 at work is a CPU of
 * the host at work, so L1 has as many vCPUs as the host needs CPUs, and each guest vcpus ×
 * R_like(k) × C(k).
 *
 * With `spread`, the guests are spread over hosts like the measured one, each with an L1 of its
 * own: then a given host is the measured one where nothing else is given, and what fits on it is
 * what each host holds.
 *
 * Expected figures take medians. Pessimistic ones take the bad end of each 95 % interval; where
 * there is no interval they are the same, and a note says so. Notes name everything that was not
 * measured, or that goes beyond what was measured.
 */
#ifndef NB_SIZE_H
#define NB_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/summary/summary.h"

struct size_demand {
	uint64_t guests, vcpus, memory_bytes, iops; /* of each guest; iops 0: not requested */
	double headroom;			    /* 0.2: a fifth stays free */
	uint64_t host_vcpus, host_memory_bytes, host_iops; /* 0: not given */
	uint64_t overhead_bytes;
	const char *like; /* a class or a workload */
	/* The name of the layer of the guests; NULL: the deepest, of a run with one chain. */
	const char *layer;
	bool spread;
};

enum size_resource { SIZE_CPU, SIZE_MEMORY, SIZE_IOPS, SIZE_RESOURCES };

const char *size_resource_name(enum size_resource r);

/* Needs, one per resource; NAN: not known or not requested. */
struct size_need {
	double of[SIZE_RESOURCES];
};

/* Running the fleet at one layer. */
struct size_place {
	uint32_t layer, depth;
	char name[LAYER_NAME];					 /* of the layer */
	double ratio[SIZE_RESOURCES], bad_ratio[SIZE_RESOURCES]; /* NAN: not measured */
	double loss[SIZE_RESOURCES], bad_loss[SIZE_RESOURCES];	 /* of concurrency; at least 1 */
	double guest_vcpus; /* that each guest needs for the work, pessimistic */
	struct size_need expected, pessimistic; /* of the host */
	/* The number of guests that fit on a given host; NAN: no host given, or not known. */
	double fit, bad_fit;
	enum size_resource binding; /* of bad_fit; without a host, of hosts */
	double hosts;		    /* machines like the measured L0, pessimistic; NAN */
};

enum { SIZE_PLACES = 3 };

struct size_answer {
	struct size_demand demand;
	struct size_place place[SIZE_PLACES]; /* bare metal, L1, deepest */
	size_t places;
	double l1_vcpus, l1_memory_bytes; /* size of L1 for the deepest layer, pessimistic; NAN */
	double measured_vcpus, measured_memory_bytes, measured_iops; /* of L0; NAN */
	double host[SIZE_RESOURCES]; /* of the host that guests are to fit on; NAN: not given */
	double most_at_once;  /* largest concurrency that was measured in the deepest place */
	bool guests_measured; /* that of several guests was */
	double guest_iops;    /* the most that one guest there reached; NAN */
	enum layer_cpu cpu;   /* of the deepest place */
	struct buf notes;     /* lines, each a whole sentence */
};

/*
 * Answers from a summary. EXIT_INCONCLUSIVE when no layer has a ratio for `like`;
 * EXIT_USAGE for a demand that makes no sense, a layer that is not there, and a run of several
 * chains where no layer is named.
 */
int size_answer_make(const struct summary *s, const struct size_demand *d, struct size_answer *a,
		     struct err *err);
void size_answer_release(struct size_answer *a);

/* As text, in lines of at most 96 columns, and as one JSON object. */
void size_answer_text(const struct size_answer *a, struct buf *out);
int size_answer_json(const struct size_answer *a, struct buf *out, struct err *err);

#endif
