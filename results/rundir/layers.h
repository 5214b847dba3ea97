/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layers.csv: the environment of every layer of every boot, one fact a line.
 */
#ifndef NB_LAYERS_H
#define NB_LAYERS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/facts.h"
#include "lib/layer_tree.h"
#include "results/rundir/column.h"
#include "results/rundir/csvfile.h"
#include "results/rundir/rows.h"

#define LAYERS_FILE "layers.csv"
#define LAYERS_HEADER "run,boot,layer,key,value"

/* What LAYERS_HEADER names. */
column_fn layers_column;

/* Facts of L0 that tell how a boot went: why all layers were started once more, and which layer was
 * lost while the numbers of operations were found, so that they are those of the others. */
#define LAYERS_STARTED_AGAIN "started_again"
#define LAYERS_CALIBRATED_WITHOUT "calibrated_without"
/* Of a boot that began because a layer was lost in the rounds of the boot before: that layer and
 * those in it were started again, and why; and the first round of this boot, which is the one that
 * was cut short. Evidence: where in the run directory there is more of a layer that was lost. */
#define LAYERS_RESTARTED "restarted_layers"
#define LAYERS_FROM_ROUND "from_round"
#define LAYERS_EVIDENCE "evidence"

/* Appends all facts of a layer to dir/layers.csv. A key that is said again later wins on reading.
 */
int layers_append(const char *dir, const char *run, uint32_t boot, uint32_t layer,
		  const struct facts *facts, struct err *err);

struct layer_facts {
	uint32_t boot, layer;
	struct facts facts;
};

/* All layers of a run, in the order in which they first appear in the file. Zeroed: none. */
struct layers {
	struct layer_facts *item;
	size_t count;
	char run[ROW_RUN]; /* whose they are; set before they are read, else that of the first */
	const struct layer_tree *tree; /* which stands in which, borrowed; NULL: a chain */
};

/* Reads dir/layers.csv. No file: none, which is fine. Damaged lines, the header among them, and
 * those of another run are noted and left out. */
int layers_read(const char *dir, struct layers *layers, struct damage *damage, struct err *err);

/* The same from a text of len bytes; `name` stands in for the file in what is said about lines. */
int layers_parse(const char *name, const char *text, size_t len, struct layers *layers,
		 struct damage *damage, struct err *err);

/* A fact of a layer, or NULL. Owned by layers. */
const char *layers_get(const struct layers *layers, uint32_t boot, uint32_t layer, const char *key);

/* The same from the first boot that says it. */
const char *layers_first(const struct layers *layers, uint32_t layer, const char *key);

/* A number of a layer, from the first boot that says one; NAN when none does. */
double layers_number(const struct layers *layers, uint32_t layer, const char *key);

/* What executes the instructions of a layer. */
enum layer_cpu {
	CPU_UNKNOWN,
	CPU_HARDWARE, /* as far as L0 can see below itself */
	CPU_EMULATED,
};

/*
 * A layer's CPU is emulated when that of the layer itself is, or that of any layer towards the
 * hardware, in some boot (fact emulated, "yes"; L0's is told by the signature of the hypervisor
 * below it, cpu_signature.h). It is hardware only where each layer says "no"; boots that do not say
 * count for nothing.
 */
enum layer_cpu layers_cpu(const struct layers *layers, uint32_t layer);

/* The fact emulated of a run that was made before there was one: "yes", "no", "unknown"; NULL:
 * nothing of this boot tells. In schema1.c. */
const char *schema1_emulated(const struct layer_facts *item);

/* Whether what starts this layer emulates its CPU, whatever lies below it. */
bool layers_are_emulated(const struct layers *layers, uint32_t layer);

void layers_release(struct layers *layers);

#endif
