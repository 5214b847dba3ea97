/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/compatibility.h"

#include <stdarg.h>
#include <stdio.h>

void compatibility_ask(const struct stack *s, uint32_t layer, const struct driver_probe *p)
{
	const struct driver *outer[DEPTH_MAX + 1], *d = s->driver[layer];
	const struct layer_spec spec = {.depth = (int)s->tree.layer[layer].depth,
					.below = (int)stack_below(s, layer),
					.outer = outer,
					.options = &s->options[layer],
					.cancel_fd = -1};

	stack_outer(s, layer, outer);
	if (d->require)
		d->require(p, &spec);
	else
		p->say(p->ctx, FINDING_NOTE, d->name,
		       "nothing of it can be told before it is started");
}

/* The first finding that stands in the way. */
struct refusal {
	bool found;
	char text[ERR_TEXT];
};

static void __attribute__((format(printf, 4, 5)))
refuse(void *ctx, enum finding f, const char *topic, const char *fmt, ...)
{
	struct refusal *r = ctx;
	va_list ap;

	if (f != FINDING_FAIL || r->found)
		return;
	r->found = true;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}

int compatibility_check(const struct stack *s, struct err *err)
{
	for (uint32_t layer = 0; layer < s->tree.count; layer++) {
		struct refusal r = {0};
		const struct driver_probe p = {.cancel_fd = -1, .say = refuse, .ctx = &r};

		compatibility_ask(s, layer, &p);
		if (r.found)
			return err_set(err, EXIT_MACHINE,
				       "%s, of kind %s, cannot be started here: %s",
				       s->tree.layer[layer].name, s->driver[layer]->name, r.text);
	}
	return 0;
}

int compatibility_check_chain(const char *chain, struct err *err)
{
	const struct text_list one = {.item = {chain}, .count = 1};
	struct stack s;
	int done = stack_parse(&s, &one, err);

	if (done == 0)
		done = compatibility_check(&s, err);
	stack_release(&s);
	return done;
}

int compatibility_kinds(struct text_list *chains, struct err *err)
{
	static const char *const kinds[] = {"container", "kvm", "xen/pv", "xen/pvh"};
	struct err why;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (chains->count < LIST_MAX && compatibility_check_chain(kinds[i], &why) == 0)
			chains->item[chains->count++] = kinds[i];
	return chains->count ? 0
			     : err_set(err, EXIT_MACHINE,
				       "no kind of layer can be started here, to be compared with "
				       "others (nestbench doctor --matrix): %s",
				       why.text);
}
