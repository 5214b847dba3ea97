/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/state.h"

#include <stdarg.h>
#include <unistd.h>

#include "lib/str.h"

uint64_t tally_digest(const void *state)
{
	const struct tally *t = state;

	return mix64(t->done ^ t->sum);
}

uint64_t state_number(const void *state)
{
	return *(const uint64_t *)state;
}

uint64_t state_same(const void *state)
{
	return mix64(0);
}

void note_add(const struct workload_env *env, const char *fmt, ...)
{
	va_list ap;

	if (!env->note)
		return;
	if (env->note[0])
		str_addf(env->note, NOTE_TEXT, "; ");
	va_start(ap, fmt);
	str_vaddf(env->note, NOTE_TEXT, fmt, ap);
	va_end(ap);
}

void close_fd(int *fd)
{
	if (*fd > 0)
		close(*fd);
	*fd = 0;
}
