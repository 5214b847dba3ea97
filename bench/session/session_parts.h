/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of a session: boots and rounds (session.c), jobs (session_jobs.c), layers that come up,
 * all of them (session_up.c), each (session_layers.c) and what they say of themselves
 * (session_describe.c), clocks and disturbances, which are looked at between rounds
 * (session_watch.c), and layers that are lost on the way (session_lost.c) and are started again
 * (session_restart.c). What the layers make their parent layers do is counted around the batches
 * (session_exits.c), by reason in a round of its own (session_count.c).
 */
#ifndef NB_SESSION_PARTS_H
#define NB_SESSION_PARTS_H

#include "bench/link/link.h"
#include "bench/plan/plan.h"
#include "bench/session/calibrate.h"
#include "bench/session/clockcheck.h"
#include "bench/session/disturbance.h"
#include "bench/session/image_watch.h"
#include "bench/session/session.h"
#include "bench/session/job.h"
#include "lib/file.h"
#include "results/rundir/exits.h"
#include "results/rundir/rows.h"

struct session {
	const struct session_config *c;
	struct session_size size;
	struct session_stand stand;
	struct manifest *m;
	struct progress *p;
	struct link link;
	struct layer l0;
	struct csv_writer *rows;      /* of the side whose turn it is */
	struct csv_writer *exits;     /* likewise */
	struct work_list empty;	      /* what the empty batch runs */
	uint64_t nop_ops[LAYERS_MAX]; /* of it, in as long a batch as others; 0: not known */
	struct exit_counter *counter[LAYERS_MAX]; /* of the layers of this boot; NULL: none yet */
	uint32_t sides, turn, side;		  /* 2 sides: boots take turns; turn from 0 */
	const struct image_watch *image;	  /* likewise */
	struct calibration *calibration;
	struct plan_turns turns;
	uint32_t *group; /* of the turns */
	uint32_t boot;	 /* its number */
	uint32_t
		extra[2]; /* boots of each side that began because a layer was lost in the rounds */
	bool restarted;	  /* this boot did */
	uint32_t first_round;	/* of this boot: 1, or where it took over from the one before */
	uint32_t restarts;	/* so far, in the rounds of this run */
	int up, up_guests;	/* layers, and siblings, that this boot began with */
	bool began[LAYERS_MAX]; /* which layers these are */
	bool counted;		/* the counting round of this boot is done */
	bool rounds_whole;	/* all planned rounds of this boot are measured, in all layers */
	bool given_up;		/* its VMs, on purpose: they are not started again */
	bool start_again;    /* a layer was lost before the first round: see session_start_again */
	char lost[ERR_TEXT]; /* how */
	struct facts known[LAYERS_MAX];		   /* of the layers as they were started last */
	char unreached[LAYERS_MAX][SAMPLE_REASON]; /* why a layer is not up in this boot; "" */
	bool calibrated;
	bool once[LAYERS_MAX]; /* the rows of one a boot of this layer are in the file */
	uint32_t from_round;   /* the first one of this boot that is not measured yet */
	uint32_t last_round;   /* of this boot that has any row; 0: none has */
	int told_alive;	       /* the user knows that so many layers can be reached */
	uint64_t boot_ns;      /* that the parent layer took to come up; 0: there was none */
	/* Of L0, which every layer must match; nestkernel-dl: "" where there is none. */
	char nestkernel_sha256[SHA256_HEX], nestkernel_dl_sha256[SHA256_HEX];
	struct clock_watch clock[LAYERS_MAX];	/* of the layers of this boot */
	struct noise_reading noise[LAYERS_MAX]; /* the latest; at_ns 0: there is none */
	/* Rounds of this boot to be measured again; those before `next` already have been. */
	struct {
		uint32_t *round;
		size_t count, next;
	} disturbed;
	uint32_t remeasures; /* the round that the present one measures again; 0: none */
};

/* How many layers the run has, and their names. */
static inline uint32_t session_layers(const struct session *s)
{
	return s->c->stack->tree.count;
}

