/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/base/interrupt.h"
#include "bench/program.h"
#include "drivers/machine.h"

/* A layer whose agent sends more lines than that which are no messages is given up. */
enum { GARBLED_MAX = 20 };

static int send_up(struct agent *a, json_t *answer)
{
	struct err err;

	if (channel_send(&a->up, answer, &err) == 0)
		return 0;
	/* Nobody hears us any more: end, so that nothing is left behind. */
	fprintf(stderr, "nestbench agent: %s\n", err.text);
	a->stopping = true;
	return -1;
}

int agent_answer(struct agent *a, json_int_t id, const char *is, json_t *body)
{
	json_t *m =
		json_pack("{s:I, s:I, s:s}", "id", id, "from", (json_int_t)a->opt->depth, "is", is);

	if (m && body && json_object_update(m, body) < 0) {
		json_decref(m);
		m = NULL;
	}
	json_decref(body);
	return send_up(a, m);
}

int agent_answer_error(struct agent *a, json_int_t id, const struct err *err)
{
	return agent_answer(a, id, "error",
			    json_pack("{s:s%, s:i}", "text", err->text, strlen(err->text), "code",
				      (int)err->code));
}

static json_t *facts_to_json(const struct facts *facts)
{
	json_t *o = json_object();

	for (size_t i = 0; i < facts->count; i++)
		json_object_set_new(o, facts->item[i].key, json_string(facts->item[i].value));
	return json_pack("{s:o}", "facts", o);
}

/* Pins kernels to the CPUs that the same plan gives the vCPUs of a layer below. */
static int choose_cpus(struct agent *a, json_int_t measured, struct facts *facts, struct err *err)
{
	struct buf list = BUF_INIT;

	if (measured < 1 || measured > PLACEMENT_CPUS)
		return err_set(err, EXIT_INTERNAL, "describe: measured_vcpus is out of range");
	if (placement_plan(NULL, (int)measured, &a->place, err) < 0)
		return -1;
	for (int i = 0; i < a->place.measured_count; i++)
		buf_addf(&list, "%s%d", i ? "," : "", a->place.measured[i]);
	if (buf_check(&list, err) == 0)
		snprintf(a->cpus, sizeof(a->cpus), "%s", buf_str(&list));
	buf_release(&list);
	facts_set(facts, "measured_cpus", "%s", a->cpus);
	if (a->place.notes[0])
		facts_set(facts, "not_honoured.placement", "%s", a->place.notes);
	return 0;
}

static void describe(struct agent *a, json_int_t id, json_t *request)
{
	json_int_t measured = json_integer_value(json_object_get(request, "measured_vcpus"));
	struct facts facts = FACTS_INIT;
	char sha[SHA256_HEX], *path;
	struct err err;

	machine_describe(&facts);
	if (choose_cpus(a, measured, &facts, &err) < 0)
		facts_set(&facts, "not_honoured.pinning", "%s", err.text);
	path = program_path("nestkernel", &err);
	if (path && file_sha256(path, sha, &err) == 0)
		facts_set(&facts, "nestkernel_sha256", "%s", sha);
	free(path);
	agent_answer(a, id, "done", facts_to_json(&facts));
	facts_release(&facts);
}

/* ---- the layer below ---- */

static void stop_child(struct agent *a)
{
	if (!a->child_up)
		return;
	channel_release(&a->down);
	a->child.driver->stop(&a->child);
	facts_release(&a->child.facts);
	loan_end(&a->loan);
	a->child_up = false;
}

static int read_shape(struct agent *a, json_t *request, struct layer_config *c,
		      struct lend_wish *wish, struct err *err)
{
	json_int_t memory, boot_limit;
	const char *accel, *run;
	json_error_t why;

