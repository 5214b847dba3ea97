/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/agent/programs.h"
#include "bench/session/disturbance.h"
#include "drivers/host/machine.h"
#include "drivers/image/image.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"

enum { MODULES_WAIT_MS = 30000, MODULES_STEP_MS = 20 };

/*
 * Pins kernels to the CPUs that the same plan gives the vCPUs of a child layer, which may be
 * several VMs: `planned` CPUs in all, of which kernels use the first `measured`.
 */
static int choose_cpus(struct agent *a, json_int_t measured, json_int_t planned,
		       struct facts *facts, struct err *err)
{
	struct buf list = BUF_INIT;

	if (measured < 1 || measured > planned || planned > PLACEMENT_CPUS)
		return err_set(err, EXIT_INTERNAL, "describe: measured_vcpus is out of range");
	if (placement_permitted(err) < 0 || placement_plan(NULL, (int)planned, &a->place, err) < 0)
		return -1;
	a->measured = (int)measured;
	for (int i = 0; i < a->measured; i++)
		buf_addf(&list, "%s%d", i ? "," : "", a->place.measured[i]);
	facts_set(facts, "measured_cpus", "%s", buf_str(&list));
	buf_release(&list);
	if (a->place.notes[0])
		facts_set(facts, "not_honoured.placement", "%s", a->place.notes);
	return 0;
}

/* Those that our own guests start without, so that they start faster (drivers/image/image.h). */
static void load_modules(const struct agent *a)
{
	const struct timespec step = {.tv_nsec = MODULES_STEP_MS * 1000000};

	for (int ms = 0; a->inside.own_kernel && ms < MODULES_WAIT_MS; ms += MODULES_STEP_MS) {
		int fd = open(IMAGE_LOADING, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0 && errno == ENOENT)
			return;
		if (fd >= 0)
			close(fd);
		nanosleep(&step, NULL);
	}
}

static void describe(struct agent *a, json_int_t id, json_t *request)
{
	json_int_t measured = json_integer_value(json_object_get(request, "measured_vcpus"));
	json_int_t planned = json_integer_value(json_object_get(request, "planned_vcpus"));
	struct facts facts = FACTS_INIT;
	char sha[SHA256_HEX];
	struct err err;

	load_modules(a);
	machine_describe(&facts);
	if (choose_cpus(a, measured, planned, &facts, &err) < 0)
		facts_set(&facts, "not_honoured.pinning", "%s", err.text);
	if (program_hash("nestkernel", sha, &err) == 0)
		facts_set(&facts, "nestkernel_sha256", "%s", sha);
	if (program_hash("nestkernel-dl", sha, &err) == 0)
		facts_set(&facts, "nestkernel_dl_sha256", "%s", sha);
	agent_answer(a, id, "done", agent_facts_to_json(&facts));
	facts_release(&facts);
}

/* ---- from the parent layer ---- */

static void stop_all(struct agent *a, json_int_t id)
{
	agent_run_end(a);
	agent_guests_stop(a);
	a->stopping = true;
	agent_answer(a, id, "done", NULL);
}

static void pong(struct agent *a, json_int_t id)
{
	uint64_t now = clock_now(&clock_machine);
	char source[32];
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	file_line(source, sizeof(source),
		  "/sys/devices/system/clocksource/clocksource0/current_clocksource");
	agent_answer(a, id, "done",
		     json_pack("{s:I, s:I, s:s}", "now_ns", (json_int_t)now, "cpu_ns",
			       (json_int_t)cpu.tv_sec * (json_int_t)NS_PER_S + cpu.tv_nsec,
			       "clocksource", source));
}

static void tell_noise(struct agent *a, json_int_t id)
{
	const struct noise_source here = {.root = "",
					  .pid = getpid(),
					  .measured = a->place.measured,
					  .measured_count = a->measured};
	struct noise_reading now;
	struct err err;

	if (noise_read(&here, &now, &err) < 0) {
		agent_answer_error(a, id, &err);
		return;
	}
	now.at_ns = clock_now(&clock_machine);
	agent_answer(a, id, "done", disturbance_to_json(&now));
}

