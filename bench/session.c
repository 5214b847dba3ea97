/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/file.h"
#include "bench/base/interrupt.h"
#include "bench/base/parse.h"
#include "bench/measuring.h"
#include "results/layers.h"

#define TALK_LIMIT_NS (60 * NS_PER_S)
#define SETUP_LIMIT_NS (60 * NS_PER_S)
/* An attempt to boot a layer may take that long, and so many times what the layer above took. */
#define BOOT_PATIENCE_NS (30 * NS_PER_S)
/* A system's libvirt may probe QEMU anew for every VM (where its QEMU user cannot open /dev/kvm).
 */
#define SYSTEM_PATIENCE_NS (180 * NS_PER_S)
enum { BOOT_FACTOR = 12 };

/* ---- layers up and down ---- */

static void facts_from_json(const json_t *done, struct facts *facts)
{
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(done, "facts"), key, value)
	{
		bool plain = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(key);

		if (plain && strlen(key) < 64 && json_is_string(value) && facts->count < 256)
			facts_set(facts, key, "%.1000s", json_string_value(value));
	}
}

/* The same bytes must run everywhere. */
static int check_nestkernel(struct session *s, uint32_t layer, const struct facts *facts,
			    struct err *err)
{
	const char *sha = facts_get(facts, "nestkernel_sha256");

	if (!sha || strlen(sha) != SHA256_HEX - 1)
		return err_set(err, EXIT_MACHINE, "L%u has no readable nestkernel", layer);
	if (layer == 0)
		strcpy(s->nestkernel_sha256, sha);
	else if (strcmp(sha, s->nestkernel_sha256) != 0)
		return err_set(
			err, EXIT_MACHINE,
			"L%u runs another nestkernel than L0: the image is not of this build",
			layer);
	return 0;
}

/* Lets the first so many VMs of a layer describe themselves; the facts are the first one's. */
static int describe(struct session *s, uint32_t layer, uint32_t guests, struct facts *facts,
		    struct err *err)
{
	struct layer_shape shape;
	json_int_t id;

	if (shape_of(&s->c->shape, layer, &shape, err) < 0)
		return -1;
	id = link_ask(&s->link, (int)layer, "describe",
		      json_pack("{s:i, s:i, s:i}", "measured_vcpus", (int)shape.measured,
				"planned_vcpus", (int)shape.planned, "guests", (int)guests),
		      err);
	for (uint32_t i = 0; i < guests; i++) {
		struct facts more = FACTS_INIT;
		json_t *done;
		int good;

		if (id < 0 || link_wait(&s->link, id, (int)layer, TALK_LIMIT_NS * (layer + 1),
					&done, err) != LINK_DONE)
			return err_context(err, "L%u", layer);
		facts_from_json(done, link_guest_of(done) ? &more : facts);
		good = check_nestkernel(s, layer, link_guest_of(done) ? &more : facts, err);
		json_decref(done);
		facts_release(&more);
		if (good < 0)
			return -1;
	}
	return 0;
}

static void say_layer(struct session *s, uint32_t layer, const struct facts *facts)
{
	const char *boot = facts_get(facts, "boot_ns"), *place = facts_get(facts, "placement");
	const char *not_honoured = facts_get(facts, "not_honoured");
	char memory[SIZE_TEXT], time[SIZE_TEXT];
	struct layer_shape shape;
	uint64_t ns = 0;
	struct err ignored;

	if (layer == 0 || shape_of(&s->c->shape, layer, &shape, &ignored) < 0)
		return;
	if (boot)
		(void)parse_u64(boot, "boot_ns", 0, UINT64_MAX, &ns, &ignored);
	progress_say(s->p, "L%u is up after %s: %s, %u vCPUs, %s%s%s", layer,
		     format_duration_short((double)ns, time), facts_get(facts, "accel"),
		     shape.vcpus, format_size_short(shape.memory_bytes, memory), place ? ", " : "",
		     place ? place : "");
	progress_say(s->p, "   %s",
		     facts_get(facts, "accel_reason") ? facts_get(facts, "accel_reason") : "");
	if (not_honoured)
		progress_say(s->p, "   not as asked: %s", not_honoured);
}

