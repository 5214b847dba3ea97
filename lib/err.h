/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The error contract of the whole project.
 *
 * A function that can fail returns 0 or -1 (or a pointer or NULL) and takes a `struct err *` as its
 * last argument. On failure it fills the err with one whole sentence that names the place, what was
 * found and what was expected; on success it leaves the err untouched. Only main() prints an err
 * and exits, with the exit code that the err carries.
 */
#ifndef NB_ERR_H
#define NB_ERR_H

/* The exit codes of the programs. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_INTERNAL = 1,     /* a bug, or a resource such as the disk ran out */
	EXIT_USAGE = 2,	       /* the command line or an input file is wrong */
	EXIT_MACHINE = 3,      /* this machine cannot do what was asked */
	EXIT_INCONCLUSIVE = 4, /* the data do not decide the question */
	EXIT_REGRESSION = 99,
	EXIT_INTERRUPTED = 130,
};

/* What they mean, in one line for people; one without a meaning ends the table. */
struct exit_meaning {
	enum exit_code code;
	const char *meaning;
};
extern const struct exit_meaning exit_meanings[];

enum { ERR_TEXT = 1024 };

struct err {
	enum exit_code code;
	char text[ERR_TEXT]; /* a whole sentence, without a trailing newline */
};

/* Fills *e; the text is cut at the size of the buffer, and fit for a terminal whatever the
 * arguments hold (printable.h). Returns -1, so that `return err_set(…)` reads well. */
int err_set(struct err *e, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Like err_set, with ": " and the text of errno (as it was at the call) behind the sentence. Where
 * it says that a resource ran out, EXIT_USAGE becomes EXIT_INTERNAL. */
int err_errno(struct err *e, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts a context in front of the text of an err that is already filled: "CONTEXT: TEXT". Returns
 * -1. */
int err_context(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A compiler looks at one file at a time; this tells it what the functions above return, so that it
 * does not follow a failure as if it were a success. */
static inline int err_failed(int minus_one)
{
	return -1;
}

#define err_set(...) err_failed(err_set(__VA_ARGS__))
#define err_errno(...) err_failed(err_errno(__VA_ARGS__))
#define err_context(...) err_failed(err_context(__VA_ARGS__))

#endif
