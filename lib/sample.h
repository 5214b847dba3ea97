/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One batch of one workload: the only thing that producers of measurements and their consumers
 * share.
 */
#ifndef NB_SAMPLE_H
#define NB_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

enum sample_status { SAMPLE_OK, SAMPLE_SKIP, SAMPLE_FAIL, SAMPLE_TIMEOUT, SAMPLE_SUSPECT };

/* "ok", "skip", … ; NULL for a number that is none of them. */
const char *sample_status_name(enum sample_status s);

enum { SAMPLE_REASON = 256 };

/* Remark of rows whose elapsed_ns is what the work itself told, not what a clock saw. */
#define SAMPLE_TOLD "as told by the program"

/* What the reason of a measured row begins with: a batch that came before the measured ones, kept
 * in the file and marked. */
#define SAMPLE_WARM_UP "warm-up"

struct sample {
	uint64_t batch;	     /* 1, 2, … within one job; 0: the row is not about a batch */
	uint64_t ops;	     /* operations done */
	uint64_t bytes;	     /* bytes moved; capacity workloads: what was found */
	uint64_t elapsed_ns; /* on the layer's own clock */
	uint64_t
		host_elapsed_ns; /* on the clock of the machine that drives the run; 0: not known */
	uint64_t steal_ns; /* CPU time that the layer above took while the batch ran, all CPUs */
	uint64_t digest;   /* the same work gives the same digest in every layer */
	enum sample_status status;
	char reason[SAMPLE_REASON]; /* why, unless ok; for ok rows a remark or "" */
};

/* Whatever takes samples: a printer, a file, a test. */
struct sample_sink {
	int (*put)(void *ctx, const struct sample *s, struct err *err);
	void *ctx;
};

/* Fills s->reason: one line, cut to fit, quotes and control characters replaced. */
void sample_set_reason(struct sample *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Marks a measured batch as suspect. What was remarked before stays in front: "warm-up; WHY". */
void sample_suspect(struct sample *s, const char *why);

/*
 * The rows of a round that repeats an earlier, disturbed one of the same boot end their reason so:
 * "repeats round 3". sample_repeats gives the round; 0: the reason does not end so.
 */
#define SAMPLE_REPEATS "repeats round "
void sample_set_repeats(struct sample *s, uint32_t round);
uint32_t sample_repeats(const char *reason);

/*
 * The line that nestkernel prints for a sample, without newline:
 *   batch,ops,bytes,elapsed_ns,steal_ns,digest,status,reason
 * with the digest in 16 hexadecimal digits and a reason with commas in quotes. sample_parse_line is
 * strict and reads it back; host_elapsed_ns is not part of it.
 */
#define SAMPLE_LINE_HEADER "batch,ops,bytes,elapsed_ns,steal_ns,digest,status,reason"
enum { SAMPLE_LINE = 512 };
const char *sample_format_line(const struct sample *s, char line[SAMPLE_LINE]);
int sample_parse_line(const char *line, struct sample *s, struct err *err);

/* "ok", "skip", … back to a status. */
int sample_parse_status(const char *text, enum sample_status *out, struct err *err);

#endif