static inline const char *session_name(const struct session *s, uint32_t layer)
{
	return s->c->stack->tree.layer[layer].name;
}

/* The layer that has siblings where there are any: the last one. */
static inline uint32_t session_sibling_layer(const struct session *s)
{
	return session_layers(s) - 1;
}

/* Appends facts of a layer to layers.csv, where there are any, and releases them. */
int session_put_facts(struct session *s, uint32_t layer, struct facts *facts, struct err *err);

/* How a job is measured. False: its layer cannot, as is known from its calibration or a round
 * before. */
bool session_job(const struct session *s, const struct job *job, struct measuring *m);

/* Runs a job; its rows go into the file. -1 as of measuring_run. */
int session_run_job(struct session *s, const struct job *job, struct err *err);

/* Runs the job while counters are read, which go into exits.csv. As measuring_run; -1 also when the
 * file cannot be written. */
int session_measure(struct session *s, uint32_t round, struct measuring *m,
		    const struct sample_sink *sink, struct err *err);

/* Whether anything is counted of a layer, as far as is known. */
bool session_is_counted(struct session *s, uint32_t layer);

/* Begins, or ends, counting by reason in all layers, from the outside. */
int session_count_by_reason(struct session *s, enum counting how, struct err *err);

/* The counting round of a boot (exits.h); sets s->counted unless a layer was lost. */
int session_exits_round(struct session *s, struct err *err);

/* A layer begins anew, or is gone: so are its counters. */
void session_exits_forget(struct session *s, uint32_t layer);

int session_exits_open(struct session *s, struct err *err);
void session_exits_close(struct session *s);

/* A layer that is not there leaves skip rows, so that every planned job has one. */
int session_skip_job(struct session *s, const struct job *job, const char *reason, struct err *err);

/* Its rows are there, from before the run was interrupted. */
bool session_is_measured(const struct session *s, const struct job *job);

/*
 * Starts layer after layer and measures in each what is measured once a boot. 0 also when a deeper
 * one did not come up: then *unreached says which, and why. With may_restart also, and at once,
 * with s->start_again, when a layer was lost.
 */
int session_layers_up(struct session *s, bool may_restart, uint32_t *unreached, struct err *why,
		      struct err *err);

/* Starts a layer, tells what is known of it, and writes that down. What came of it; -1 ends the
 * run. The trouble says why it is not up. */
enum { IS_UP = 0, IS_NOT_UP };
int session_bring_up(struct session *s, uint32_t layer, struct err *trouble, struct err *err);

/* The row that tells how long it took a layer to come up. */
int session_put_boot_row(struct session *s, uint32_t layer, struct err *err);

/*
 * Says that all layers are to be started again and why (s->lost), which layers.csv says of L0, and
 * stops them. What was measured of them alone is kept. attempt counts from 1.
 */
int session_start_again(struct session *s, uint32_t attempt, struct err *err);

/* A layer that came up in this start went away, and may be started again. */
bool session_lost_any(const struct session *s);

/* Before the first round: where a layer that came up, or a sibling, is lost by now, sets
 * s->start_again. */
int session_note_early_loss(struct session *s, struct err *err);

/* The layers that are up are those that the boot begins with. */
void session_note_began(struct session *s);

/* The first layer that the boot began with and that is lost; where only siblings are, theirs. */
uint32_t session_first_lost(const struct session *s);

/* Whether a layer was lost since the boot began that can be started again. */
bool session_can_restart(const struct session *s);

/*
 * Starts the lost layers again, as a new boot whose first round is `round`; where they do not come
 * up, again while that is allowed. 0 also when they are lost for good, which jobs then say.
 */
int session_restart(struct session *s, uint32_t round, struct err *err);

/* A layer was lost, or did not come up (`reason`): keeps what is known of it (evidence/). */
int session_keep_evidence(struct session *s, uint32_t layer, const char *reason, struct err *err);

/*
 * Before a boot: of a resumed run, finds the boot that took over last from the one of
 * this number, and with what round. Sets s->boot, s->extra, s->restarted and s->first_round.
 */
