/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An agent that is a child process: PROGRAM agent --port -, whose stdin and stdout are the two
 * directions of the byte stream (one socket); stderr goes to WORK-DIR/agent.log. It is in a process
 * group of its own, so that Ctrl-C reaches only the caller; when the caller is gone it reads end of
 * file.
 */
#ifndef NB_AGENT_PROCESS_H
#define NB_AGENT_PROCESS_H

#include "drivers/driver.h"

/*
 * Start of a driver. The agent works in the spec's work_dir or, with sub_dir, in a directory of
 * that name there, which stop removes. Fills layer->inside with what the spec has: such a layer
 * shares its parent layer's files.
 */
int agent_process_start(struct layer *layer, const char *sub_dir, struct err *err);

/*
 * Stop of a driver: shuts the stream down, gives the agent 15 s to stop what it had started, then
 * kills its group. Fine when nothing was started.
 */
void agent_process_stop(struct layer *layer);

#endif