/* Net kernels need a card and a peer; other runs are spared both. */
static int add_wishes(const struct session_config *c, uint32_t layer, uint32_t sibling,
		      json_t *request)
{
	struct lend_wish wish = c->lend;
	bool networked = false;

	for (uint32_t i = 0; i < c->works->count; i++)
		networked = networked || c->works->item[i].workload->class == CLASS_NET;
	if (!networked)
		wish.net = NET_NONE;
	/* A device is lent once. */
	if (sibling)
		wish.hostdevs = 0;
	return lend_wish_to_json(&wish, layer, request);
}

/* Asks layer - 1 to start a VM of `layer`: the first, or a sibling. */
static int start_vm(struct session *s, uint32_t layer, uint32_t sibling, struct facts *facts,
		    struct err *err)
{
	const struct session_config *c = s->c;
	uint32_t siblings = layer == c->shape.depth ? c->shape.guests : 1;
	/* What can go wrong gets slower with every layer, as booting does: emulated, some tenfold.
	 */
	uint64_t limit = (c->connect && layer == 1 ? SYSTEM_PATIENCE_NS : BOOT_PATIENCE_NS) +
			 BOOT_FACTOR * s->boot_ns;
	struct layer_shape shape;
	json_t *done, *body;

	if (shape_of(&c->shape, layer, &shape, err) < 0)
		return -1;
	body = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:s, s:s, s:I}", "depth", (int)layer,
			 "below", (int)(c->shape.depth - layer), "sibling", (int)sibling,
			 "siblings", (int)siblings, "vcpus", (int)shape.vcpus, "measured_vcpus",
			 (int)shape.planned, "memory_bytes", (json_int_t)shape.memory_bytes,
			 "accel", accel_name(c->accel), "run", c->run, "boot_limit_ns",
			 (json_int_t)limit);
	if (add_wishes(c, layer, sibling, body) < 0) {
		json_decref(body);
		return err_set(err, EXIT_INTERNAL, "out of memory");
	}
	/* There may be several attempts; this limit only ends a driver that hangs. */
	if (link_call(&s->link, (int)layer - 1, "start_child", body, 4 * limit + TALK_LIMIT_NS,
		      &done, err) < 0)
		return -1;
	facts_from_json(done, facts);
	json_decref(done);
	facts_set(facts, "vm_memory_bytes", "%" PRIu64, shape.memory_bytes);
	return 0;
}

/* Starts a layer and lets it describe itself. */
static int start_layer(struct session *s, uint32_t layer, struct facts *facts, struct err *err)
{
	struct err ignored;
	const char *boot;

	if (start_vm(s, layer, 0, facts, err) < 0)
		return -1;
	boot = facts_get(facts, "boot_ns");
	if (boot &&
	    parse_u64(boot, "boot_ns", 0, BOOT_PATIENCE_NS * 100, &s->boot_ns, &ignored) < 0)
		s->boot_ns = 0;
	s->link.alive = (int)layer + 1;
	s->link.guests = 1;
	return describe(s, layer, 1, facts, err);
}

static int start_l0(struct session *s, struct facts *facts, struct err *err)
{
	const struct session_config *c = s->c;

	s->l0 = (struct layer)LAYER_INIT;
	s->l0.driver = c->driver;
	s->l0.config.run = c->run;
	s->l0.config.uri = c->connect;
	s->l0.config.emulator = c->emulator;
	s->l0.config.work_dir = c->work_dir;
	s->l0.config.kernel = c->kernel;
	s->l0.config.initrd = c->initrd;
	s->l0.config.disk = c->disk;
	s->l0.config.scratch = c->scratch;
	s->l0.config.program = c->program;
	s->l0.config.cancel_fd = -1;
	if (c->driver->start(&s->l0, err) < 0)
		return -1;
	link_open(&s->link, s->l0.fd, c->clock, c->interrupt_fd);
	facts_set(facts, "accel", "none");
	return describe(s, 0, 1, facts, err);
}

