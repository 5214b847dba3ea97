/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a layer costs what it costs: which exits its work causes in its parent layer, what one of
 * each kind costs, and how much of the time beyond the parent layer's that explains.
 *
 * Time. What one operation takes in a layer beyond its parent layer is the median over rounds of
 * the paired differences, with its interval as in summary.h.
 *
 * Prices. What one exit costs in a layer comes from workloads that do little else: those of class
 * exit, then the control workload sleep (a halt and its timer). The price of the reason that such a
 * workload causes most is its time beyond the parent layer, less what its other exits are known to
 * cost, over the count; exits by the second that have no price are taken to cost as much. It must
 * be at least half of the exits without a price, and its count known within 30 %. Workloads with
 * the fewest unknown reasons come first, of these the shortest, and other unknown reasons of the
 * same workload are part of that price. At least half of the time must be left for it. A reason
 * without a price is taken at the lowest price of the layer (is_least): every exit costs the way
 * there and back, and next to nothing else is done in the cheapest.
 *
 * A VM in the layer. The exits of a VM that the layer runs by itself are in the histogram of its
 * parent as well; kvm_nested_vmexit tells them apart (nested). Each comes with the entry before it
 * (VMRUN, VMRESUME), and what a hypervisor executes around an entry (VMLOAD, VMWRITE) does too: all
 * of that is one price, an entry's.
 *
 * Devices. An access to a register of a device that lies in memory is a nested page fault like that
 * of a page, but the hypervisor decodes the instruction and goes to its user space and back. KVM's
 * statistics tell how many there were (mmio_exits), which are a reason of their own here and taken
 * off the faults.
 *
 * Explained is the sum of counts × prices; counts that go by the second are taken for as long as
 * the operation takes. Intervals are propagated as of independent errors. Nothing is taken from a
 * workload itself to explain it, unless the prices come from it (is_basis).
 *
 * Amplification. While a batch runs in a layer, the layers around it cause exits as well: for each
 * exit of the child layer, so many of the parent layer, counted in the grandparent. Both without
 * their background and, where they are counted by reason, without what follows time.
 *
 * Known for page faults, each exits to the outermost of the three hypervisors' layers: n + 3 with
 * nested paging on both levels, 2n + 4 with shadow paging on nested paging, for page tables of n
 * levels (PVM, SOSP 2023, 2.2).
 */
#ifndef NB_WHY_H
#define NB_WHY_H

#include "lib/buf.h"
#include "results/exits/exit_counts.h"
#include "results/exits/memory.h"

struct why_price {
	uint32_t layer;
	char reason[EXITS_REASON];
	struct estimate ns;
	const char *workload; /* it comes from, borrowed */
	char with[128];	      /* reasons that are part of it, "hlt, interrupt"; "" */
};

/* A reason of an item. */
struct why_part {
	const struct exit_metric *metric;
	struct estimate per_op; /* of reasons by the second: during one operation */
	/* Exits of a VM in the layer, which this layer's hypervisor handles: not in per_op, since
	 * the entry that follows each has them in its price. */
	struct estimate nested;
	const struct why_price *price; /* NULL: the layer has none */
	bool is_least;		       /* that of another reason, the lowest of the layer */
	bool is_included;   /* in the price of another reason of the item: costs nothing */
	struct estimate ns; /* per operation; NANs without a price */
};

/* Whether there is any beyond the background. */
bool why_part_moved(const struct why_part *p);

/* Exits of a layer around the child, per exit of the child. */
struct why_outer {
	uint32_t layer, counted_in;
	const char *source; /* of both counts, borrowed */
	struct estimate factor;
};

/* A workload in a layer, 1 or deeper, whose exits were counted. */
struct why_item {
	const struct summary_entry *entry, *parent; /* parent NULL: not measured there */
	const struct exit_series *series;	    /* that is shown and explained */
	struct why_part
		*part; /* those that moved, without sums; most time first, then most often */
	size_t parts;
	struct why_outer *outer; /* from the parent layer outwards */
	size_t outers;
	/* NANs: not known, such as where the layer costs no more than its parent layer. */
	struct estimate extra_ns, explained_ns, share;
	/* What the parent layer takes and the exits explain, over what was measured. */
	double predicted;
	bool is_basis;	    /* prices of its own exits come from it */
	bool is_explained;  /* at least WHY_EXPLAINED of its time, predicted within WHY_NEAR */
	double fault_known; /* exits of the parent layer per page fault; NAN: none applies */
	struct buf missing; /* a sentence without its full stop; empty: nothing is */
};

/* Whether an operation takes longer than in the parent layer, as far as the interval tells; where
 * there is none, by the median alone. */
bool why_costs_more(const struct why_item *item);

#define WHY_EXPLAINED 0.7
#define WHY_NEAR 0.3

struct why {
	const struct summary *s; /* borrowed */
	struct exit_counts counts;
	struct memory_path memory;
	struct why_price *price;
	size_t prices;
	struct why_item *item; /* by layer, then in the order of the summary */
	size_t items;
};

/* Whether the run has an exits.csv, even if all it says is why nothing was counted. */
bool why_is_counted(const struct summary *s);

/* Reads what was counted in the run and explains it. No counts: no items, which is fine; the
 * remarks of w->counts tell why. */
int why_make(const struct summary *s, struct why *w, struct err *err);
void why_release(struct why *w);

/* NULL: the reason has no price of its own. */
const struct why_price *why_find_price(const struct why *w, uint32_t layer, const char *reason);

/* What is shown. */
struct why_filter {
	const char *const *workloads; /* globs; NULL-terminated; NULL or empty: all */
	uint32_t layer;		      /* LAYER_NO_PARENT: all */
};

bool why_shows_work(const struct why_filter *f, const char *workload, uint32_t layer);
bool why_shows(const struct why_filter *f, const struct why_item *item);

/* As text, in lines of at most 100 columns, and as one JSON object. */
void why_format(const struct why *w, const struct why_filter *f, struct buf *out);
int why_format_json(const struct why *w, const struct why_filter *f, struct buf *out,
		    struct err *err);

#endif
