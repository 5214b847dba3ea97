/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/session/copies.h"
#include "lib/json.h"

/* How far inside and outside may differ: a share of the batch, and the way there and back. */
static const double RATE_TOLERANCE = 0.005;

/* NULL: memory ran out, now or before. */
static json_t *add_text(json_t *argv, const char *name, const char *text)
{
	return text ? json_and(json_and(argv, json_string(name)), json_string(text)) : argv;
}

static json_t *add_option(json_t *argv, const char *name, uint64_t value, const char *unit)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 "%s", value, unit);
	return add_text(argv, name, text);
}

static json_t *add_command(json_t *argv, const struct command_line *c)
{
	argv = add_text(argv, "--command", c->line);
	return add_text(argv, c->metric_is_time ? "--metric-seconds" : "--metric", c->metric);
}

static json_t *add_params(json_t *argv, const char *params)
{
	char text[PARAMS_TEXT], *rest, *word;

	snprintf(text, sizeof(text), "%s", params);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv = json_and(argv, json_string(word));
	return argv;
}

static json_t *run_request(const struct measuring *m)
{
	json_t *argv = json_and(json_array(), json_string(m->work->workload->name));

	argv = m->work->command ? add_command(argv, m->work->command)
				: add_params(argv, m->work->params);
	argv = add_option(argv, "--seed", m->seed, "");
	if (m->touch_bytes && m->work->workload->class == CLASS_CAPACITY)
		argv = add_option(argv, "--touch-limit", m->touch_bytes, "");
	if (m->work->threads != THREADS_ON_EACH_CPU)
		argv = add_option(argv, "--threads", m->work->threads, "");
	if (m->ops == 0) {
		argv = json_and(argv, json_string("--calibrate"));
		argv = add_option(argv, "--time", m->batch_ns, "ns");
	} else {
		argv = add_option(argv, "--ops", m->ops, "");
		argv = add_option(argv, "--batches", m->batches, "");
		argv = add_option(argv, "--warm-up", m->warm_up, "");
	}
	return json_pack("{s:o, s:i, s:i, s:i}", "argv", argv, "guests", (int)m->guests, "copies",
			 (int)m->copies, "spread", (int)m->spread);
}

static int put_row(const struct sample_sink *sink, enum sample_status status, const char *reason,
		   uint64_t batch, struct err *err)
{
	struct sample s = {.batch = batch, .status = status};

	sample_set_reason(&s, "%s", reason);
	return sink->put(sink->ctx, &s, err);
}

/* Rows of such a work tell what its program printed, not what a clock saw. */
static bool is_told(const struct measuring *m)
{
	return m->ops && m->work->command && m->work->command->metric;
}

/* A layer's clock must not run faster than the host's: the batch lay within the host's interval. */
static void check_clocks(const struct measuring *m, struct sample *s)
{
	double inside = (double)s->elapsed_ns, outside = (double)s->host_elapsed_ns;
	char why[100];

	if (s->status != SAMPLE_OK || is_told(m) || inside <= outside * (1 + RATE_TOLERANCE))
		return;
	snprintf(why, sizeof(why),
		 "the layer's clock ran fast: %.3f ms in the layer, %.3f ms on the host",
		 inside / 1e6, outside / 1e6);
	sample_suspect(s, why);
}

/* Some flags decide how a row counts: those are the host's to set, or must be as it asked for. */
static int check_flags(const struct measuring *m, uint64_t batch, const struct sample *s,
		       struct err *err)
{
	bool warm_up = s->flags & SAMPLE_WARM_UP;

	if (warm_up != (m->ops && batch <= m->warm_up))
		return err_set(err, EXIT_INTERNAL, "batch %" PRIu64 " is %smarked as warm-up",
			       batch, warm_up ? "" : "not ");
	if ((s->flags & SAMPLE_SELF_REPORTED) && !is_told(m))
		return err_set(err, EXIT_INTERNAL,
			       "a row is marked as self-reported, of work that is timed");
	if (s->flags & ~(unsigned)SAMPLE_FLAGS_OF_BATCH)
		return err_set(err, EXIT_INTERNAL, "a row with a flag that is the workload's");
	return 0;
}

/* Reads a row message, which comes from a guest: everything is checked against what was asked. */
static int read_row(const struct measuring *m, const json_t *message, uint64_t batch,
		    struct sample *s, struct err *err)
{
	const char *line = json_string_value(json_object_get(message, "line"));

	if (!line)
		return err_set(err, EXIT_INTERNAL, "a row without a line");
	if (sample_parse_line(line, s, err) < 0)
		return -1;
	if (s->status != SAMPLE_OK && s->status != SAMPLE_SUSPECT)
		return 0;
	if (m->ops && (s->ops != m->ops || s->batch != batch))
		return err_set(err, EXIT_INTERNAL,
			       "asked for %" PRIu64 " operations in batch %" PRIu64
			       ", was told of %" PRIu64 " in batch %" PRIu64,
			       m->ops, batch, s->ops, s->batch);
	if (s->ops == 0)
		return err_set(err, EXIT_INTERNAL, "a row of 0 operations");
	return check_flags(m, batch, s, err);
}

