/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two samples that were not measured interleaved: their distance, and its error.
 *
 * The unit of replication is the boot. Rounds of one boot share that boot's layout of memory,
 * placement and other activity of the machine; two runs of the same version, minutes apart, differ
 * by more than the spread within each of them explains (Kalibera & Jones, "Rigorous Benchmarking in
 * Reasonable Time", ISMM 2013). So there is one value per boot, and Welch's t-test (B. L. Welch,
 * Biometrika 34 (1947)) compares them. Where one side has one boot only, the spread of the other
 * side's boots stands for both (pooled variance). Where both have one, nothing is known about
 * boots: the rounds are cut into blocks, as in the method of batch means (Schmeiser, Operations
 * Research 30 (1982)), which allows for correlated neighbouring rounds, and the answer holds within
 * these boots only.
 */
#ifndef NB_TWOSAMPLE_H
#define NB_TWOSAMPLE_H

#include <stdbool.h>
#include <stddef.h>

struct two_sample {
	double difference; /* mean of b minus mean of a */
	double error;	   /* standard error of it; NAN when it cannot be known */
	double freedom;	   /* degrees of freedom of the t-distribution */
};

/* Values per side; either n may be 0, then the difference is NAN. */
struct two_sample two_sample_compare(const double *a, size_t na, const double *b, size_t nb);

/* Half the width of the interval at this confidence; NAN when there is none. */
double two_sample_half_width(const struct two_sample *t, double confidence);

/* Two-sided p-value of "no difference"; 1 when it cannot be known. */
double two_sample_p(const struct two_sample *t);

/*
 * Cuts n values, in the order of time, into blocks of about the same length and puts the median of
 * each in out, which holds n values. Returns the number of blocks: about the root of n, at least 3;
 * 0 for fewer than 6 values. x is not changed.
 */
size_t block_medians(const double *x, size_t n, double *out);

/*
 * Holm's step-down correction (Scandinavian Journal of Statistics 6 (1979)): p[i] becomes the
 * smallest level at which hypothesis i is rejected when the probability of any false rejection is
 * kept at that level. work holds n indices.
 */
void holm_correct(double *p, size_t n, size_t *work);

#endif