	if (json_unpack_ex(request, &why, 0, "{s:i, s:i, s:i, s:i, s:I, s:s, s:s, s:I}", "depth",
			   &c->depth, "below", &c->below, "vcpus", &c->vcpus, "measured_vcpus",
			   &c->measured_vcpus, "memory_bytes", &memory, "accel", &accel, "run",
			   &run, "boot_limit_ns", &boot_limit) < 0)
		return err_set(err, EXIT_INTERNAL, "start_child: %s", why.text);
	if (c->depth != (int)a->opt->depth + 1 || c->depth > DEPTH_MAX || c->vcpus < 1 ||
	    c->measured_vcpus < 1 || c->measured_vcpus > c->vcpus || memory < 1 || boot_limit < 0 ||
	    strlen(run) >= sizeof(a->child_run))
		return err_set(err, EXIT_INTERNAL, "start_child: a value is out of range");
	strcpy(a->child_run, run);
	c->memory_bytes = (uint64_t)memory;
	c->boot_limit_ns = (uint64_t)boot_limit;
	c->run = a->child_run;
	c->uri = a->opt->connect;
	c->emulator = a->opt->emulator;
	c->work_dir = a->opt->work_dir;
	c->kernel = a->opt->kernel;
	c->initrd = a->opt->initrd;
	c->disk = a->opt->disk;
	c->scratch = a->opt->scratch;
	c->placement = a->place.measured_count ? &a->place : NULL;
	c->cancel_fd = a->up.fd_in;
	if (lend_wish_from_json(request, wish, err) < 0)
		return -1;
	return accel_parse(accel, &c->accel, err);
}

static void start_child(struct agent *a, json_int_t id, json_t *request)
{
	struct layer_config config = {0};
	struct lend_wish wish;
	struct err err;

	stop_child(a);
	if (read_shape(a, request, &config, &wish, &err) < 0)
		goto failed;
	if (!config.kernel || !config.initrd || !config.disk) {
		err_set(&err, EXIT_MACHINE, "L%" PRIu64 " has no guest image to start a layer from",
			a->opt->depth);
		goto failed;
	}
	if (loan_make(&a->loan, &wish, &config, &err) < 0)
		goto failed;
	a->child = (struct layer){.driver = driver_load_libvirt(&err), .config = config, .fd = -1};
	if (!a->child.driver || a->child.driver->start(&a->child, &err) < 0) {
		facts_release(&a->child.facts);
		loan_end(&a->loan);
		goto failed;
	}
	a->child_up = true;
	a->garbled = 0;
	channel_open(&a->down, a->child.fd, a->child.fd);
	/* Without its network a layer is worth measuring all the same. */
	if (loan_use(&a->loan, &a->child.facts, &err) < 0)
		fprintf(stderr, "nestbench agent: %s\n", err.text);
	agent_answer(a, id, "done", facts_to_json(&a->child.facts));
	return;
failed:
	agent_answer_error(a, id, &err);
}

static void child_gone(struct agent *a, const char *why)
{
	json_t *m = json_pack("{s:i, s:I, s:s, s:s}", "id", 0, "from",
			      (json_int_t)a->opt->depth + 1, "is", "gone", "text", why);

	stop_child(a);
	send_up(a, m);
}

/* Hands up what comes from below, after a look at its frame; nothing else of it is believed here.
 */
static void from_below(struct agent *a)
{
	struct err err = {0};
	int more = channel_fill(&a->down, &err);
	json_t *m;

	while (a->child_up && ((m = channel_take(&a->down, &err)) || err.text[0])) {
		json_int_t from;

		if (!m && ++a->garbled > GARBLED_MAX) {
			child_gone(a, "its agent sends what is no message");
			return;
		}
		if (!m) {
			fprintf(stderr, "nestbench agent: from below: %s\n", err.text);
			continue;
		}
		from = json_integer_value(json_object_get(m, "from"));
		if (from > (json_int_t)a->opt->depth && from <= DEPTH_MAX)
			send_up(a, m);
		else
			json_decref(m);
	}
	if (more <= 0 && a->child_up)
		child_gone(a, more == 0 ? "its agent hung up (the layer went down)" : err.text);
}

/* ---- from above ---- */

static void stop_all(struct agent *a, json_int_t id)
{
	agent_run_end(a);
	stop_child(a);
	a->stopping = true;
	agent_answer(a, id, "done", NULL);
}

static void pong(struct agent *a, json_int_t id)
{
	uint64_t now = clock_now(&clock_machine);
	char source[32];
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	file_first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", source,
			sizeof(source));
	agent_answer(a, id, "done",
		     json_pack("{s:I, s:I, s:s}", "now_ns", (json_int_t)now, "cpu_ns",
			       (json_int_t)cpu.tv_sec * (json_int_t)NS_PER_S + cpu.tv_nsec,
			       "clocksource", source));
}

