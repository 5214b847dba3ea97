/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/affinity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"

/* NULL: out of memory. */
static cpu_set_t *make(size_t cpus, size_t *bytes)
{
	*bytes = CPU_ALLOC_SIZE(cpus);
	return calloc(1, *bytes);
}

int affinity_read(struct affinity *a, struct err *err)
{
	for (size_t cpus = 1024; cpus <= AFFINITY_CPU_MAX + 1; cpus *= 2) {
		a->set = make(cpus, &a->bytes);
		if (!a->set) {
			*a = (struct affinity){0};
			return err_set(err, EXIT_INTERNAL, "out of memory");
		}
		errno = 0;
		if (sched_getaffinity(0, a->bytes, a->set) == 0 && affinity_count(a) > 0)
			return 0;
		affinity_release(a);
		if (errno != EINVAL)
			break;
	}
	return err_errno(err, EXIT_MACHINE, "cannot find out which CPUs there are");
}

static int add_range(struct affinity *a, char *word, const char *what, struct err *err)
{
	char *dash = strchr(word, '-');
	uint64_t first, last;

	if (dash)
		*dash++ = '\0';
	if (parse_u64(word, what, 0, AFFINITY_CPU_MAX, &first, err) < 0 ||
	    parse_u64(dash ? dash : word, what, first, AFFINITY_CPU_MAX, &last, err) < 0)
		return -1;
	for (uint64_t i = first; i <= last; i++)
		CPU_SET_S(i, a->bytes, a->set);
	return 0;
}

int affinity_parse(struct affinity *a, const char *text, const char *what, struct err *err)
{
	char *copy = strdup(text), *rest, *word;
	int done = 0;

	a->set = make(AFFINITY_CPU_MAX + 1, &a->bytes);
	if (!copy || !a->set)
		done = err_set(err, EXIT_INTERNAL, "out of memory");
	for (word = copy ? strtok_r(copy, ",", &rest) : NULL; word && done == 0;
	     word = strtok_r(NULL, ",", &rest))
		done = add_range(a, word, what, err);
	free(copy);
	if (done == 0 && affinity_count(a) == 0)
		done = err_set(err, EXIT_USAGE, "%s: \"%s\" names no CPU (expected 0,2-3)", what,
			       text);
	if (done < 0)
		affinity_release(a);
	return done;
}

int affinity_count(const struct affinity *a)
{
	return a->set ? CPU_COUNT_S(a->bytes, a->set) : 0;
}

int affinity_nth(const struct affinity *a, unsigned n)
{
	int cpu = -1;

	if (n >= (unsigned)affinity_count(a))
		return -1;
	for (unsigned left = n + 1; left; left -= CPU_ISSET_S(cpu, a->bytes, a->set) != 0)
		cpu++;
	return cpu;
}

int affinity_apply(const struct affinity *a)
{
	return sched_setaffinity(0, a->bytes, a->set);
}

int affinity_pin(int cpu)
{
	struct affinity one;
	int done;

	if (cpu < 0) {
		errno = EINVAL;
		return -1;
	}
	one.set = make((size_t)cpu + 1, &one.bytes);
	if (!one.set)
		return -1;
	CPU_SET_S((size_t)cpu, one.bytes, one.set);
	done = affinity_apply(&one);
	affinity_release(&one);
	return done;
}

void affinity_release(struct affinity *a)
{
	int kept = errno;

	free(a->set);
	*a = (struct affinity){0};
	errno = kept;
}