/* Waits until every VM that was asked is ready. LINK_READY, or what came first instead. */
static enum link_event wait_ready(const struct measuring *m, struct link *link, json_int_t id,
				  json_t **message, struct err *err)
{
	uint64_t begin = clock_now(link->clock), end = begin + m->setup_limit_ns;

	*message = NULL;
	for (uint32_t left = m->guests; left; left--) {
		uint64_t now = clock_now(link->clock);
		enum link_event event = link_wait_alive(link, id, (int)m->layer,
							end > now ? end - now : 0, message, err);

		if (event != LINK_READY)
			return event;
		json_decref(*message);
		*message = NULL;
	}
	if (m->setup_ns)
		*m->setup_ns = clock_now(link->clock) - begin;
	return LINK_READY;
}

/* Which VMs have said that their run is over. */
struct ends {
	bool said[GUESTS_MAX];
};

/* The first that has not; m->guests: all have. */
static uint32_t first_left(const struct measuring *m, const struct ends *ends)
{
	uint32_t i = 0;

	while (i < m->guests && ends->said[i])
		i++;
	return i;
}

/* Waits until all VMs have said that their run is over, one way or the other. */
static enum link_event wait_end(const struct measuring *m, struct link *link, json_int_t id,
				struct ends *ends, uint64_t limit_ns, struct err *err)
{
	uint64_t end = clock_now(link->clock) + limit_ns;

	while (first_left(m, ends) < m->guests) {
		uint64_t now = clock_now(link->clock);
		json_t *message;
		enum link_event event = link_wait(link, id, (int)m->layer,
						  end > now ? end - now : 0, &message, err);

		if (event == LINK_DONE || event == LINK_ERROR)
			ends->said[event == LINK_DONE ? link_guest_of(message) : link->failed] =
				true;
		json_decref(message);
		if (event == LINK_DONE || event == LINK_ERROR)
			continue;
		if (event != LINK_READY && event != LINK_ROW)
			return event;
	}
	return LINK_DONE;
}

/* An answer of one of the VMs. Only a batch that is measured is left alone meanwhile. */
static enum link_event wait_batch(const struct measuring *m, struct link *link, json_int_t id,
				  uint64_t limit_ns, json_t **message, struct err *err)
{
	return m->ops ? link_wait(link, id, (int)m->layer, limit_ns, message, err)
		      : link_wait_alive(link, id, (int)m->layer, limit_ns, message, err);
}

/* Ends a run that hangs; a layer, or a sibling, that does not even answer to that is given up. */
static void cancel(const struct measuring *m, struct link *link, json_int_t id, const char *why)
{
	uint64_t limit_ns = timeouts_silence_ns(&link->timeouts, m->layer);
	struct ends ends = {0};
	struct err err;
	uint32_t deaf;

	if (link_tell(link, id, (int)m->layer, "cancel", &err) < 0 ||
	    wait_end(m, link, id, &ends, limit_ns, &err) != LINK_TIMEOUT)
		return;
	deaf = first_left(m, &ends);
	if (deaf == 0)
		link_lose(link, (int)m->layer, why);
	else
		link_lose_guest(link, (int)deaf, why);
}

/* Turns the end of a wait that brought no answer into a row. */
static int put_failure(const struct measuring *m, struct link *link, json_int_t id,
		       enum link_event event, uint64_t batch, const struct sample_sink *sink,
		       struct err *err)
{
	char why[SAMPLE_REASON];

	if (event == LINK_INTERRUPT)
		return -1;
	if (event != LINK_TIMEOUT) {
		snprintf(why, sizeof(why), "%.*s", SAMPLE_REASON - 1, err->text);
		/* The siblings continue until they are told. */
		if (m->guests > 1)
			cancel(m, link, id, why);
		return put_row(sink, SAMPLE_FAIL, why, batch, err);
	}
	snprintf(why, sizeof(why), "%s of %s did not end within %.0f s",
		 !batch	  ? "the setup"
		 : m->ops ? "a batch"
			  : "the calibration",
		 m->work->workload->name,
		 (double)(batch ? m->batch_limit_ns : m->setup_limit_ns) / 1e9);
	cancel(m, link, id, why);
	return put_row(sink, SAMPLE_TIMEOUT, why, batch, err);
}

/* How the job continues behind a batch; -1 is as of measuring_run. */
enum { NOTHING_MORE = 0, NEXT_BATCH, ONLY_THE_END };

/* A copy cannot continue and says so in a row: then no other need. */
static int put_end(const struct measuring *m, struct link *link, json_int_t id,
		   const struct sample *s, const struct sample_sink *sink, struct err *err)
{
	if (sink->put(sink->ctx, s, err) < 0)
		return -1;
	if (m->guests * m->copies == 1)
		return ONLY_THE_END;
	cancel(m, link, id, s->reason);
	return NOTHING_MORE;
}