int session_recall_restarts(struct session *s, struct err *err);

/* Who tells: the layer that started another, or a layer of itself. */
enum teller { THE_STARTER, ITSELF };

/*
 * Adds the facts of an answer. What is there already stands: nothing overrides what the parent
 * layer has told.
 */
void session_take_facts(const json_t *done, enum teller teller, struct facts *facts);

/*
 * Lets the first so many VMs of a layer describe themselves; the facts are the first one's. -1:
 * *failed is the first that cannot be measured, or -1 where the link has lost some by itself.
 */
int session_describe(struct session *s, uint32_t layer, uint32_t guests, struct facts *facts,
		     int *failed, struct err *err);

/*
 * Starts a layer, lets it describe itself and says so. Appends its facts, also those that are known
 * of one that did not come up.
 */
int session_start_layer(struct session *s, uint32_t layer, struct facts *facts, struct err *err);

/*
 * The siblings of the deepest layer, which has been measured alone by now. What needs more of them
 * than came up fails with the reason.
 */
int session_siblings_up(struct session *s, struct err *err);

/* All of them, the siblings too. Fine with none. */
void session_layers_down(struct session *s);

/*
 * Looks at the image, at every clock that can be reached, and at what disturbed the round, before
 * the round `next_round` or behind the last one; rows from now on are suspect where a clock is
 * wrong.
 */
int session_watch(struct session *s, uint32_t next_round, struct err *err);

/* Behind the last round of a boot: writes down what is known of the clocks. */
int session_watch_end(struct session *s, struct err *err);

/* Whether all rows of a round are there, from before the run was interrupted. */
bool session_round_is_measured(const struct session *s, uint32_t round);

/*
 * Before a boot: remembers the rounds that were disturbed before it was interrupted and are not
 * measured again yet, or not to the end. Those from s->from_round on (0: none) are judged when they
 * are measured.
 */
int session_disturbance_recall(struct session *s, struct err *err);

/* The rounds of a boot begin. */
int session_disturbance_begin(struct session *s, struct err *err);

/*
 * A layer answers behind a round: writes down what disturbed it there (layers.csv: round.N.noise),
 * of L0 also that the round is disturbed, and why (round.N.disturbed), or that it measures
 * another again (round.N.repeats). Says it.
 */
int session_disturbance_note(struct session *s, uint32_t layer, uint32_t round, struct err *err);

/* The number of the round that will measure the next disturbed one again; 0: none is left. */
uint32_t session_disturbance_next(const struct session *s);

/* Whether one more round, *round, is to be measured for a disturbed one; s->remeasures says which.
 */
bool session_remeasure(struct session *s, uint32_t *round);

/*
 * Without L0's agent nothing can be measured: that ends the run, with no row for what was under
 * way, so that it can be resumed. -1 with the reason, which the manifest keeps as "stopped".
 */
int session_check_l0(struct session *s, struct err *err);

/*
 * L0's agent ended while it started its child layer (a call of its driver that hangs ends it): it
 * is started again, so that L0 at least is measured. The trouble becomes the reason, with its last
 * words.
 */
int session_l0_again(struct session *s, struct err *trouble, struct err *err);

/* Gives the VMs up where their image is no longer what they were started from. */
int session_check_image(struct session *s, struct err *err);

/* Tells the user when a layer went away since it was asked last, and keeps what is known of that.
 */
int session_tell_lost(struct session *s, struct err *err);

/* Likewise while it calibrated: the counts are those of the others. layers.csv says so of L0. */
int session_fewer_calibrated(struct session *s, struct err *err);

/* Tells the user which kernels hung while they were calibrated. */
void session_tell_hung(struct session *s);

/*
 * At the end of a boot: a layer or a sibling that went away on the way counts as one that could
 * not be reached. *unreached and why as of session_run; they are left alone where nothing was lost.
 */
void session_note_lost(const struct session *s, uint32_t *unreached, struct err *why);

#endif
