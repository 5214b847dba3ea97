/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Differences between the environments of two runs, and what each means for their figures, from
 * manifest.json and layers.csv alone.
 */
#ifndef NB_DIFFENV_H
#define NB_DIFFENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/summary/summary.h"

enum env_weight {
	ENV_REFUSES, /* other sizes, stack or program: the figures do not answer the same question
		      */
	ENV_MATTERS, /* can change the figures, and may be what is being tested */
	ENV_VARIES,  /* differs from run to run anyway */
};

struct env_difference {
	enum env_weight weight;
	int layer;	       /* of the base, or of the run that has it; -1: of the whole run */
	char name[LAYER_NAME]; /* of the layer where one of the runs is no chain; "" */
	char *key;
	char *base, *new; /* printable ASCII; several values over boots are separated by " | "; ""
			     is not known */
	const char *why;  /* what it means; never NULL */
};

struct env_differences {
	struct env_difference *item; /* by weight, then layer, then key */
	size_t count;
	struct damage damage;		  /* of both layers.csv */
	char trouble[2][SUMMARY_TROUBLE]; /* why a manifest cannot be read; "" */
	uint32_t facts;			  /* that were compared */
};

/* Compares two run directories, finished or not. EXIT_USAGE when a directory is not a run. */
int env_compare(const char *base, const char *new, struct env_differences *d, struct err *err);

/* -1 with EXIT_USAGE, naming the reasons, when some difference refuses the comparison. */
int env_refuse(const struct env_differences *d, struct err *err);

/* "run", "L2", "L2:xen/pv". */
const char *env_place(const struct env_difference *item, char text[LAYER_NAME]);

/* What is known of the keys of facts, '*' standing for any text: what a difference can do. */
column_fn env_key;

/* Appends a table of the differences up to a weight, in lines of at most 100 columns. */
void env_format(const struct env_differences *d, enum env_weight up_to, struct buf *out);

/* Appends a JSON object with all differences and a newline. */
int env_format_json(const struct env_differences *d, struct buf *out, struct err *err);

/* The weight of a key with these two values ("": not known). */
enum env_weight env_weigh(const char *key, const char *base, const char *new);

/* What a difference in this key means; never NULL. */
const char *env_why(const char *key);

/* What a run says of its environment: that of the whole run, and of one layer, where several values
 * over boots are separated by " | ". facts is empty before, and released by the caller. */
int env_run_facts(const struct manifest *m, struct facts *facts, struct err *err);
int env_layer_facts(const struct layers *layers, uint32_t layer, struct facts *facts,
		    struct err *err);

void env_differences_release(struct env_differences *d);

#endif
