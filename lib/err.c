/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/printable.h"

#undef err_set
#undef err_errno
#undef err_context

const struct exit_meaning exit_meanings[] = {
	{EXIT_FINE, "fine"},
	{EXIT_INTERNAL, "internal error"},
	{EXIT_USAGE, "wrong usage or input"},
	{EXIT_MACHINE, "this machine cannot do what was asked or a part of it was not measured"},
	{EXIT_INCONCLUSIVE, "inconclusive"},
	{EXIT_REGRESSION, "regression"},
	{EXIT_INTERRUPTED, "interrupted"},
	{0},
};

int err_set(struct err *e, enum exit_code code, const char *fmt, ...)
{
	char text[sizeof(e->text)]; /* an argument may be e->text itself */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(e->text, printable(text), sizeof(text));
	e->code = code;
	return -1;
}

/* What ran out is not wrong usage, whatever was being opened. */
static bool ran_out(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOSPC ||
	       error == EDQUOT || error == EFBIG;
}

int err_errno(struct err *e, enum exit_code code, const char *fmt, ...)
{
	int saved = errno;
	char text[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, code == EXIT_USAGE && ran_out(saved) ? EXIT_INTERNAL : code, "%s: %s",
		       text, strerror(saved));
}

int err_context(struct err *e, const char *fmt, ...)
{
	char context[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	return err_set(e, e->code, "%s: %s", context, e->text);
}
