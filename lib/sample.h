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

/*
 * Words that decide how a row counts. The first three are of the batch, and the measuring loop sets
 * them; the others are of the workload, and of how its layer is reached: the host sets them.
 */
enum sample_flag {
	SAMPLE_WARM_UP = 1,	  /* "warm-up": before the measured batches; in no figure */
	SAMPLE_SHORT = 2,	  /* "short": less than 100 times the clock's resolution and cost */
	SAMPLE_SELF_REPORTED = 4, /* "self-reported": elapsed_ns is what the work told */
	SAMPLE_LATENCY = 8,	  /* "latency": an operation is something to wait for, not a rate */
	SAMPLE_IOPS = 16,	  /* "iops": an operation is a request to storage, at random */
	SAMPLE_POLLED = 32,	  /* "polled": the layer's stream is; host_elapsed_ns is too long */
};
enum {
	SAMPLE_FLAGS_OF_BATCH = SAMPLE_WARM_UP | SAMPLE_SHORT | SAMPLE_SELF_REPORTED,
	SAMPLE_FLAGS_OF_WORKLOAD = SAMPLE_LATENCY | SAMPLE_IOPS
};

/* The i-th of these words, from 0, and what it means for people; NULL: there are no more. */
const char *sample_flag_describe(size_t i, const char **meaning);

/* The words, separated by blanks; "" for none. Returns text. */
enum { SAMPLE_FLAGS_TEXT = 64 };
const char *sample_format_flags(unsigned flags, char text[SAMPLE_FLAGS_TEXT]);

/* Strict: a word that is not known is refused, since it may decide how the row counts. */
int sample_parse_flags(const char *text, unsigned *out, struct err *err);

/* What the figure of a row is. */
enum sample_unit {
	SAMPLE_NS_PER_OP, /* "ns/op": elapsed_ns / ops; less is better */
	SAMPLE_BYTES,	  /* "bytes": the column bytes, of a capacity; more is better */
	SAMPLE_CPUS,	  /* "cpus": the same column in thousandths of a CPU; more is better */
};

/* NULL for a number that is none of them. */
const char *sample_unit_name(enum sample_unit u);
int sample_parse_unit(const char *text, enum sample_unit *out, struct err *err);

/* Of the single operations of a batch, in ascending order. max_ns 0: not told. */
struct sample_latency {
	uint64_t p50_ns, p99_ns, max_ns;
};

enum { SAMPLE_REASON = 256 };

struct sample {
	uint64_t batch;	     /* 1, 2, … within one job; 0: the row is not about a batch */
	uint64_t ops;	     /* operations done */
	uint64_t bytes;	     /* bytes moved; capacity workloads: what was found */
	uint64_t elapsed_ns; /* on the layer's own clock */
	uint64_t fastest_ns; /* of several copies, elapsed_ns is the slowest; 0: it was one */
	uint64_t
		host_elapsed_ns; /* on the clock of the machine that drives the run; 0: not known */
	uint64_t steal_ns; /* CPU time that the parent layer took while the batch ran, all CPUs */
	struct sample_latency latency;
	uint64_t digest; /* the same work gives the same digest in every layer */
	unsigned flags;	 /* enum sample_flag */
	enum sample_status status;
	char reason[SAMPLE_REASON]; /* for people: why, unless ok; of ok rows a remark or "" */
};

/* The figure of an ok row, in that unit. */
double sample_cost(const struct sample *s, enum sample_unit unit);

/* Refuses what is not in ascending order. */
int sample_check_latency(const struct sample_latency *l, struct err *err);

/* Whatever takes samples: a printer, a file, a test. */
struct sample_sink {
	int (*put)(void *ctx, const struct sample *s, struct err *err);
	void *ctx;
};

/* Fills s->reason: one line, cut to fit, quotes and control characters replaced. */
void sample_set_reason(struct sample *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Marks a measured batch as suspect. What was remarked before stays in front: "REMARK; WHY". */
void sample_suspect(struct sample *s, const char *why);

/*
 * The line that nestkernel prints for a sample, without newline:
 *   batch,ops,bytes,elapsed_ns,steal_ns,p50_ns,p99_ns,max_ns,digest,flags,status,reason
 * with the digest in 16 hexadecimal digits and a reason with commas in quotes. sample_parse_line is
 * strict and reads it back; fastest_ns and host_elapsed_ns are not part of it.
 */
#define SAMPLE_LINE_HEADER                                                                         \
	"batch,ops,bytes,elapsed_ns,steal_ns,p50_ns,p99_ns,max_ns,digest,flags,status,reason"
enum { SAMPLE_LINE = 640 };
const char *sample_format_line(const struct sample *s, char line[SAMPLE_LINE]);
int sample_parse_line(const char *line, struct sample *s, struct err *err);

/* 16 hexadecimal digits, and "ok", "skip", … back to a status. */
int sample_parse_digest(const char *text, uint64_t *out, struct err *err);
int sample_parse_status(const char *text, enum sample_status *out, struct err *err);

int sample_parse_digest(const char *text, uint64_t *out, struct err *err);

#endif
