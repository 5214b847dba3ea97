/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The exit status of processes whose parent is gone, such as a daemonized VM. The
 * process that inherits and reaps them (the reaper; in a guest its first process) writes a line
 * "PID STATUS" for each into a file, STATUS as of wait(2), and names that file to its children in
 * ENDED_VARIABLE.
 */
#ifndef NB_ENDED_H
#define NB_ENDED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ENDED_VARIABLE "NESTBENCH_ENDED"

/* Makes the file and names it in the environment. It goes away with its last user. -1: there is no
 * file, and exit statuses stay unknown. */
int ended_begin(void);

/* Writes a line into the file of ended_begin(). */
void ended_note(int fd, pid_t pid, int status);

/*
 * The exit status of a process, from the file that the environment names: "was ended by signal 9",
 * "ended with exit code 1". False: not known.
 */
bool ended_find(pid_t pid, char *text, size_t size);

#endif
