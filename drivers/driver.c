/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/driver.h"

#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/nearest.h"

#define VERSION_LIMIT_NS (10 * NS_PER_S)

const struct driver *driver_find(const char *name, struct err *err)
{
	struct buf names = BUF_INIT;
	char hint[NEAREST_TEXT];
	struct nearest near;

	for (int i = 0; drivers[i]; i++)
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	nearest_init(&near, name, strlen(name));
	for (int i = 0; drivers[i]; i++) {
		nearest_offer(&near, drivers[i]->name);
		buf_addf(&names, "%s%s", i ? ", " : "", drivers[i]->name);
	}
	err_set(err, EXIT_USAGE, "there is no kind of layer \"%.40s\": expected one of %s%s", name,
		buf_str(&names), nearest_hint(&near, " (", ")", hint));
	buf_release(&names);
	return NULL;
}

void driver_probe_tool(const struct driver_probe *p, const char *topic, const char *program,
		       const char *package, enum finding missing)
{
	const char *const argv[] = {program, "--version", NULL};
	struct buf out = BUF_INIT;
	struct err err;

	if (child_run(argv, NULL, NULL, VERSION_LIMIT_NS, &out, &err) == 0)
		p->say(p->ctx, FINDING_OK, topic, "%.*s", (int)strcspn(buf_str(&out), "\n"),
		       buf_str(&out));
	else
		p->say(p->ctx, missing, topic, "%s; install it: apt-get install %s", err.text,
		       package);
	buf_release(&out);
}

int driver_options(const struct driver *d, const struct text_list *options, void *target,
		   struct err *err)
{
	static const struct option none[] = {{0}};

	if (options_set(d->options ? d->options : none, options, target, err) < 0)
		return err_context(err, "a layer of kind %s", d->name);
	return 0;
}

int driver_check(const struct driver *d, const struct layer_spec *spec, struct err *err)
{
	if (!d->options && driver_options(d, spec->options, NULL, err) < 0)
		return -1;
	return d->check ? d->check(spec, err) : 0;
}

int drivers_run(const char *uuid, struct buf *said, struct err *err)
{
	int runs = 0;

	for (int i = 0; drivers[i] && runs <= 0; i++) {
		int one = drivers[i]->runs ? drivers[i]->runs(uuid, said, err) : 0;

		if (one)
			runs = one;
	}
	return runs;
}

bool drivers_own_program(const char *program)
{
	for (int i = 0; drivers[i]; i++)
		if (drivers[i]->owns_program && drivers[i]->owns_program(program))
			return true;
	return false;
}

bool drivers_run_cpu_in(const char *comm)
{
	for (int i = 0; drivers[i]; i++)
		if (drivers[i]->is_cpu_thread && drivers[i]->is_cpu_thread(comm))
			return true;
	return false;
}
