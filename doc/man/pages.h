/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of the manual, each from the tables of the programs. */
#ifndef NB_PAGES_H
#define NB_PAGES_H

#include "bench/commands/command.h"
#include "lib/buf.h"

/* nestbench(1): the commands, exit codes, environment and files. */
void page_overview(struct buf *out);

/* nestbench-COMMAND(1). */
void page_command(struct buf *out, const struct command *command);

/* nestkernel(1), with all workloads. */
void page_nestkernel(struct buf *out);

/* nestbench-run-directory(5), with every column. */
void page_run_directory(struct buf *out);

/* Parts of pages that are about a command line. */
void cli_synopsis(struct buf *out, const struct cli *cli);
void cli_options(struct buf *out, const struct option *options);
void cli_layer_options(struct buf *out, const struct option *options);
void cli_examples(struct buf *out, const struct cli *cli);

#endif
