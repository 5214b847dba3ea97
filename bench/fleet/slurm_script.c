/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/slurm_script.h"

#include <stdio.h>
#include <string.h>

#include "bench/fleet/node.h"
#include "bench/fleet/slurm_step.h"
#include "bench/fleet/slurm_tools.h"
#include "lib/file.h"

#define NODE_MARK "# node "

/*
 * $1 DIR/.jobs, $2 DIR/.files, $3 SHA-256 of the sums, $4 "image" or "-", $5 the node of task 0, $6
 * where directories are made or "-", then the words of nestbench. At its end stand the names of all
 * nodes. USR1 comes before the time limit of the job, TERM when it is to end; either way the run
 * puts everything back. Where $2 is not that of whoever submitted it, it waits for a step that
 * brings the files and the run: see slurm_step.c.
 */
static const char script[] =
	"#!/bin/sh\n"
	"# One run of a fleet, on one node of Slurm, by nestbench fleet run.\n"
	"umask 077\n"
	"LC_ALL=C\n"
	"export LC_ALL\n"
	"jobs=$1/${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID files=$2 sums=$3 image=$4 place=$6\n"
	"node=$(sed -n \"s/^" NODE_MARK "$(($5 + SLURM_ARRAY_TASK_ID)) //p\" \"$0\")\n"
	"shift 6\n"
	"test \"$place\" != - || place=${TMPDIR:-/tmp}\n"
	"job='' served='' d='' pid='' why=itself\n"
	"end() {\n"
	"\tcode=$?\n"
	"\ttrap '' TERM USR1\n"
	"\ttest -z \"$d\" || rm -rf \"$d\"\n"
	"\ttest -z \"$job\" || { echo \"$code $why\" >\"$job/end.new\" && mv \"$job/end.new\" "
	"\"$job/end\"; }\n"
	"}\n"
	"stop() {\n"
	"\twhy=$1\n"
	"\ttest -z \"$served\" || echo \"" SLURM_STEP_WHY "$why\" >\"$d/why\"\n"
	"\ttest -z \"$served\" || ! kill -TERM \"$(cat \"$d/pid\")\" 2>/dev/null || return\n"
	"\ttest -n \"$pid\" || exit 130\n"
	"\tkill -TERM \"$pid\"\n"
	"}\n"
	"fail() {\n"
	"\techo \"$*\"\n"
	"\texit 3\n"
	"}\n"
	/* A signal ends wait, not what it waits for. */
	"finish() {\n"
	"\twhile :; do\n"
	"\t\twait \"$pid\"\n"
	"\t\tcode=$?\n"
	"\t\tkill -0 \"$pid\" 2>/dev/null || break\n"
	"\tdone\n"
	"}\n"
	"trap end EXIT\n"
	"trap 'stop limit' USR1\n"
	"trap 'stop signal' TERM INT HUP\n"
	"if test \"$(sha256sum 2>/dev/null <\"$files/" FLEET_SUMS
	"\" | head -c 64)\" != \"$sums\" ||\n"
	"\t! mkdir -p \"$jobs\" || ! cd \"$jobs\"; then\n"
	"\td=$place/" SLURM_STEP_DIR "$SLURM_JOB_ID\n"
	"\tmkdir \"$d\" || { d=''; exit 65; }\n"
	"\tmkfifo \"$d/over\" \"$d/begin\" || exit 65\n"
	"\tserved=yes\n"
	"\tcat \"$d/over\" >/dev/null &\n"
	"\tpid=$!\n"
	"\t{ timeout " SLURM_STEP_WAIT_S
	" cat \"$d/begin\"; test -e \"$d/taken\" || kill \"$pid\"; } &\n"
	"\tfinish\n"
	"\ttest -e \"$d/taken\" || exit 65\n"
	"\texit 0\n"
	"fi\n"
	"job=$PWD\n"
	"echo \"$SLURM_JOB_NAME\" >name\n"
	"exec >>log 2>&1\n"
	"test \"$SLURMD_NODENAME\" = \"$node\" ||\n"
	"\tfail \"Slurm ran it on $SLURMD_NODENAME, though it was for ${node:-no node}\"\n"
	"m=\"$(uname -s) $(uname -m)\"\n"
	"test \"$m\" = 'Linux x86_64' ||\n"
	"\tfail \"the programs are for Linux x86_64, and it is $m\"\n"
	"w=$(cd \"$files\" && sha256sum -c " FLEET_SUMS
	" 2>/dev/null | grep -v ' OK$' | head -n 1)\n"
	"test -z \"$w\" || fail \"$files is not what was copied there: $w\"\n"
	"d=$(mktemp -d \"$place/nestbench-XXXXXX\") || fail \"$d\"\n"
	/* Whatever each file lacks, until nothing changes. Where that is nothing the environment,
	 * which is recorded, stays as it is. */
	"p=$LD_LIBRARY_PATH\n"
	"LD_LIBRARY_PATH=$d${p:+:$p}\n"
	"export LD_LIBRARY_PATH\n"
	"for i in 1 2 3 4 5; do\n"
	"\tfor l in $(ldd \"$files/nestbench\" \"$files\"/*.so 2>/dev/null | sed -n 's/ => not "
	"found.*//p'); do\n"
	"\t\ttest ! -f \"$files/spare/$l\" || ln -sf \"$files/spare/$l\" \"$d/\"\n"
	"\tdone\n"
	"done\n"
	"if rmdir \"$d\" 2>/dev/null; then\n"
	"\tLD_LIBRARY_PATH=$p\n"
	"\ttest -n \"$p\" || unset LD_LIBRARY_PATH\n"
	"fi\n"
	"set -- \"$@\" --out=\"$job/run\"\n"
	"test \"$image\" != image || set -- \"$@\" --image=\"$files/" FLEET_IMAGE "\"\n"
	"\"$files/" FLEET_PROGRAM "\" \"$@\" </dev/null >/dev/null &\n"
	"pid=$!\n"
	"finish\n"
	"if test $why != itself && wait \"$pid\"; then\n"
	"\tcode=0\n"
	"fi\n"
	"exit \"$code\"\n";

