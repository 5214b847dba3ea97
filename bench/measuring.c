/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/measuring.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How far inside and outside may differ: a share of the batch, and the way there and back. */
static const double RATE_TOLERANCE = 0.005;
#define CANCEL_LIMIT_NS (10 * NS_PER_S)

static void add_option(json_t *argv, const char *name, uint64_t value, const char *unit)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 "%s", value, unit);
	json_array_append_new(argv, json_string(name));
	json_array_append_new(argv, json_string(text));
}

static void add_text(json_t *argv, const char *name, const char *text)
{
	if (!text)
		return;
	json_array_append_new(argv, json_string(name));
	json_array_append_new(argv, json_string(text));
}

static void add_command(json_t *argv, const struct command_line *c)
{
	add_text(argv, "--command", c->line);
	add_text(argv, c->metric_is_time ? "--metric-seconds" : "--metric", c->metric);
}

static json_t *kernel_argv(const struct measuring *m)
{
	char text[PARAMS_TEXT] = "", *rest, *word;
	json_t *argv = json_array();

	json_array_append_new(argv, json_string(m->work->workload->name));
	if (m->work->command)
		add_command(argv, m->work->command);
	else
		snprintf(text, sizeof(text), "%s", m->work->params);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		json_array_append_new(argv, json_string(word));
	add_option(argv, "--seed", m->seed, "");
	if (m->work->threads > 1)
		add_option(argv, "--threads", m->work->threads, "");
	if (m->ops == 0) {
		json_array_append_new(argv, json_string("--calibrate"));
		add_option(argv, "--time", m->batch_ns, "ns");
	} else {
		add_option(argv, "--ops", m->ops, "");
		add_option(argv, "--batches", m->batches, "");
		add_option(argv, "--warm-up", m->warm_up, "");
	}
	return json_pack("{s:o}", "argv", argv);
}

static int put_row(const struct sample_sink *sink, enum sample_status status, const char *reason,
		   uint64_t batch, struct err *err)
{
	struct sample s = {.batch = batch, .status = status};

	sample_set_reason(&s, "%s", reason);
	return sink->put(sink->ctx, &s, err);
}

/* A layer's clock must not run faster than the host's: the batch lay within the host's interval. */
static void check_clocks(struct sample *s)
{
	double inside = (double)s->elapsed_ns, outside = (double)s->host_elapsed_ns;
	char why[100];

	if (s->status != SAMPLE_OK || strstr(s->reason, SAMPLE_TOLD) ||
	    inside <= outside * (1 + RATE_TOLERANCE))
		return;
	snprintf(why, sizeof(why), "the layer's clock saw %.3f ms, the host's only %.3f ms",
		 inside / 1e6, outside / 1e6);
	sample_suspect(s, why);
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
	return 0;
}

/* Ends a run that hangs; a layer that does not even answer to that is given up. */
static void cancel(const struct measuring *m, struct link *link, json_int_t id, const char *why)
{
	uint64_t end = clock_now(link->clock) + CANCEL_LIMIT_NS, now;
	enum link_event event;
	json_t *message;
	struct err err;

	if (link_tell(link, id, (int)m->layer, "cancel", &err) < 0)
		return;
	/* One limit for all answers: an agent that never stops talking must not hold us. */
	do {
		now = clock_now(link->clock);
		event = link_wait(link, id, (int)m->layer, now < end ? end - now : 0, &message,
				  &err);
		json_decref(message);
	} while (event == LINK_READY || event == LINK_ROW);
	if (event == LINK_TIMEOUT)
		link_lose(link, (int)m->layer, why);
}

/* Turns the end of a wait that brought no answer into a row. */
static int put_failure(const struct measuring *m, struct link *link, json_int_t id,
		       enum link_event event, uint64_t batch, const struct sample_sink *sink,
		       struct err *err)
{
	char why[SAMPLE_REASON];

