/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion of a command line, for shells: the scripts beside this file ask
 *
 *   nestbench --complete PROGRAM WORD…         the last word is at the cursor, and may be empty
 *   nestbench --complete-line LINE BREAKS      a line of bash up to the cursor, COMP_WORDBREAKS
 *
 * and get a line "words", "paths" (of words that are paths), "files" or "dirs" (which the shell
 * completes itself), a tab and what of the word stays as it is ("--out="), and then, for the first
 * two, one line "WORD<tab>HELP" each. What is offered comes from the tables by which options are
 * parsed. It is quick, asks nobody, and says nothing where it knows nothing.
 */
#ifndef NB_COMPLETION_H
#define NB_COMPLETION_H

#include "bench/commands/command.h"
#include "bench/completion/offers.h"

enum { COMPLETION_WORDS = 512 };

/* words[0] is the program, nestbench or nestkernel, words[count - 1] at the cursor. The caller
 * releases *out, which borrows from words. */
void completion_find(const struct command *table, const char *const *words, size_t count,
		     struct offers *out);

/* The two calls above; argv[0] is "--complete" or "--complete-line". The exit code, or -1. */
int completion_main(const struct command *table, int argc, char **argv, struct err *err);

#endif