/* ---- jobs ---- */

struct job_sink {
	struct session *s;
	const struct job *job;
};

static int put_sample(void *ctx, const struct sample *sample, struct err *err)
{
	const struct job_sink *j = ctx;
	const struct work *work = &j->s->c->works->item[j->job->workload];
	const char *wrong_clock = j->s->clock[j->job->layer].why;
	struct row row = {.run = j->s->c->run,
			  .boot = j->job->boot,
			  .round = j->job->round,
			  .slot = j->job->slot,
			  .layer = j->job->layer,
			  .workload = work->workload->name,
			  .params = work->label,
			  .threads = work->threads,
			  .sample = *sample};

	if (session_check_l0(j->s, err) < 0)
		return -1;
	/* The batches that were there already warm up. */
	if (sample->batch && sample->batch <= record_batches(j->s->c->record, j->job))
		return 0;
	if (wrong_clock[0] && sample->status == SAMPLE_OK)
		sample_suspect(&row.sample, wrong_clock);
	if (row.sample.status == SAMPLE_OK && record_has_partner(j->s->c->record, j->job))
		sample_suspect(&row.sample, RECORD_APART);
	if (j->s->repeats)
		sample_set_repeats(&row.sample, j->s->repeats);
	return rows_writer_put(j->s->rows, &row, err);
}

/* A layer that never came up leaves skip rows, so that every planned job has one. */
static int skip_job(struct session *s, const struct job *job, const char *reason, struct err *err)
{
	struct job_sink ctx = {s, job};
	struct sample sample = {.status = SAMPLE_SKIP};

	sample_set_reason(&sample, "%s", reason);
	return put_sample(&ctx, &sample, err);
}

/* Its rows are there, from before the run was interrupted. */
static bool is_measured(const struct session *s, const struct job *job)
{
	uint64_t batches = s->calibration[job->workload].once ? 1 : s->c->warm_up + s->size.batches;

	return record_done(s->c->record, job, batches);
}

static int run_job(struct session *s, const struct job *job, struct err *err)
{
	const struct calibration *cal = &s->calibration[job->workload];
	const struct work *work = &s->c->works->item[job->workload];
	/* Only the deepest layer has siblings; the others run copies in their place. */
	bool siblings = job->layer > 0 && job->layer == s->c->shape.depth;
	uint32_t crowd = work->copies * work->guests;
	struct job_sink ctx = {s, job};
	const struct sample_sink sink = {.put = put_sample, .ctx = &ctx};
	const struct measuring m = {
		.work = work,
		.layer = job->layer,
		.guests = siblings ? work->guests : 1,
		.copies = siblings ? work->copies : crowd,
		.spread = siblings ? 1 : work->guests,
		.seed = s->c->seed,
		.ops = cal->ops,
		.batches = cal->once ? 1 : s->size.batches,
		.warm_up = cal->once ? 0 : s->c->warm_up,
		.setup_limit_ns = SETUP_LIMIT_NS * (job->layer + 1) * crowd,
		.batch_limit_ns = calibration_batch_limit_ns(cal, job->layer) * crowd,
	};
	const char *skipped = cal->skipped[job->layer];

	/* A layer that could not when it was calibrated is asked again once a boot. */
	if (skipped[0] && job->round > 1)
		return skip_job(s, job, skipped, err);
	return measuring_run(&m, &s->link, &sink, err);
}