int slurm_script_write(const char *dir, const struct fleet *f, char path[RUNDIR_PATH],
		       struct err *err)
{
	struct buf text = BUF_INIT;
	int done = -1;

	buf_addstr(&text, script);
	for (size_t i = 0; i < f->nodes; i++)
		buf_addf(&text, NODE_MARK "%zu %s\n", i, f->node[i].name);
	if (buf_check(&text, err) == 0 && rundir_path(dir, SLURM_JOBS, path, err) == 0 &&
	    file_make_dirs(path, err) == 0 && rundir_path(dir, SLURM_JOBS "/job", path, err) == 0)
		done = file_write_private(path, text.data, text.len, err);
	buf_release(&text);
	return done;
}

int slurm_script_words(const struct fleet_work *work, const char *place, size_t base,
		       const struct words *run, struct words *w, struct err *err)
{
	char hash[SHA256_HEX];
	int done = fleet_files_hash(work->files, hash, err);

	if (done < 0 || words_add(w, err, "%s/" SLURM_JOBS, work->dir) < 0 ||
	    words_add(w, err, "%s/" FLEET_FILES, work->dir) < 0 ||
	    words_add(w, err, "%s", hash) < 0 ||
	    words_add(w, err, "%s", work->files->image[0] ? "image" : "-") < 0 ||
	    words_add(w, err, "%zu", base) < 0 || words_add(w, err, "%s", place ? place : "-") < 0)
		return -1;
	for (size_t i = 0; done == 0 && i < run->count; i++)
		done = words_add(w, err, "%s", run->item[i]);
	return done;
}

bool slurm_shares(const char *dir, const char *id)
{
	return file_exists("%s/" SLURM_JOBS "/%s/name", dir, id);
}

bool slurm_end_read(const char *dir, const char *id, const char *name, struct slurm_end *end)
{
	char line[SLURM_NAME], why[16];
	struct buf log = BUF_INIT;

	if (!file_line(line, sizeof(line), "%s/" SLURM_JOBS "/%s/name", dir, id) ||
	    strcmp(line, name) != 0 ||
	    !file_line(line, sizeof(line), "%s/" SLURM_JOBS "/%s/end", dir, id) ||
	    sscanf(line, "%3d %15s", &end->code, why) != 2)
		return false;
	end->why = strcmp(why, "limit") == 0	? SLURM_LIMIT
		   : strcmp(why, "signal") == 0 ? SLURM_SIGNAL
						: SLURM_BY_ITSELF;
	file_text(&log, "%s/" SLURM_JOBS "/%s/log", dir, id);
	node_last_said(buf_str(&log), end->said, sizeof(end->said));
	buf_release(&log);
	return true;
}
