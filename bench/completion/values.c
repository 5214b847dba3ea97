/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/completion/values.h"

#include "bench/completion/runs.h"
#include "bench/completion/work.h"
#include "bench/config/config.h"
#include "bench/plan/profile.h"
#include "results/export/export.h"

/* Those that users made, which may have the names of others. */
static void offer_own_profiles(struct offers *o)
{
	struct config c = {0};
	const struct config_entry *e;
	struct err ignored;

	if (config_read(&c, o->table, &ignored) == 0)
		for (size_t i = 0; (e = config_own_profile(&c, i)); i++)
			if (!profile_is_known(e->name))
				offers_add(o, e->name, "", c.file[e->file].path);
	config_release(&c);
}

static void offer_profiles(struct offers *o)
{
	const struct profile *p;

	for (size_t i = 0; (p = profile_at(i)); i++)
		offers_add(o, p->name, "", NULL);
	offer_own_profiles(o);
}

static void offer_commands(struct offers *o)
{
	for (const struct command *c = o->table; c->name; c++)
		if (c->group)
			offers_add(o, c->name, "", c->summary);
}

static void offer_formats(struct offers *o)
{
	for (const struct export_format *f = export_formats; f->name; f++)
		offers_add(o, f->name, "", f->summary);
}

void offer_value(struct offers *o, const char *const *choices, enum value_kind kind)
{
	if (choices) {
		offers_add_choices(o, choices);
		return;
	}
	switch (kind) {
	case VALUE_FILE:
		o->by = OFFERS_FILES;
		return;
	case VALUE_DIR:
		o->by = OFFERS_DIRS;
		return;
	case VALUE_RUN:
		offer_runs(o);
		return;
	case VALUE_PROFILE:
		offer_profiles(o);
		return;
	case VALUE_WORKLOAD:
	case VALUE_WORK_WORDS:
		offer_workloads(o);
		return;
	case VALUE_WORK:
		offer_work(o);
		return;
	case VALUE_FORMAT:
		offer_formats(o);
		return;
	case VALUE_COMMAND:
		offer_commands(o);
		return;
	case VALUE_TEXT:
	case VALUE_LAYERS:
		return;
	}
}
