/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small program that forks, to hold cpu.fork against (lat_proc's way, but for _Fork() as there).
 *   fork_ref FORKS    batches of so many children that end at once, see ref.h
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ref.h"

int main(int argc, char **argv)
{
	double ns = 0;
	long forks;

	if (argc != 2)
		return 2;
	forks = strtol(argv[1], NULL, 10);
	for (bool more = ref_next(NULL); more; more = ref_next(&ns)) {
		double start = ref_now_ns();

		for (long i = 0; i < forks; i++) {
			pid_t child = _Fork();

			if (child < 0)
				return 1;
			if (child == 0)
				_exit(0);
			waitpid(child, NULL, 0);
		}
		ns = ref_now_ns() - start;
	}
	return 0;
}
