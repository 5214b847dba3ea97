/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The agent: the same in every layer. It describes its layer, runs nestkernel, starts and stops its
 * child layers through drivers, and passes on what is meant for deeper layers. It says hello, and
 * is told once who it is.
 *
 * Requests (see channel.h for the frame) and what answers them:
 *
 * - configure {what layer_message.h says}: the first, which nothing answers. Behind it the agent
 *   brings its network up, where it has one, and says listening then.
 * - describe {measured_vcpus, planned_vcpus}: done {facts}. From now on kernels are pinned to the
 *   CPUs chosen for so many, and guests are placed on those chosen for `planned`.
 * - ping: done {now_ns, cpu_ns, clocksource}: the layer's clock, and the CPU time that the agent
 * has used.
 * - noise: done {at_ns, and what drivers/host/noise.h says}: what disturbs the layer, counted since
 * its kernel's start; all members are whole numbers.
 * - start_child {what layer_message.h says}: done {facts} once the child's agent speaks. Sibling 0
 * takes the place of all that were there. Meanwhile busy {text} once a second: what it waits for.
 * Its error also says whether a VM was started and lost, {lost, evidence}.
 * - examine_child: done {evidence} of a child that does not answer (evidence_message.h); busy as
 *   above. A child that goes down is told of with it too: gone {text, evidence}.
 * - count {layer, how}: done {what counts_message.h says}: the counters of a child layer, of all
 *   its siblings together.
 * - stop_child: done.
 * - run {argv, copies, spread}: busy as above while several are begun; ready once so many
 *   nestkernels are set up; a row of each after each step; done when all have ended. The copies
 *   stand for `spread` VMs, each with CPUs of its own.
 * - step: starts the next batch of the run of the same id, which answers.
 * - cancel: done; the run of the same id, if there is one, has ended.
 * - stop: done; the agent stops its children and ends.
 * A row is {line}, as sample_format_line writes it. An error is {text, code}.
 */
#ifndef NB_AGENT_H
#define NB_AGENT_H

#include <stdint.h>

#include "lib/err.h"

/*
 * Serves at a port, a device or a socket to the parent layer ("-": stdin and stdout),
 * until it is told to stop or that one hangs up; nothing it started is left then. lease_ns: it ends
 * too when so long nothing came, not even an empty line, as behind a connection that went dead
 * without a word; 0: never.
 */
int agent_serve(const char *port, uint64_t lease_ns, struct err *err);

#endif