/* How long the layer took to come up is a result too. */
static int put_boot_row(struct session *s, uint32_t layer, struct err *err)
{
	struct row row = {.run = s->c->run,
			  .boot = s->boot,
			  .round = 1,
			  .layer = layer,
			  .workload = SESSION_BOOT_WORKLOAD,
			  .params = "",
			  .threads = 1,
			  .sample = {.batch = 1,
				     .ops = 1,
				     .elapsed_ns = s->boot_ns,
				     .host_elapsed_ns = s->boot_ns}};

	if (layer == 0 || s->boot_ns == 0 || record_has_start(s->c->record, s->boot, layer))
		return 0;
	return rows_writer_put(s->rows, &row, err);
}

/* What is measured once a boot, in a layer that has just come up or (skipped) never will. */
static int run_once_jobs(struct session *s, uint32_t layer, const char *skip_reason,
			 struct err *err)
{
	for (uint32_t i = s->c->works->repeated; i < s->c->works->count; i++) {
		const struct job job = {.boot = s->boot, .round = 1, .layer = layer, .workload = i};

		if (is_measured(s, &job))
			continue;
		if ((skip_reason ? skip_job(s, &job, skip_reason, err) : run_job(s, &job, err)) < 0)
			return -1;
	}
	return 0;
}

/*
 * The siblings of the deepest layer, which has been measured alone by now. What needs more of them
 * than came up fails with the reason.
 */
static int siblings_up(struct session *s, struct err *err)
{
	uint32_t layer = s->c->shape.depth, guests = s->c->shape.guests;
	struct facts all = FACTS_INIT;
	struct err trouble = {0};
	int done;

	if (guests == 1)
		return 0;
	for (uint32_t i = 1; i < guests; i++) {
		struct facts facts = FACTS_INIT;
		char key[40];
		int up;

		progress_say(s->p, "starting guest %u of %u in L%u", i + 1, guests, layer - 1);
		up = start_vm(s, layer, i, &facts, &trouble);
		for (size_t k = 0; up == 0 && k < facts.count; k++) {
			snprintf(key, sizeof(key), "guest%u.%.20s", i + 1, facts.item[k].key);
			facts_set(&all, key, "%s", facts.item[k].value);
		}
		facts_release(&facts);
		if (up < 0)
			break;
		s->link.guests = (int)i + 1;
	}
	facts_set(&all, "guests", "%d", s->link.guests);
	if (s->link.guests == (int)guests)
		done = describe(s, layer, guests, &all, &trouble);
	else
		done = -1;
	if (done < 0 && trouble.code != EXIT_INTERRUPTED) {
		link_lose_guest(&s->link, s->link.guests == (int)guests ? 1 : s->link.guests,
				trouble.text);
		progress_say(s->p, "guest %d could not be started: %s", s->link.guests + 1,
			     trouble.text);
		done = 0;
	}
	if (done < 0)
		*err = trouble;
	else
		done = layers_append(s->c->dir, s->c->run, s->boot, layer, &all, err);
	facts_release(&all);
	return done;
}

/* Starts layer after layer. 0 also when a deeper one did not come up: then *unreached says which.
 */
static int layers_up(struct session *s, uint32_t *unreached, struct err *why, struct err *err)
{
	*unreached = 0;
	s->boot_ns = 0;
	for (uint32_t layer = 0; layer <= s->c->shape.depth; layer++) {
		struct facts facts = FACTS_INIT;
		struct err trouble;
		int up;

		if (layer)
			progress_say(s->p, "starting L%u", layer);
		up = layer ? start_layer(s, layer, &facts, &trouble)
			   : start_l0(s, &facts, &trouble);
		if (up == 0)
			say_layer(s, layer, &facts);
		if (facts.count && record_has_boot(s->c->record, s->boot))
			facts_set(&facts, RECORD_RESUMED, "round %u", s->from_round);
		if (layer == 0 && facts_get(&facts, "hypervisor"))
			s->m->host_is_vm = strcmp(facts_get(&facts, "hypervisor"), "none") != 0;
		if (facts.count &&
		    layers_append(s->c->dir, s->c->run, s->boot, layer, &facts, err) < 0) {
			facts_release(&facts);
			return -1;
		}
		facts_release(&facts);
		if (up == 0 &&
		    (put_boot_row(s, layer, err) < 0 || run_once_jobs(s, layer, NULL, err) < 0))
			return -1;
		if (up == 0)
			continue;
		if (layer == 0 || trouble.code == EXIT_INTERRUPTED) {
			*err = trouble;
			return -1;
		}
		err_context(&trouble, "L%u could not be started", layer);
		*unreached = layer;
		*why = trouble;
		link_lose(&s->link, (int)layer, trouble.text);
		progress_say(s->p, "%s", trouble.text);
		for (uint32_t lost = layer; lost <= s->c->shape.depth; lost++)
			if (run_once_jobs(s, lost, trouble.text, err) < 0)
				return -1;
		return 0;
	}
	return s->c->shape.depth ? siblings_up(s, err) : 0;
}

