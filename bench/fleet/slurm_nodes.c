/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Slurm says of nodes, and of the cluster. */
#include "bench/fleet/slurm_tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/fleet/hostnames.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/str.h"

static bool begins_with(const char *text, const char *const *fronts)
{
	for (; *fronts; fronts++)
		if (strncmp(text, *fronts, strlen(*fronts)) == 0)
			return true;
	return false;
}

static bool is_out(const char *node)
{
	static const char *const states[] = {"down", "drain", "fail", NULL};
	char option[SLURM_NAME];
	const char *const argv[] = {"sinfo", "--noheader", "--Node", "--format=%T", option, NULL};
	struct buf out = BUF_INIT;
	struct err ignored;
	bool found;

	snprintf(option, sizeof(option), "--nodes=%s", node);
	/* One whose address does not resolve is not shown at all. */
	found = child_run_anyway(argv, SLURM_ASK_NS, &out, &ignored) == 0 &&
		(out.len == 0 || begins_with(out.data, states));
	buf_release(&out);
	return found;
}

bool slurm_is_blocked(const char *reason, const char *node)
{
	static const char *const fronts[] = {"JobHeld",
					     "JobHoldMaxRequeue",
					     "launch failed",
					     "NodeDown",
					     "BadConstraints",
					     "PartitionDown",
					     "PartitionInactive",
					     "PartitionNodeLimit",
					     "PartitionTimeLimit",
					     "DependencyNeverSatisfied",
					     "InvalidAccount",
					     "InvalidQOS",
					     "AccountNotAllowed",
					     "QOSNotAllowed",
					     NULL};
	/* What it says behind that differs between versions. */
	static const char *const not_available[] = {"ReqNodeNotAvail", "Nodes required for job",
						    NULL};

	return begins_with(reason, fronts) || (begins_with(reason, not_available) && is_out(node));
}

/* Adds each line once; the lines of one node may be several. */
static int add_lines(const char *text, struct words *names, struct err *err)
{
	for (const char *at = text; at; at = str_next_line(at)) {
		int len = (int)strcspn(at, "\n");
		bool known = len == 0;

		for (size_t i = 0; i < names->count && !known; i++)
			known = strncmp(names->item[i], at, (size_t)len) == 0 &&
				names->item[i][len] == '\0';
		if (!known && words_add(names, err, "%.*s", len, at) < 0)
			return -1;
	}
	return 0;
}

/* Of sinfo's lines "PARTITION|NODE": those of the default partition, which bears a star, unless
 * all are wanted. */
static void choose_lines(const char *text, bool all, struct buf *out)
{
	for (const char *at = text; at; at = str_next_line(at)) {
		int len = (int)strcspn(at, "\n");
		const char *bar = memchr(at, '|', (size_t)len);

		if (bar && (all || (bar > at && bar[-1] == '*')))
			buf_addf(out, "%.*s\n", len - (int)(bar + 1 - at), bar + 1);
	}
}

static int ask_for_nodes(const char *partition, struct words *names, struct err *err)
{
	char option[SLURM_NAME];
	const char *sinfo[] = {"sinfo", "--noheader", "--Node", "--format=%P|%N", NULL, NULL};
	struct buf said = BUF_INIT, lines = BUF_INIT;
	int done;

	if (partition) {
		snprintf(option, sizeof(option), "--partition=%s", partition);
		sinfo[4] = option;
	}
	done = child_run(sinfo, NULL, NULL, SLURM_ASK_NS, &said, err);
	if (done < 0 && err->code == EXIT_INTERNAL)
		err->code = EXIT_MACHINE;
	choose_lines(buf_str(&said), partition != NULL, &lines);
	buf_done(&said, &lines);
	if (done == 0 && (done = buf_check(&lines, err)) == 0)
		done = add_lines(buf_str(&lines), names, err);
	buf_release(&lines);
	return done;
}

int slurm_nodes(const char *partition, const char *list, struct words *names, struct err *err)
{
	int done = list ? hostnames_by_scontrol(list, names, err)
			: ask_for_nodes(partition, names, err);

	if (done < 0 && err->code == EXIT_MACHINE)
		err_context(err, "there is no Slurm that answers here (it needs slurm-client, and "
				 "perhaps SLURM_CONF)");
	if (done == 0 && names->count == 0 && list)
		done = err_set(err, EXIT_USAGE, "\"%.80s\" names no node", list);
	else if (done == 0 && names->count == 0)
		done = err_set(err, EXIT_USAGE, "Slurm shows no node in %s%s: see sinfo",
			       partition ? "partition " : "its default partition",
			       partition ? partition : "");
	return done;
}

int slurm_idle(struct words *names, struct err *err)
{
	static const char *const argv[] = {"sinfo",	    "--noheader",     "--Node",
					   "--states=idle", "--format=%t|%N", NULL};
	struct buf out = BUF_INIT, lines = BUF_INIT;
	int done = child_run(argv, NULL, NULL, SLURM_ASK_NS, &out, err);

	/* Behind the state stand marks of what the node does, as '*': it does not answer. */
	for (const char *at = done == 0 ? buf_str(&out) : NULL; at; at = str_next_line(at))
		if (strncmp(at, "idle|", 5) == 0 || strncmp(at, "idle~|", 6) == 0)
			buf_addf(&lines, "%.*s\n", (int)strcspn(strchr(at, '|') + 1, "\n"),
				 strchr(at, '|') + 1);
	if (done == 0)
		done = buf_check(&lines, err);
	if (done == 0)
		done = add_lines(buf_str(&lines), names, err);
	buf_release(&out);
	buf_release(&lines);
	return done;
}

int slurm_room(uint32_t *room, struct err *err)
{
	static const char *const argv[] = {"scontrol", "show", "config", NULL};
	static const char key[] = "MaxArraySize";
	struct buf out = BUF_INIT;
	int done = child_run(argv, NULL, NULL, SLURM_ASK_NS, &out, err);

	*room = 0;
	for (const char *at = done == 0 ? buf_str(&out) : NULL; at; at = str_next_line(at))
		if (strncmp(at, key, strlen(key)) == 0)
			(void)sscanf(at + strlen(key), " = %" SCNu32, room);
	buf_release(&out);
	if (done == 0 && !*room)
		done = err_set(err, EXIT_MACHINE,
			       "scontrol show config shows no MaxArraySize: nestbench submits "
			       "arrays of jobs, which this Slurm does not take");
	return done;
}