static void handle(struct agent *a, json_int_t id, const char *verb, json_t *request)
{
	struct err err;

	if (strcmp(verb, "run") == 0)
		agent_run_start(a, id, request);
	else if (strcmp(verb, "step") == 0)
		agent_run_step(a, id);
	else if (strcmp(verb, "ping") == 0)
		pong(a, id);
	else if (strcmp(verb, "describe") == 0)
		describe(a, id, request);
	else if (strcmp(verb, "start_child") == 0)
		start_child(a, id, request);
	else if (strcmp(verb, "stop_child") == 0) {
		stop_child(a);
		agent_answer(a, id, "done", NULL);
	} else if (strcmp(verb, "cancel") == 0) {
		if (id == a->run_id) {
			agent_run_end(a);
			agent_answer(a, id, "done", NULL);
		}
	} else if (strcmp(verb, "stop") == 0)
		stop_all(a, id);
	else {
		err_set(&err, EXIT_INTERNAL, "the agent has no request \"%.40s\"", verb);
		agent_answer_error(a, id, &err);
	}
}

static void from_above(struct agent *a)
{
	struct err err = {0};
	int more = channel_fill(&a->up, &err);
	json_t *m;

	while ((m = channel_take(&a->up, &err)) || err.text[0]) {
		json_int_t id = json_integer_value(json_object_get(m, "id"));
		json_int_t to = json_integer_value(json_object_get(m, "to"));
		const char *verb = json_string_value(json_object_get(m, "do"));

		if (!m || !verb) {
			fprintf(stderr, "nestbench agent: %s\n",
				m ? "a request without a verb" : err.text);
		} else if (to == (json_int_t)a->opt->depth) {
			handle(a, id, verb, m);
		} else if (to > (json_int_t)a->opt->depth && a->child_up) {
			if (channel_send(&a->down, json_incref(m), &err) < 0)
				child_gone(a, err.text);
		} else {
			err_set(&err, EXIT_INTERNAL, "there is no layer L%" JSON_INTEGER_FORMAT,
				to);
			agent_answer_error(a, id, &err);
		}
		json_decref(m);
	}
	if (more <= 0)
		a->stopping = true;
}

static int open_port(struct agent *a, struct err *err)
{
	int fd;

	if (strcmp(a->opt->port, "-") == 0) {
		channel_open(&a->up, 0, 1);
		return 0;
	}
	fd = open(a->opt->port, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot open the port %s to the layer above",
				 a->opt->port);
	channel_open(&a->up, fd, fd);
	return 0;
}

static void serve(struct agent *a)
{
	while (!a->stopping) {
		struct pollfd p[] = {
			{.fd = a->up.fd_in, .events = POLLIN},
			{.fd = a->child_up ? a->down.fd_in : -1, .events = POLLIN},
			{.fd = a->run_id ? a->kernel.out : -1, .events = POLLIN},
			{.fd = interrupt_fd(), .events = POLLIN},
		};

		if (poll(p, 4, -1) < 0)
			continue;
		if (p[3].revents)
			return;
		/* The kernel first: its row must not wait behind other talk. */
		if (p[2].revents && a->run_id)
			agent_run_output(a);
		if (p[1].revents && a->child_up)
			from_below(a);
		if (p[0].revents)
			from_above(a);
	}
}

int agent_serve(const struct agent_options *opt, struct err *err)
{
	struct agent a = {.opt = opt,
			  .up = CHANNEL_INIT,
			  .down = CHANNEL_INIT,
			  .kernel = CHILD_NONE,
			  .loan = LOAN_NONE,
			  .net = NET_GUEST_NONE};
	int port;

	/* SIGTERM comes when the keeper dies: then nobody else would end what was started here. */
	if (interrupt_install(err) < 0)
		return -1;
	if (open_port(&a, err) < 0)
		return -1;
	/* Without its network a layer is worth measuring all the same; net kernels will say so. */
	if (opt->depth > 0 && net_guest_setup("/proc/cmdline", &a.net, err) < 0)
		fprintf(stderr, "nestbench agent: no network: %s\n", err->text);
	agent_answer(&a, 0, "hello", NULL);
	serve(&a);
	agent_run_end(&a);
	stop_child(&a);
	net_guest_release(&a.net);
	port = a.up.fd_in;
	channel_release(&a.up);
	if (port > 0)
		close(port);
	return 0;
}
