/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <string.h>

#include "lib/str.h"
#include "results/rundir/layers.h"

/* What a layer cannot know of itself: how it was started, and what happened to the run. */
static bool is_told_by_others(const char *key)
{
	static const char *const keys[] = {"kind",
					   "isolation",
					   "starter",
					   "accel",
					   "accel_reason",
					   "boot_ns",
					   "vm_memory_bytes",
					   "warning",
					   RESUME_STATE_FACT,
					   LAYERS_CALIBRATED_WITHOUT,
					   LAYERS_RESTARTED,
					   LAYERS_FROM_ROUND};
	static const char *const fronts[] = {"round.", "guest", "time_", LAYERS_STARTED_AGAIN,
					     LAYERS_EVIDENCE};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		if (strncmp(key, fronts[i], strlen(fronts[i])) == 0)
			return true;
	return false;
}

void session_take_facts(const json_t *done, enum teller teller, struct facts *facts)
{
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(done, "facts"), key, value)
	{
		bool plain = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(key);

		if (!plain || strlen(key) >= 64 || !json_is_string(value) || facts->count >= 256)
			continue;
		if (facts_get(facts, key) || (teller == ITSELF && is_told_by_others(key)))
			continue;
		facts_set(facts, key, "%.1000s", json_string_value(value));
	}
}

int session_put_facts(struct session *s, uint32_t layer, struct facts *facts, struct err *err)
{
	int done = 0;

	if (facts->count)
		done = layers_append(s->c->dir, s->c->run, s->boot, layer, facts, err);
	facts_release(facts);
	return done;
}

/* The program of a layer must be the one of L0, of which the hash is kept; "" for none. */
static int check_program(const struct session *s, uint32_t layer, const char *name, const char *sha,
			 char of_l0[SHA256_HEX], struct err *err)
{
	if (layer == 0)
		str_copy(of_l0, SHA256_HEX, sha);
	else if (strcmp(sha, of_l0) != 0)
		return err_set(err, EXIT_MACHINE,
			       "%s runs another %s than L0: the image is not of this build",
			       session_name(s, layer), name);
	return 0;
}

static int check_nestkernel(struct session *s, uint32_t layer, const struct facts *facts,
			    struct err *err)
{
	const char *sha = facts_get(facts, "nestkernel_sha256");
	const char *dl = facts_get(facts, "nestkernel_dl_sha256");

	if (!sha || strlen(sha) != SHA256_HEX - 1)
		return err_set(err, EXIT_MACHINE, "%s has no readable nestkernel",
			       session_name(s, layer));
	if (!dl || strlen(dl) != SHA256_HEX - 1)
		dl = ""; /* it need not be there */
	if (check_program(s, layer, "nestkernel", sha, s->nestkernel_sha256, err) < 0)
		return -1;
	/* To a machine that exists only what every workload needs is copied. */
	if (layer && !dl[0] && s->c->stack->driver[layer]->caps & CAP_EXISTS)
		return 0;
	return check_program(s, layer, "nestkernel-dl", dl, s->nestkernel_dl_sha256, err);
}

/*
 * Takes one answer of the VMs that were asked to describe themselves. Whose it is, and whether that
 * one may be measured; the facts are the first one's.
 */
static int take_description(struct session *s, uint32_t layer, enum link_event event,
			    const json_t *answer, struct facts *facts, int *guest, struct err *err)
{
	struct facts more = FACTS_INIT, *its;
	int good;

	*guest = event == LINK_ERROR ? s->link.failed : link_guest_of(answer);
	if (event == LINK_ERROR)
		return err_context(err, "%s", session_name(s, layer));
	if (event != LINK_DONE)
		return err_set(err, EXIT_INTERNAL, "%s answered \"describe\" with something else",
			       session_name(s, layer));
	its = *guest ? &more : facts;
	session_take_facts(answer, ITSELF, its);
	good = check_nestkernel(s, layer, its, err);
	facts_release(&more);
	return good;
}

/* What the VMs that are to describe themselves have answered. */
struct descriptions {
	bool heard[GUESTS_MAX];
	int bad; /* the first that cannot be measured, because of: */
	struct err why;
};

static void note_bad(struct descriptions *d, int guest, const struct err *why)
{
	if (guest >= d->bad)
		return;
	d->bad = guest;
	d->why = *why;
}

/* Takes the next answer. 0 or LINK_TIMEOUT; LINK_GONE and LINK_INTERRUPT with their err. */
static int next_description(struct session *s, uint32_t layer, json_int_t id,
			    struct descriptions *d, struct facts *facts, struct err *err)
{
	struct err why = {0};
	json_t *answer;
	enum link_event event =
		link_wait_alive(&s->link, id, (int)layer,
				timeouts_talk_ns(&s->link.timeouts, layer), &answer, &why);
	int guest = 0;

	if (event == LINK_GONE || event == LINK_INTERRUPT || event == LINK_TIMEOUT) {
		*err = why;
		err_context(err, "%s", session_name(s, layer));
		return (int)event;
	}
	if (take_description(s, layer, event, answer, facts, &guest, &why) < 0)
		note_bad(d, guest, &why);
	d->heard[guest] = true;
	json_decref(answer);
	return 0;
}

int session_describe(struct session *s, uint32_t layer, uint32_t guests, struct facts *facts,
		     int *failed, struct err *err)
{
	struct descriptions d = {.bad = (int)guests};
	struct vm_size size;
	struct err silent;
	json_int_t id;
	int event = 0;

	*failed = -1;
	if (vm_size_of(&s->c->vm_size, layer, &size, err) < 0)
		return -1;
	id = link_ask(&s->link, (int)layer, "describe",
		      json_pack("{s:i, s:i, s:i}", "measured_vcpus", (int)size.measured,
				"planned_vcpus", (int)size.planned, "guests", (int)guests),
		      err);
	if (id < 0)
		return err_context(err, "%s", session_name(s, layer));
	err_set(&silent, EXIT_INTERNAL, "%s: it did not describe itself", session_name(s, layer));
	for (uint32_t i = 0; i < guests && !event; i++)
		event = next_description(s, layer, id, &d, facts, &silent);
	if (event == LINK_GONE || event == LINK_INTERRUPT) {
		*err = silent;
		return -1;
	}
	for (uint32_t i = 0; i < guests; i++)
		if (!d.heard[i])
			note_bad(&d, (int)i, &silent);
	if (d.bad == (int)guests)
		return 0;
	*failed = d.bad;
	*err = d.why;
	return -1;
}
