/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who uses nestbench on this machine. Whatever starts layers works in a directory of its own,
 * nestbench-XXXXXX in $XDG_RUNTIME_DIR or /tmp (mode 0700; tests have their own $NESTBENCH_TMP in
 * place of /tmp), and says in owner.json there what it is. It holds a lock on that file (flock) for
 * as long as it lives, and on its run directory; so what is left of a process that was killed is
 * told from what is in use, whatever became of its pid. The clean-up after a dead one locks the
 * work directory itself, and so is not taken for the owner.
 */
#ifndef NB_OWNERS_H
#define NB_OWNERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"
#include "results/rundir/rundir.h"

enum { WORK_DIR = 64, OWNER_URI = 256 };

struct owner {
	char what[16];		   /* "run", "doctor" */
	char run[MANIFEST_NAME];   /* id, which its domains' names begin with; "" */
	char dir[RUNDIR_PATH];	   /* run directory, absolute; "" */
	char uri[OWNER_URI];	   /* of the service that was named; "" */
	char since[MANIFEST_TIME]; /* as manifest_now writes it */
	pid_t pid;		   /* with start_ticks: which process; see procs.h */
	uint64_t start_ticks;
	/* Filled in when it is read: */
	char work_dir[WORK_DIR];
	bool alive;
};

/* A place in the registry; nothing is held while work_dir is "". */
struct claim {
	char work_dir[WORK_DIR];
	int spare;  /* a descriptor for removing work_dir, where all others are in use */
	int fd;	    /* owner.json, locked */
	int dir_fd; /* the run directory, locked; -1: none */
};

#define CLAIM_NONE                                                                                 \
	{                                                                                          \
		.spare = -1, .fd = -1, .dir_fd = -1                                                \
	}

/*
 * Makes the work directory of this process and registers it; `who` says what, run, dir and uri.
 * Where `alone` is wanted another living "run" of this user is an error, EXIT_MACHINE, that tells
 * which one; two that start at the same time do not miss each other. Always refused is a run whose
 * id is taken.
 */
int registry_claim(struct claim *c, const struct owner *who, bool alone, struct err *err);

/* Locks the run directory for as long as the claim lives. EXIT_USAGE when another holds it. */
int registry_lock_dir(struct claim *c, const char *dir, struct err *err);

/* Whether a process works in this run directory. */
bool registry_dir_in_use(const char *dir);

/* Removes the work directory and the place. A claim that holds nothing is fine. */
int registry_release(struct claim *c, struct err *err);

/* Leaves the place behind as that of a dead process, for `nestbench clean`: something could not be
 * put back. */
void registry_leave(struct claim *c);

/* Calls take for every place of this user that can be read. -1 ends the walk. */
typedef int (*owner_fn)(void *ctx, const struct owner *owner, struct err *err);
int registry_walk(owner_fn take, void *ctx, struct err *err);

/* Whether a living process has the run of this id. */
bool registry_has_run(const char *run);

/*
 * Takes the place of a dead owner, so that two who clean do not meet, until *fd is closed. Another
 * who holds it is waited for; *fd is -1 when there is nothing left to clean then. EXIT_MACHINE when
 * that takes longer than limit_ms.
 */
int registry_take_over(const struct owner *dead, int limit_ms, int *fd, struct err *err);

/* The user's directory for sockets; short enough for them, else /tmp. */
const char *registry_base(void);

#endif
