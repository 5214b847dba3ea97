/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/slurm_step.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "drivers/ssh/talk.h"
#include "lib/str.h"

/*
 * $1 where the job made a directory or "-", $2 the node's name, $3 the command. While it holds
 * `over` the job lasts. What comes on stdin goes through a process that the job's script can end,
 * as a peer that hangs up.
 */
static const char script[] =
	"umask 077\n"
	"say() { echo \"" TALK_MARK "$*\"; }\n"
	"test \"$1\" != - && p=$1 || p=${TMPDIR:-/tmp}\n"
	"d=$p/" SLURM_STEP_DIR "$SLURM_JOB_ID\n"
	"test -O \"$d\" && test -p \"$d/begin\" || { say fail not-yet; exit 0; }\n"
	"exec 9>\"$d/over\"\n"
	"mkdir \"$d/taken\" 2>/dev/null || { say fail of-another; exit 0; }\n"
	": >\"$d/begin\"\n"
	"test \"$SLURMD_NODENAME\" = \"$2\" || { say fail node \"$SLURMD_NODENAME\"; exit 0; }\n"
	"trap : HUP INT TERM\n"
	"mkfifo \"$d/in\" || { say fail dir \"$d\"; exit 0; }\n"
	"exec 3<&0\n"
	"cat <&3 >\"$d/in\" 9>&- &\n"
	"echo $! >\"$d/pid\"\n"
	"exec 3<&-\n"
	"export d\n"
	"sh -c \"$3\" <\"$d/in\" 9>&-\n"
	"kill \"$(cat \"$d/pid\")\" 2>/dev/null\n"
	"test ! -e \"$d/why\" || cat \"$d/why\" >&2\n";

static void arguments(void *to, const char *command, const char *argv[REMOTE_ARGS])
{
	static const char *const fixed[] = {"srun",	  "--overlap",	     "--nodes=1",
					    "--ntasks=1", "--cpu-bind=none", "--mpi=none",
					    "--quiet",	  "--chdir=/",	     SLURM_ENVIRONMENT};
	struct slurm_step *s = to;
	size_t n = 0;

	snprintf(s->number, sizeof(s->number), "--jobid=%" PRIu32, s->job.number);
	for (; n < sizeof(fixed) / sizeof(fixed[0]); n++)
		argv[n] = fixed[n];
	argv[n++] = s->number;
	argv[n++] = "sh";
	argv[n++] = "-c";
	argv[n++] = script;
	argv[n++] = "nestbench";
	argv[n++] = s->place ? s->place : "-";
	argv[n++] = s->node;
	argv[n++] = command;
	argv[n] = NULL;
}

static int explain(void *to, const char *printed, struct err *err)
{
	const struct slurm_step *s = to;
	char id[SLURM_ID], last[SLURM_NAME];

	str_last_line(printed, last, sizeof(last));
	return err_set(err, EXIT_MACHINE,
		       "the step of job %s, by which a node is measured that does not share the "
		       "directory of the fleet, ended%s%s: nestbench fleet resume",
		       slurm_id_format(&s->job.id, id),
		       last[0] ? ", and the last it said was: " : "", last);
}

static int refuse(void *to, const char *said, struct err *err)
{
	struct slurm_step *s = to;

	if (strcmp(said, "not-yet") == 0)
		s->refusal = SLURM_NOT_YET;
	else if (strcmp(said, "of-another") == 0)
		s->refusal = SLURM_OF_ANOTHER;
	else if (strncmp(said, "node ", 5) == 0)
		return err_set(err, EXIT_MACHINE, "%s: Slurm ran it on %.80s, though it was for %s",
			       s->node, said + 5, s->node);
	else
		return 0;
	return err_set(err, EXIT_MACHINE, "%s: its job takes no step", s->node);
}

static int stopped(void *to, const char *printed, struct err *err)
{
	const struct slurm_step *s = to;

	return slurm_told_to_end(s->node, &s->job, strstr(printed, SLURM_STEP_WHY "limit") != NULL,
				 err);
}

const struct remote_way slurm_step_way = {
	.arguments = arguments, .explain = explain, .refuse = refuse, .stopped = stopped};