	if (event == LINK_INTERRUPT)
		return -1;
	if (event != LINK_TIMEOUT)
		return put_row(sink, SAMPLE_FAIL, err->text, batch, err);
	snprintf(why, sizeof(why), "%s of %s did not end within %.0f s",
		 batch ? "a batch" : "the setup", m->work->workload->name,
		 (double)(batch ? m->batch_limit_ns : m->setup_limit_ns) / 1e9);
	cancel(m, link, id, why);
	return put_row(sink, SAMPLE_TIMEOUT, why, batch, err);
}

/* How the job goes on behind a batch; -1 is as of measuring_run. */
enum { NOTHING_MORE = 0, NEXT_BATCH, ONLY_THE_END };

/* Starts one batch and takes its row. */
static int run_batch(const struct measuring *m, struct link *link, json_int_t id, uint64_t batch,
		     const struct sample_sink *sink, struct err *err)
{
	uint64_t start = clock_now(link->clock), end;
	enum link_event event;
	struct sample s;
	json_t *message;
	int read;

	if (link_tell(link, id, (int)m->layer, "step", err) < 0)
		return put_failure(m, link, id, LINK_GONE, batch, sink, err);
	event = link_wait(link, id, (int)m->layer, m->batch_limit_ns, &message, err);
	end = clock_now(link->clock);
	if (event != LINK_ROW) {
		json_decref(message);
		if (event == LINK_DONE || event == LINK_READY)
			err_set(err, EXIT_INTERNAL, "nestkernel ended before batch %" PRIu64,
				batch);
		if (event == LINK_READY)
			cancel(m, link, id, err->text);
		return put_failure(m, link, id, event, batch, sink, err);
	}
	read = read_row(m, message, batch, &s, err);
	json_decref(message);
	if (read < 0) {
		cancel(m, link, id, err->text);
		return put_row(sink, SAMPLE_FAIL, err->text, batch, err);
	}
	s.host_elapsed_ns = end - start;
	check_clocks(&s);
	if (sink->put(sink->ctx, &s, err) < 0)
		return -1;
	return s.status == SAMPLE_OK || s.status == SAMPLE_SUSPECT ? NEXT_BATCH : ONLY_THE_END;
}

/* The kernel could not be set up and said so in a row. */
static int put_refusal(const struct measuring *m, json_t *message, const struct sample_sink *sink,
		       struct err *err)
{
	struct sample s;

	if (read_row(m, message, 0, &s, err) < 0)
		return put_row(sink, SAMPLE_FAIL, err->text, 0, err);
	if (s.status == SAMPLE_OK || s.status == SAMPLE_SUSPECT)
		return put_row(sink, SAMPLE_FAIL, "a measured batch before any was asked for", 0,
			       err);
	return sink->put(sink->ctx, &s, err);
}

int measuring_run(const struct measuring *m, struct link *link, const struct sample_sink *sink,
		  struct err *err)
{
	uint64_t batches = m->ops ? m->warm_up + m->batches : 1;
	json_int_t id = link_ask(link, (int)m->layer, "run", kernel_argv(m), err);
	enum link_event event;
	int next = NEXT_BATCH;
	json_t *message;

	if (id < 0)
		return put_row(sink, SAMPLE_FAIL, err->text, 0, err);
	event = link_wait(link, id, (int)m->layer, m->setup_limit_ns, &message, err);
	if (event == LINK_ROW)
		next = put_refusal(m, message, sink, err) < 0 ? -1 : ONLY_THE_END;
	json_decref(message);
	if (event == LINK_DONE)
		err_set(err, EXIT_INTERNAL, "nestkernel ended without a row");
	if (event != LINK_READY && event != LINK_ROW)
		return put_failure(m, link, id, event, 0, sink, err);
	for (uint64_t batch = 1; next == NEXT_BATCH && batch <= batches; batch++)
		next = run_batch(m, link, id, batch, sink, err);
	if (next <= NOTHING_MORE)
		return next;
	/* A layer that went away meanwhile is noticed by the next job. */
	event = link_wait(link, id, (int)m->layer, m->setup_limit_ns, &message, err);
	json_decref(message);
	if (event == LINK_TIMEOUT)
		cancel(m, link, id, "nestkernel did not end");
	return event == LINK_INTERRUPT ? -1 : 0;
}
