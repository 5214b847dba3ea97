/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/peek.h"

#include <unistd.h>

static int take(const struct peek *p, uint64_t *value, struct err *err)
{
	const struct peek_place *place = p->place;

	*value = 0;
	if (pread(p->fd, value, place->size, place->offset) == (ssize_t)place->size)
		return 0;
	return err_errno(err, EXIT_MACHINE, "cannot read %s", place->what);
}

int peek_setup(struct peek *p, const struct peek_place *place, struct err *err)
{
	int fd = place->open(err);

	if (fd < 0)
		return -1;
	p->fd = fd;
	p->place = place;
	return take(p, &p->first, err);
}

int peek_probe(const struct peek_place *place, struct err *err)
{
	struct peek p = {0};
	int rc = peek_setup(&p, place, err);

	peek_teardown(&p);
	return rc;
}

int peek_run(void *peek, uint64_t n, struct err *err)
{
	struct peek *p = peek;
	uint64_t value;

	for (uint64_t i = 0; i < n; i++) {
		if (take(p, &value, err) < 0)
			return -1;
		p->tally.done += value == p->first;
	}
	return 0;
}

void peek_teardown(void *peek)
{
	close_fd(&((struct peek *)peek)->fd);
}