/* Whether a machine that exists is a VM of this one. */
static void find_machine(struct agent *a, json_int_t id, const json_t *request)
{
	const char *uuid = json_string_value(json_object_get(request, "uuid"));
	struct heartbeat heartbeat = {0};
	struct facts facts = FACTS_INIT;
	struct buf said = BUF_INIT;
	struct err err;
	int runs;

	if (heartbeat_begin(&heartbeat, a, id, &err) < 0) {
		agent_answer_error(a, id, &err);
		return;
	}
	heartbeat_tell(&heartbeat, "what VMs there are");
	runs = uuid ? drivers_run(uuid, &said, &err)
		    : err_set(&err, EXIT_INTERNAL, "find_machine: there is no uuid");
	heartbeat_end(&heartbeat);
	if (runs < 0)
		agent_answer_error(a, id, &err);
	else {
		facts_set(&facts, "found", "%s", runs ? buf_str(&said) : "");
		agent_answer(a, id, "done", agent_facts_to_json(&facts));
	}
	facts_release(&facts);
	buf_release(&said);
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
	else if (strcmp(verb, "noise") == 0)
		tell_noise(a, id);
	else if (strcmp(verb, "count") == 0)
		agent_guest_count(a, id, request);
	else if (strcmp(verb, "describe") == 0)
		describe(a, id, request);
	else if (strcmp(verb, "start_child") == 0)
		agent_guest_start(a, id, request);
	else if (strcmp(verb, "find_machine") == 0)
		find_machine(a, id, request);
	else if (strcmp(verb, "examine_child") == 0)
		agent_guest_examine(a, id, request);
	else if (strcmp(verb, "stop_child") == 0) {
		agent_guests_stop(a);
		agent_answer(a, id, "done", NULL);
	} else if (strcmp(verb, "cancel") == 0) {
		if (id == a->run_id)
			agent_run_end(a);
		agent_answer(a, id, "done", NULL);
	} else if (strcmp(verb, "stop") == 0)
		stop_all(a, id);
	else {
		err_set(&err, EXIT_INTERNAL, "the agent has no request \"%.40s\"", verb);
		agent_answer_error(a, id, &err);
	}
}

/*
 * Behind hello, with which the boot ends: only net kernels need it. Without its network a layer is
 * worth measuring all the same; they will say so.
 */
static void set_up_network(struct agent *a)
{
	struct heartbeat heartbeat = {0};
	struct err err;

	if (!a->inside.net[0])
		return;
	if (heartbeat_begin(&heartbeat, a, 0, &err) < 0)
		fprintf(stderr, "nestbench agent: %s\n", err.text);
	else
		heartbeat_tell(&heartbeat, "its network card");
	if (net_guest_setup(a->inside.net, &a->net, &err) < 0)
		fprintf(stderr, "nestbench agent: no network: %s\n", err.text);
	heartbeat_end(&heartbeat);
	if (a->net.listener >= 0)
		agent_answer(a, 0, "listening", NULL);
}

/* An agent with a malformed configuration cannot know which messages are for it. */
static void configure(struct agent *a, json_int_t id, json_t *message)
{
	struct err err;

	if (a->configured)
		err_set(&err, EXIT_INTERNAL, "the agent is configured already");
	else if (configure_message_read(message, &a->layer, &a->depth, &a->inside, &err) == 0) {
		a->configured = json_incref(message);
		set_up_network(a);
		return;
	}
	agent_answer_error(a, id, &err);
	a->stopping = !a->configured;
}

static void from_above(struct agent *a)
{
	struct err err = {0};
	int more = channel_fill(&a->up, &err);
	json_t *m;

	a->heard_ns = clock_now(&clock_machine);
	while ((m = channel_take(&a->up, &err)) || err.text[0]) {
		json_int_t id = json_integer_value(json_object_get(m, "id"));
		json_int_t to = json_integer_value(json_object_get(m, "to"));
		const char *verb = json_string_value(json_object_get(m, "do"));

		if (!m || !verb) {
			fprintf(stderr, "nestbench agent: %s\n",
				m ? "a request without a verb" : err.text);
		} else if (strcmp(verb, "configure") == 0 || !a->configured) {
			configure(a, id, m);
		} else if (to == (json_int_t)a->layer) {
			handle(a, id, verb, m);
		} else if (agent_leads_to(a, to)) {
			agent_pass_down(a, id, m);
		} else {
			err_set(&err, EXIT_INTERNAL, "there is no layer %" JSON_INTEGER_FORMAT, to);
			agent_answer_error(a, id, &err);
		}
		json_decref(m);
	}
	if (more <= 0)
		a->stopping = true;
}