static void layers_down(struct session *s)
{
	/* Hanging up is enough: the agent stops what it started, and the driver waits for that. */
	link_release(&s->link);
	if (s->l0.driver)
		s->l0.driver->stop(&s->l0);
	facts_release(&s->l0.facts);
	s->l0 = (struct layer)LAYER_INIT;
}

static int run_jobs(struct session *s, const struct plan *plan, uint32_t unreached,
		    const struct err *why, struct err *err)
{
	for (size_t i = 0; i < plan->jobs; i++) {
		const struct job *job = &plan->job[i];
		int done;

		progress_job(s->p, job->round,
			     job->round > s->size.rounds ? job->round : s->size.rounds, job->layer,
			     s->c->works->item[job->workload].workload->name);
		if (is_measured(s, job))
			done = 0;
		else if (unreached && job->layer >= unreached)
			done = skip_job(s, job, why->text, err);
		else
			done = run_job(s, job, err);
		if (done < 0)
			return -1;
		session_tell_lost(s);
		progress_done(s->p);
	}
	return 0;
}

/* Asks whether the size is still right, and tells the manifest and the progress line. */
static int ask_next(struct session *s, uint32_t round, struct err *err)
{
	const struct session_config *c = s->c;
	uint32_t rounds_left, boots_left;

	if (c->next && c->next(c->next_ctx, &s->stand, &s->size, err) < 0)
		return -1;
	rounds_left = s->size.rounds > round ? s->size.rounds - round : 0;
	boots_left = s->sides * s->size.boots;
	boots_left = boots_left > s->turn + 1 ? boots_left - s->turn - 1 : 0;
	progress_left(s->p, ((size_t)boots_left * s->size.rounds + rounds_left) *
				    (c->shape.depth + 1) * c->works->repeated);
	s->m->boots = s->size.boots;
	s->m->rounds = s->size.rounds;
	s->m->batches = (uint32_t)s->size.batches;
	return 0;
}

/* One round, and what disturbed it. */
static int run_round(struct session *s, uint32_t round, uint32_t unreached, const struct err *why,
		     struct err *err)
{
	struct plan plan = PLAN_INIT;
	uint64_t begin = clock_now(s->c->clock);
	int done = plan_add_round(&plan, s->c->seed, s->boot, round, &s->shape, err);

	if (done == 0)
		done = run_jobs(s, &plan, unreached, why, err);
	plan_release(&plan);
	if (done < 0 || session_watch(s, round + 1, err) < 0)
		return -1;
	s->stand.all_rounds++;
	s->stand.last_round_ns = clock_now(s->c->clock) - begin;
	s->stand.rounds_ns += s->stand.last_round_ns;
	return 0;
}

/* The rounds of a boot; behind them those that repeat one that was disturbed. */
static int run_rounds(struct session *s, uint32_t unreached, const struct err *why, struct err *err)
{
	uint32_t round = s->from_round - 1;

	if (session_noise_begin(s, err) < 0)
		return -1;
	do {
		if (run_round(s, ++round, unreached, why, err) < 0)
			return -1;
		s->stand.round = round;
		if (ask_next(s, round, err) < 0)
			return -1;
	} while (round < s->size.rounds);
	while (session_noise_repeat(s))
		if (run_round(s, ++round, unreached, why, err) < 0)
			return -1;
	return session_watch_end(s, err);
}

