/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the kind container; only this folder includes it. */
#ifndef NB_CONTAINER_H
#define NB_CONTAINER_H

#include <stdbool.h>

#include "drivers/container/memory_group.h"
#include "drivers/container/view.h"
#include "drivers/driver.h"
#include "drivers/host/task_counts.h"
#include "lib/buf.h"

/* What makes the container. */
enum container_by { BY_AUTO, BY_LXC, BY_BWRAP };

struct container {
	enum container_by by; /* never BY_AUTO */
	struct view view;
	char name[80];		   /* "nestbench-RUN-DEPTH", of its control group and its domain */
	char sub_dir[24];	   /* its work directory's name in that of the parent layer */
	int cpu[PLACEMENT_CPUS];   /* that it may use, */
	char cpus[PLACEMENT_TEXT]; /* "1,0"; "" for all */
	struct buf missed;	   /* sentences on what could not be honoured */
	struct task_counts counts;
	void *priv; /* that of what made it */
};

/* The programs that make containers, and the packages that have them. */
#define BWRAP "bwrap"
#define BWRAP_PACKAGE "bubblewrap"

extern const struct driver driver_container;
extern const struct option container_options[];

/* Start and stop as of struct driver; layer->priv is a struct container. */
int bwrap_start(struct layer *layer, struct container *c, struct err *err);
void bwrap_stop(struct layer *layer, struct container *c);
int lxc_start(struct layer *layer, struct container *c, struct err *err);
void lxc_stop(struct layer *layer, struct container *c);
/* The control group of one that was started, "" for none. */
const char *bwrap_group(const struct container *c);
/* The process below which all of the container's are; 0: it is not known. */
pid_t bwrap_pid(const struct container *c);
pid_t lxc_pid(const struct container *c);
/* As tidy of struct driver. */
int lxc_tidy(const char *prefix, bool dry_run, struct buf *said);

/* EXIT_USAGE. */
int container_read_options(const struct layer_spec *spec, enum container_by *by, struct err *err);

/* How many processes the kernel killed for want of memory in control groups of this pattern
 * (glob(7)). */
uint64_t container_memory_kills(const char *groups);

/* Members of driver_container. */
void container_examine(struct layer *layer);
void container_probe(const struct driver_probe *p);
void container_require(const struct driver_probe *p, const struct layer_spec *spec);

#endif
