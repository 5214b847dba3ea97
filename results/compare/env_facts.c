/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run says of its environment, as one list for the run and one for each layer. */
#include <inttypes.h>
#include <string.h>

#include "results/compare/diffenv.h"

static int check(const struct facts *facts, struct err *err)
{
	return facts->failed ? err_set(err, EXIT_INTERNAL, "out of memory for an environment") : 0;
}

static void set_number(struct facts *facts, const char *key, uint64_t x)
{
	facts_set(facts, key, "%" PRIu64, x);
}

static void set_all(struct facts *facts, const struct facts *from)
{
	for (size_t i = 0; i < from->count; i++)
		facts_set(facts, from->item[i].key, "%s", from->item[i].value);
}

int env_run_facts(const struct manifest *m, struct facts *facts, struct err *err)
{
	set_all(facts, &m->versions);
	set_all(facts, &m->hashes);
	set_all(facts, &m->more);
	set_number(facts, "depth", m->depth);
	set_number(facts, "boots", m->boots);
	set_number(facts, "rounds", m->rounds);
	set_number(facts, "batches", m->batches);
	set_number(facts, "host_is_vm", m->host_is_vm);
	set_number(facts, "seed", m->seed);
	facts_set(facts, "host", "%s", m->host);
	facts_set(facts, "profile", "%s", m->profile);
	facts_set(facts, "mode", "%s", m->mode);
	facts_set(facts, "state", "%s", run_state_name(m->state));
	return check(facts, err);
}

/* The different values of a key in a layer, over all boots. */
static void add_values(const struct layers *layers, uint32_t layer, const char *key,
		       struct buf *out)
{
	const char *seen[16];
	size_t count = 0, k;

	for (size_t i = 0; i < layers->count && count < 16; i++) {
		const char *value = facts_get(&layers->item[i].facts, key);

		if (layers->item[i].layer != layer || !value)
			continue;
		for (k = 0; k < count && strcmp(seen[k], value) != 0;)
			k++;
		if (k < count)
			continue;
		buf_addf(out, "%s%s", count ? " | " : "", value);
		seen[count++] = value;
	}
}

int env_layer_facts(const struct layers *layers, uint32_t layer, struct facts *facts,
		    struct err *err)
{
	struct buf text = BUF_INIT;
	int rc;

	for (size_t i = 0; i < layers->count; i++) {
		const struct layer_facts *item = &layers->item[i];

		for (size_t k = 0; item->layer == layer && k < item->facts.count; k++) {
			const char *key = item->facts.item[k].key;

			if (facts_get(facts, key))
				continue;
			buf_clear(&text);
			add_values(layers, layer, key, &text);
			facts_set(facts, key, "%s", buf_str(&text));
		}
	}
	rc = buf_check(&text, err);
	buf_release(&text);
	return rc < 0 ? rc : check(facts, err);
}
