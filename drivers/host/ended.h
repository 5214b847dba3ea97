/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How processes ended whose parent is gone, such as a VM that was daemonized. The process
 * that inherits and reaps them (the reaper; in a guest its first process) writes a line "PID
 * STATUS" for each into a file, STATUS as of wait(2), and names that file to its children in
 * ENDED_VARIABLE.
 */
#ifndef NB_ENDED_H
#define NB_ENDED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ENDED_VARIABLE "NESTBENCH_ENDED"

/* Begins the file and names it in the environment. It is gone with its last user. -1: there is
 * none, which only makes less known. */
int ended_begin(void);

/* Writes a line into the file of ended_begin(). */
void ended_note(int fd, pid_t pid, int status);

/*
 * How a process ended, as the file says that the environment names: "was ended by signal 9", "ended
 * with exit code 1". False: nothing is known of it.
 */
bool ended_find(pid_t pid, char *text, size_t size);

#endif