/* The counts of a run that is gone on with are in its manifest. */
static bool recall_counts(struct session *s)
{
	const struct work_list *works = s->c->works;
	bool all = s->c->record && s->m->jobs == works->count;

	for (uint32_t i = 0; all && i < works->repeated; i++)
		all = s->m->job[i].ops > 0;
	for (uint32_t i = 0; all && i < works->repeated; i++)
		s->calibration[i].ops = s->m->job[i].ops;
	return all;
}

/* Keeps the counts, so that the run can be gone on with. */
static int keep_counts(struct session *s, struct err *err)
{
	if (s->m->jobs != s->c->works->count)
		return 0;
	for (uint32_t i = 0; i < s->c->works->repeated; i++)
		s->m->job[i].ops = s->calibration[i].ops;
	return manifest_save(s->c->dir, s->m, err);
}

/* The same counts in every boot: the first one's. */
static int find_counts(struct session *s, uint32_t layers, struct err *err)
{
	const struct calibration_config cc = {.works = s->c->works,
					      .layers = layers,
					      .batch_ns = s->c->batch_ns,
					      .seed = s->c->seed};
	uint64_t begin = clock_now(s->c->clock);

	if (recall_counts(s))
		return 0;
	progress_say(s->p, "calibrating %u workloads in %u layers", s->c->works->repeated, layers);
	if (calibrate(&cc, &s->link, s->calibration, err) < 0 || session_check_l0(s, err) < 0)
		return -1;
	s->stand.calibration_ns = clock_now(s->c->clock) - begin;
	return keep_counts(s, err);
}

/* The first round of this boot in which something is still to be measured; 0: there is none. */
static uint32_t first_missing_round(const struct session *s)
{
	const struct work_list *works = s->c->works;

	for (uint32_t round = 1; round <= s->size.rounds; round++)
		for (uint32_t i = 0; i < (round == 1 ? works->count : works->repeated); i++)
			for (uint32_t layer = 0; layer <= s->c->shape.depth; layer++) {
				const struct job job = {.boot = s->boot,
							.round = round,
							.layer = layer,
							.workload = i};

				if (!is_measured(s, &job))
					return round;
			}
	return 0;
}

static int run_boot(struct session *s, uint32_t *unreached, struct err *why, struct err *err)
{
	uint64_t begin = clock_now(s->c->clock);
	uint32_t up;

	s->stand.boot = s->boot;
	memset(s->clock, 0, sizeof(s->clock));
	if (layers_up(s, unreached, why, err) < 0)
		return -1;
	s->stand.boots_ns += clock_now(s->c->clock) - begin;
	s->told_alive = s->link.alive;
	up = *unreached ? *unreached : s->c->shape.depth + 1;
	if (session_watch(s, 1, err) < 0)
		return -1;
	if (!s->calibrated) {
		if (find_counts(s, up, err) < 0)
			return -1;
		s->calibrated = true;
		progress_start(s->p, (size_t)s->sides * s->size.boots * s->size.rounds *
					     (s->c->shape.depth + 1) * s->c->works->repeated);
	}
	if (run_rounds(s, *unreached, why, err) < 0)
		return -1;
	session_note_lost(s, unreached, why);
	return 0;
}

/* Who takes turns with whom. */
static int make_shape(struct session *s, struct err *err)
{
	const struct work_list *works = s->c->works;

	s->group = calloc(works->repeated + 1, sizeof(*s->group));
	if (!s->group)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	s->shape = (struct plan_shape){.layers = s->c->shape.depth + 1, .group = s->group};
	for (uint32_t i = 0; i < works->repeated; i += s->group[s->shape.groups++])
		s->group[s->shape.groups] = work_list_group(works, i);
	return 0;
}

