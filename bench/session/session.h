/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run: all layers up, calibration, the plan's jobs, rows into the run directory, all layers down.
 *
 * What is measured once a boot (capacities) is measured as soon as its layer is up, before the next
 * one exists: what a layer offers must not depend on what the layers in it happen to hold. That
 * also touches each layer's memory once, at least as much as the layers in it will have, before a
 * deeper layer's is measured. These rows have round
 * 1 and slot 0.
 *
 * Behind every round each layer says what disturbed it; what that comes to is in layers.csv. A
 * round of L0 that was disturbed beyond a limit is measured again behind the last round of its
 * boot: the rows then say which round they repeat, and both are kept. Summaries count the second in
 * the place of the first (results/summary/remeasured.h). A resumed run measures the rounds again
 * for which that is missing, in every boot.
 *
 * A layer that is lost (it falls silent, ends, or was started and does not come up) is
 * started again, see session_config.restarts. Before any round, while layers are started or
 * calibrated: all are (started_again of L0 in layers.csv); what had been measured once a boot is
 * not measured again. In the rounds: the layer and those in it are, which begins a new boot, under
 * the next number: boots are what layers are up together. The round that was cut short is measured
 * again there, as a whole, and the rest of the rounds follow; what was measured of it stays with
 * the old boot (restarted_layers and from_round of L0 say so). What is known of the loss is kept
 * below evidence/ (evidence_message.h). A layer that is lost for good leaves fail rows; one that is
 * lost while it calibrates for good leaves the counts to the others (calibrated_without).
 *
 * The guest image is looked at before every boot and between rounds (image_watch.h): the VMs are
 * given up where it is no longer what it was, and the machine itself is measured on.
 *
 * Before the first batch of a job and behind its last, counters are read of what the layer, and
 * those around it, make their parent layers do (exits.csv). By reason they are counted in a round
 * of its own, before the first of each boot, whose times count nowhere: that takes time in every
 * exit.
 *
 * What each boot took is written as facts of L0 into layers.csv: time_boot_ns (to start and stop
 * the layers, with what is measured once), time_calibration_ns (of the first boot), time_rounds_ns.
 */
#ifndef NB_SESSION_H
#define NB_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/agent/guest_devices.h"
#include "bench/link/channel.h"
#include "bench/plan/profile.h"
#include "bench/plan/stack.h"
#include "bench/plan/vm_size.h"
#include "bench/session/progress.h"
#include "bench/session/resume_state.h"
#include "drivers/driver.h"
#include "results/rundir/rundir.h"

/* How much is measured. Counts are at least 1. */
struct session_size {
	uint32_t boots, rounds; /* rounds in each boot */
	uint64_t batches;	/* in each round, without those that warm up */
};

/* Where a run stands after a round. Times are the host's, over the whole run so far. */
struct session_stand {
	uint32_t boot, round; /* what has just been measured, from 1; its rows are in the file */
	uint32_t all_rounds;  /* that were measured, over all boots */
	uint64_t began_ns;    /* on the session's clock */
	uint64_t boots_ns;    /* to start and stop layers, with what is measured once a boot */
	uint64_t calibration_ns;
	uint64_t rounds_ns, last_round_ns; /* those measured again are counted here too */
};

/*
 * Asked after every round: may make the run longer or shorter by changing *size, which holds for
 * what follows. A boot ends with the first round that is not below size->rounds, the run with the
 * first such boot. -1 ends the run as a failure.
 */
typedef int (*session_next_fn)(void *ctx, const struct session_stand *stand,
			       struct session_size *size, struct err *err);

/* Asked before a disturbed round is measured again: whether there is time for one more round. */
typedef bool (*session_may_fn)(void *ctx, const struct session_stand *stand);

/* What to do. All pointers are borrowed. */
struct session_config {
	const char *dir;      /* the run directory, already made */
	const char *run;      /* id of the run */
	const char *work_dir; /* short, for sockets */
	struct session_size size;
	session_next_fn next; /* NULL: the size stays as it is */
	void *next_ctx;
	/* A round that is disturbed by more (a share, see disturbance.h) is measured again once,
	 * behind the rounds of its boot; 0: none is. */
	double noise_limit;
	session_may_fn may_remeasure; /* with next_ctx; NULL: there is time */
	uint64_t warm_up, batch_ns, touch_bytes;
	/* What layers make their parent layers do is counted, into exits.csv, by reason in so
	 * many batches; 0: it is not. */
	uint32_t count_batches;
	uint64_t seed;
	struct vm_size_config vm_size; /* its depth is ours; guests: as many as the works ask for */
	const struct stack *stack;     /* of that depth */
	uint32_t restarts;	/* of lost layers: at most so many before the first round of each
				   boot, and so many in all rounds; 0: none */
	uint64_t boot_limit_ns; /* the user's own, for each attempt to boot a VM; 0: none */
	struct device_request devices;	    /* network only where net kernels run */
	const char *scratch;		    /* or NULL */
	const char *kernel, *initrd, *disk; /* of the image; NULL with depth 0 */
	const char *program; /* whose command `agent` serves L0; NULL: this program */
	const struct work_list *works;
	const struct resume_state
		*resume_state; /* of a resumed run, see resume_state.h; else NULL */
	const struct clock *clock;
	int interrupt_fd;
};

/*
 * The workload that every run measures by the way: from the start of a layer's domain until its
 * agent answers. L0 has none.
 */
#define SESSION_BOOT_WORKLOAD "boot.layer"

/*
 * Runs it all. m is filled with what becomes known (host_is_vm, versions, hashes, and the size that
 * it came to); the caller saves it. 0: every planned job has its rows, whatever they say. -1 with
 * EXIT_INTERRUPTED or another reason: what was finished is in the files. Either way nothing that
 * was started is left. *unreached is the first layer that could not be started, or went away on the
 * way (0: none), with the reason in why: the others are measured, and the next boot starts it
 * again. Without L0 the run ends with EXIT_INTERNAL.
 */
int session_run(const struct session_config *c, struct manifest *m, struct progress *p,
		uint32_t *unreached, struct err *why, struct err *err);

/*
 * Two runs in one, to compare what they differ in: their boots take turns, A B B A A B B A …, each
 * into the run directory of its side. Boot k of both has the same plan, and the counts that were
 * calibrated in A's first boot hold for both. The two configs may differ in dir, run, kernel,
 * initrd, disk and options of layers only; size and next are A's, and a boot of A that was made
 * always gets its counterpart. Otherwise as session_run.
 */
int session_run_ab(const struct session_config c[2], struct manifest *const m[2],
		   struct progress *p, uint32_t *unreached, struct err *why, struct err *err);

#endif
