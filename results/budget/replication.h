/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many repetitions, and at which level: Kalibera & Jones, "Rigorous Benchmarking in Reasonable
 * Time", ISMM 2013. There are three levels: batches in a round, rounds in a boot, boots. A pilot
 * run gives the variance that each level adds and the time that one more at each level takes; from
 * these follow the numbers at each level that give the narrowest interval in a given time.
 *
 * Quantities are natural logs of cost ratios: a half-width of 0.01 is ± 1 %. The costs of the two
 * layers of a ratio are paired within a round, so what a round does to both of them cancels.
 *
 * Levels, from below: i = 1 batches, 2 rounds, 3 boots. S_i² is the variance of the means at level
 * i within the next higher one, T_1² = S_1² and T_i² = S_i² − S_(i−1)²/r_(i−1), with r_i as many as
 * the pilot had; a T_i² below 0 counts as 0. With unequal numbers, variances within are pooled and
 * 1/r is the mean of 1/r.
 */
#ifndef NB_REPLICATION_H
#define NB_REPLICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/layer_tree.h"
#include "results/rundir/csvfile.h"

/* What each level adds to the variance: T_1², T_2², T_3². */
struct variance {
	double batch, round, boot;
	size_t boots, rounds; /* of the pilot, rounds over all boots */
	bool boot_known;      /* two boots or more; else boot is 0 and means nothing */
};

/* One round of a series. */
struct variance_cell {
	uint32_t boot;	  /* ascending */
	double value;	  /* mean over the batches */
	double batch_var; /* variance that its batches give the mean: S_1²/r_1 */
};

/*
 * The components from n >= 1 cells, and S_1², the variance of one batch. *v is zeroed first. Levels
 * with too few values for a variance add 0.
 */
void variance_of_cells(const struct variance_cell *cell, size_t n, double batch_s2,
		       struct variance *v);

/* The numbers of repetitions. */
struct replication_size {
	uint32_t boots, rounds, batches; /* rounds in each boot, batches in each round */
};

/* The time of one more of each, in seconds. */
struct replication_cost {
	double once;  /* for the whole run: calibration */
	double boot;  /* to start and stop all layers */
	double round; /* what a round takes besides its batches: set-up, warm-up */
	double batch; /* one batch of every workload in every layer */
};

/* What has been measured already: boots, and rounds so far in the last of them. */
struct replication_done {
	uint32_t boots, rounds;
};

/* Seconds from there on until the size is reached. */
double replication_time(const struct replication_cost *cost, const struct replication_size *size,
			const struct replication_done *done);

/*
 * The half-width of the 95 % interval to expect: t-quantile times the square root of e(b) T_3²/b +
 * e(br) (T_2² + e(m) T_1²/m)/(br), where e(n) = 1 + (π/2 − 1)(1 − 1/n) is, within a few per cent
 * for odd n, how much larger the variance of the median of n normal values is than that of their
 * mean. The t-quantile has b − 1 degrees of freedom, since few boots say little about others. One
 * boot: r − 1, without T_3², since the interval then is about that boot only; INFINITY below the 6
 * rounds that its sign-test interval needs.
 */
double replication_half_width(const struct variance *v, const struct replication_size *size);

/*
 * The numbers of batches and rounds that use time best, however much there is: r_i = ⌈√(c_(i+1)/c_i
 * · T_i²/T_(i+1)²)⌉, each c_i without the cost of the levels below it; rounds for the whole number
 * of batches. UINT32_MAX: the next higher level adds no variance, so the more the better.
 */
void replication_optimum(const struct variance *v, const struct replication_cost *cost,
			 uint32_t *batches, uint32_t *rounds);

/* One ratio: a workload in a layer, against L0 (of a run with L0 alone: its cost). */
struct replication_item {
	char *workload, *params;
	uint32_t threads, layer;
	struct variance variance;
};

struct replication {
	struct replication_item *item;
	size_t items;
	struct replication_size size; /* of the pilot: batches as the mean over rounds, rounded */
	uint32_t all_rounds;	      /* over all boots */
	double mean_batches;
	double batch_s;	      /* one batch of everything, by the host's clock, median over rounds */
	struct damage damage; /* of the rows */
	struct layer_tree layers; /* as in the manifest; none when it cannot be read */
};

/*
 * Reads the rows of a run directory. Capacities and boot times, which have one value a boot, are
 * left out, and so are workloads without two rounds in a boot. EXIT_USAGE when none is left.
 */
int replication_read(const char *dir, struct replication *r, struct err *err);
void replication_release(struct replication *r);

/* Bounds of the choice; min == max fixes a number. */
struct replication_bounds {
	struct replication_size min, max;
};

/*
 * The size whose intervals are narrowest on the whole (the geometric mean of the half-widths over
 * all items is smallest) among those that take at most `seconds` from `done` on. Found by trying
 * all numbers of batches and rounds, with as many boots as there is time for. Returns false when
 * not even the smallest size fits or none gives an interval.
 */
bool replication_best(const struct replication *r, const struct replication_cost *cost,
		      double seconds, const struct replication_bounds *bounds,
		      const struct replication_done *done, struct replication_size *best);

/*
 * The size that takes the least time among those with which every item's half-width is at most
 * `half_width`. Returns false when the bounds do not allow it.
 */
bool replication_for_width(const struct replication *r, const struct replication_cost *cost,
			   double half_width, const struct replication_bounds *bounds,
			   const struct replication_done *done, struct replication_size *best);

/*
 * The time that one more of each took in a run that was read, from the times in its layers.csv
 * (bench/session/session.h). EXIT_USAGE when they are missing.
 */
int replication_cost_read(const char *dir, const struct replication *r,
			  struct replication_cost *cost, struct err *err);

/* A plan for a given time, and its basis. */
struct replication_plan {
	const struct replication *pilot; /* borrowed */
	struct replication_cost cost;
	double budget_s;
	struct replication_size size;
	double seconds; /* that it takes */
};

/*
 * The best plan for budget_s seconds from the start: at least 5 boots, or one where the time is too
 * short for five or the pilot has only one. EXIT_MACHINE when not even 6 rounds of one boot fit.
 */
int replication_plan_make(struct replication_plan *p, const struct replication *pilot,
			  const struct replication_cost *cost, double budget_s, struct err *err);

/* The plan for people and for programs. */
void replication_plan_text(const struct replication_plan *p, struct buf *out);
int replication_plan_json(const struct replication_plan *p, struct buf *out, struct err *err);

#endif