/* One boot from begin to end, and what it took. */
static int whole_boot(struct session *s, uint32_t *unreached, struct err *why, struct err *err)
{
	const struct session_stand before = s->stand;
	struct facts facts = FACTS_INIT;
	uint64_t begin;
	int done;

	s->from_round = first_missing_round(s);
	if (!s->from_round)
		return 0;
	done = run_boot(s, unreached, why, err);
	begin = clock_now(s->c->clock);

	progress_end(s->p);
	layers_down(s);
	s->stand.boots_ns += clock_now(s->c->clock) - begin;
	facts_set(&facts, "time_boot_ns", "%" PRIu64, s->stand.boots_ns - before.boots_ns);
	if (before.calibration_ns != s->stand.calibration_ns)
		facts_set(&facts, "time_calibration_ns", "%" PRIu64, s->stand.calibration_ns);
	facts_set(&facts, "time_rounds_ns", "%" PRIu64, s->stand.rounds_ns - before.rounds_ns);
	if (done == 0)
		done = layers_append(s->c->dir, s->c->run, s->boot, 0, &facts, err);
	facts_release(&facts);
	return done;
}

/* Every second pair of boots the other way round, so that a drift of the machine does not favour
 * the side that comes first. */
static uint32_t side_of(uint32_t turn)
{
	return (turn % 2) ^ (turn / 2 % 2);
}

static int run_turns(struct session *s, const struct session_config *c, struct manifest *const *m,
		     struct rows_writer rows[2], uint32_t *unreached, struct err *why,
		     struct err *err)
{
	int done = 0;

	s->stand.began_ns = clock_now(c->clock);
	for (; done == 0 && s->turn < s->sides * s->size.boots; s->turn++) {
		uint32_t side = s->sides == 2 ? side_of(s->turn) : 0, lost = 0;

		s->c = &c[side];
		s->m = m[side];
		s->rows = &rows[side];
		s->boot = s->turn / s->sides + 1;
		if (s->sides == 2)
			progress_say(s->p, "boot %u of %s", s->boot, side ? "b" : "a");
		done = whole_boot(s, &lost, why, err);
		if (lost && (!*unreached || lost < *unreached))
			*unreached = lost;
		if (s->nestkernel_sha256[0])
			facts_set(&s->m->hashes, "nestkernel_sha256", "%s", s->nestkernel_sha256);
	}
	return done;
}

static int run_sides(const struct session_config *c, struct manifest *const *m, uint32_t sides,
		     struct progress *p, uint32_t *unreached, struct err *why, struct err *err)
{
	struct session s = {.c = c, .size = c->size, .p = p, .l0 = LAYER_INIT, .sides = sides};
	struct rows_writer rows[2] = {ROWS_WRITER_NONE, ROWS_WRITER_NONE};
	struct err closing;
	int done = -1;

	*unreached = 0;
	s.link.channel = (struct channel)CHANNEL_INIT;
	s.calibration = calibration_new(c->works, err);
	if (!s.calibration || make_shape(&s, err) < 0)
		goto cleanup;
	for (uint32_t i = 0; i < sides; i++)
		if (rows_writer_open(&rows[i], c[i].dir, err) < 0)
			goto cleanup;
	done = run_turns(&s, c, m, rows, unreached, why, err);
cleanup:
	for (uint32_t i = 0; i < sides; i++)
		if (rows_writer_close(&rows[i], &closing) < 0 && done == 0) {
			*err = closing;
			done = -1;
		}
	calibration_free(s.calibration);
	free(s.group);
	free(s.disturbed.round);
	return done;
}

int session_run(const struct session_config *c, struct manifest *m, struct progress *p,
		uint32_t *unreached, struct err *why, struct err *err)
{
	return run_sides(c, &m, 1, p, unreached, why, err);
}

int session_run_ab(const struct session_config c[2], struct manifest *const m[2],
		   struct progress *p, uint32_t *unreached, struct err *why, struct err *err)
{
	return run_sides(c, m, 2, p, unreached, why, err);
}