static int open_port(struct agent *a, const char *port, struct err *err)
{
	int fd;

	if (strcmp(port, "-") == 0) {
		channel_open(&a->up, 0, 1);
		return 0;
	}
	fd = open(port, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot open the port %s to the parent layer",
				 port);
	channel_open(&a->up, fd, fd);
	return 0;
}

/* Everything that may be readable; the order is that of what is heard first. */
struct listening {
	struct pollfd fd[COPIES_MAX + GUESTS_MAX + 3];
	uint32_t copies;		    /* the first so many are kernels of the run, */
	uint32_t guests, guest[GUESTS_MAX]; /* then these guests, the parent layer, SIGTERM, */
	uint32_t count;			    /* and what the kernels say on stderr */
};

static void listen_to(const struct agent *a, struct listening *l)
{
	uint32_t n = 0;

	l->copies = a->run_id ? a->copies : 0;
	while (n < l->copies) {
		l->fd[n] = (struct pollfd){.fd = a->copy[n].child.out, .events = POLLIN};
		n++;
	}
	l->guests = 0;
	for (uint32_t i = 0; i < GUESTS_MAX; i++)
		if (a->guest[i]) {
			l->fd[n++] =
				(struct pollfd){.fd = a->guest[i]->channel.fd_in, .events = POLLIN};
			l->guest[l->guests++] = i;
		}
	l->fd[n++] = (struct pollfd){.fd = a->up.fd_in, .events = POLLIN};
	l->fd[n++] = (struct pollfd){.fd = interrupt_fd(), .events = POLLIN};
	l->fd[n++] = (struct pollfd){.fd = a->talk, .events = POLLIN};
	l->count = n;
}

/* For poll: until the lease ends; -1: there is none. */
static int lease_left_ms(const struct agent *a)
{
	uint64_t silent = clock_now(&clock_machine) - a->heard_ns;

	if (!a->lease_ns)
		return -1;
	return silent < a->lease_ns ? (int)((a->lease_ns - silent) / NS_PER_MS) + 1 : 0;
}

static void serve(struct agent *a)
{
	struct listening l;

	while (!a->stopping) {
		json_int_t run = a->run_id;

		listen_to(a, &l);
		if (poll(l.fd, l.count, lease_left_ms(a)) < 0)
			continue;
		/* What came while a request kept us busy counts. */
		if (!l.fd[l.copies + l.guests].revents && lease_left_ms(a) == 0)
			return;
		if (l.fd[l.copies + l.guests + 1].revents)
			return;
		if (l.fd[l.count - 1].revents)
			agent_run_talk(a);
		/* The kernels first: their rows must not wait behind other talk. */
		for (uint32_t i = 0; i < l.copies && a->run_id && a->run_id == run; i++)
			if (l.fd[i].revents)
				agent_run_output(a, i);
		for (uint32_t i = 0; i < l.guests; i++)
			if (l.fd[l.copies + i].revents && a->guest[l.guest[i]])
				agent_from_below(a, (int)l.guest[i]);
		if (l.fd[l.copies + l.guests].revents)
			from_above(a);
	}
}

int agent_serve(const char *port, uint64_t lease_ns, struct err *err)
{
	struct agent a = {.up = CHANNEL_INIT,
			  .lease_ns = lease_ns,
			  .heard_ns = clock_now(&clock_machine),
			  .net = NET_GUEST_NONE,
			  .talk = -1,
			  .talk_to = -1};
	int fd;

	/* SIGTERM comes when the reaper dies: then only the agent itself can end what it started.
	 */
	if (interrupt_install(err) < 0)
		return -1;
	if (open_port(&a, port, err) < 0)
		return -1;
	agent_answer(&a, 0, "hello", NULL);
	serve(&a);
	agent_run_end(&a);
	agent_guests_stop(&a);
	agent_probes_release(&a);
	net_guest_release(&a.net);
	fd = a.up.fd_in;
	channel_release(&a.up);
	if (fd > 0)
		close(fd);
	json_decref(a.configured);
	return 0;
}