/* A row that is not what was asked for ends the run. */
static int put_malformed(const struct measuring *m, struct link *link, json_int_t id,
			 uint64_t batch, const struct sample_sink *sink, struct err *err)
{
	char why[SAMPLE_REASON];

	snprintf(why, sizeof(why), "%.*s", SAMPLE_REASON - 1, err->text);
	cancel(m, link, id, why);
	return put_row(sink, SAMPLE_FAIL, why, batch, err);
}

/*
 * Starts one batch and takes its row, or the rows of all copies as one. Of several VMs some may
 * have ended their run before others are through with the last batch.
 */
static int run_batch(const struct measuring *m, struct link *link, json_int_t id, uint64_t batch,
		     struct ends *ends, const struct sample_sink *sink, struct err *err)
{
	uint64_t start = clock_now(link->clock), end = start;
	struct copies all;
	struct sample s;

	copies_start(&all, m->guests, m->copies);
	if (link_tell(link, id, (int)m->layer, "step", err) < 0)
		return put_failure(m, link, id, LINK_GONE, batch, sink, err);
	while (!copies_full(&all)) {
		json_t *message;
		uint64_t gone = end - start;
		enum link_event event = wait_batch(
			m, link, id, gone < m->batch_limit_ns ? m->batch_limit_ns - gone : 0,
			&message, err);
		int guest = link_guest_of(message), read = 0;

		end = clock_now(link->clock);
		if (event == LINK_ROW)
			read = read_row(m, message, batch, &s, err);
		json_decref(message);
		if (event == LINK_DONE && !ends->said[guest] && copies_has_all(&all, guest)) {
			ends->said[guest] = true;
			continue;
		}
		if (event == LINK_DONE || event == LINK_READY)
			err_set(err, EXIT_INTERNAL, "nestkernel ended before batch %" PRIu64,
				batch);
		if (event == LINK_READY)
			return put_malformed(m, link, id, batch, sink, err);
		if (event != LINK_ROW)
			return put_failure(m, link, id, event, batch, sink, err);
		if (read < 0)
			return put_malformed(m, link, id, batch, sink, err);
		if (s.status != SAMPLE_OK && s.status != SAMPLE_SUSPECT)
			return put_end(m, link, id, &s, sink, err);
		if (copies_add(&all, guest, &s, err) < 0)
			return put_malformed(m, link, id, batch, sink, err);
	}
	s = copies_sample(&all);
	s.host_elapsed_ns = end - start;
	check_clocks(m, &s);
	if (m->ops && m->watch && m->watch->batch(m->watch->ctx, id, &s, err) < 0)
		return -1;
	return sink->put(sink->ctx, &s, err) < 0 ? -1 : NEXT_BATCH;
}

/* The kernel could not be set up and said so in a row. */
static int put_refusal(const struct measuring *m, struct link *link, json_int_t id, json_t *message,
		       const struct sample_sink *sink, struct err *err)
{
	struct sample s;

	if (read_row(m, message, 0, &s, err) < 0)
		return put_malformed(m, link, id, 0, sink, err);
	if (s.status == SAMPLE_OK || s.status == SAMPLE_SUSPECT) {
		err_set(err, EXIT_INTERNAL, "a measured batch before any was asked for");
		return put_malformed(m, link, id, 0, sink, err);
	}
	return put_end(m, link, id, &s, sink, err);
}

int measuring_run(const struct measuring *m, struct link *link, const struct sample_sink *sink,
		  struct err *err)
{
	uint64_t batches = m->ops ? m->warm_up + m->batches : 1;
	json_t *request = run_request(m);
	json_int_t id = request ? link_ask(link, (int)m->layer, "run", request, err)
				: err_set(err, EXIT_INTERNAL, "out of memory");
	struct ends ends = {0};
	enum link_event event;
	int next = NEXT_BATCH;
	json_t *message;

	if (id < 0)
		return put_row(sink, SAMPLE_FAIL, err->text, 0, err);
	event = wait_ready(m, link, id, &message, err);
	if (event == LINK_ROW)
		next = put_refusal(m, link, id, message, sink, err);
	json_decref(message);
	if (event == LINK_DONE)
		err_set(err, EXIT_INTERNAL, "nestkernel ended without a row");
	if (event != LINK_READY && event != LINK_ROW)
		return put_failure(m, link, id, event, 0, sink, err);
	if (event == LINK_READY && m->ops && m->watch &&
	    m->watch->begin(m->watch->ctx, id, err) < 0)
		return -1;
	for (uint64_t batch = 1; next == NEXT_BATCH && batch <= batches; batch++)
		next = run_batch(m, link, id, batch, &ends, sink, err);
	if (next <= NOTHING_MORE)
		return next;
	/* A layer that went away meanwhile is noticed by the next job. */
	event = wait_end(m, link, id, &ends, m->setup_limit_ns, err);
	if (event == LINK_TIMEOUT)
		cancel(m, link, id, "nestkernel did not end");
	return event == LINK_INTERRUPT ? -1 : 0;
}
