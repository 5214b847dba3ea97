/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/fake.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/link/channel.h"
#include "lib/clock.h"
#include "lib/sample.h"

enum { FAKE_LAYERS = 8 };

struct fake_script fake_script;
int fake_agents, fake_hangs, fake_threads_named;

static atomic_bool hanging;
static _Atomic uint64_t lost_ns;

static uint64_t fake_now(void *ctx)
{
	(void)ctx;
	if (atomic_exchange(&hanging, false))
		atomic_fetch_add(&lost_ns, 3600 * NS_PER_S);
	return clock_now(&clock_machine) + atomic_load(&lost_ns);
}

const struct clock fake_clock = {.now_ns = fake_now};

struct fake {
	struct channel channel;
	pthread_t thread;
	json_int_t run_id;
	int runs, run_layer;
	uint64_t batch, ops, warm_up;
	bool calibrating;
	int frozen;	 /* this layer is, and all below; 0: none */
	int layers_gone; /* layers from here on are gone; 0: none */
	uint64_t began_ns;
	int guests, copies;		/* of the run */
	int guest;			/* that speaks */
	uint32_t readings[FAKE_LAYERS]; /* of noise, so far */
	uint64_t busy_ns[FAKE_LAYERS];
};

static bool has_trouble(const struct fake *f, int layer, enum fake_trouble trouble)
{
	return fake_script.trouble == trouble &&
	       (fake_script.layer == layer || fake_script.layer == FAKE_ALL_LAYERS) &&
	       f->runs > fake_script.after_runs;
}

static void say(struct fake *f, json_int_t id, int from, const char *is, json_t *more)
{
	json_t *m = json_pack("{s:I, s:i, s:i, s:s}", "id", id, "from", from, "guest", f->guest,
			      "is", is);
	struct err err;

	if (more)
		json_object_update(m, more);
	json_decref(more);
	channel_send(&f->channel, m, &err);
}

static void fail(struct fake *f, json_int_t id, int from, const char *text)
{
	say(f, id, from, "error", json_pack("{s:s, s:i}", "text", text, "code", 3));
}

static void send_row(struct fake *f, const struct sample *s)
{
	char line[SAMPLE_LINE];

	say(f, f->run_id, f->run_layer, "row",
	    json_pack("{s:s}", "line", sample_format_line(s, line)));
}

/* The number that follows a word of a run; without it, `missing`. */
static uint64_t number_of(json_t *argv, const char *name, uint64_t missing)
{
	for (size_t i = 0; i + 1 < json_array_size(argv); i++)
		if (strcmp(json_string_value(json_array_get(argv, i)), name) == 0)
			return strtoull(json_string_value(json_array_get(argv, i + 1)), NULL, 10);
	return missing;
}

static void read_words(struct fake *f, json_t *argv)
{
	f->ops = number_of(argv, "--ops", 0);
	f->warm_up = number_of(argv, "--warm-up", 0);
	f->calibrating = f->ops == 0;
	if (f->calibrating)
		f->ops = 1000;
	fake_threads_named += number_of(argv, "--threads", 0) > 0;
}

static int count_of(json_t *request, const char *name)
{
	json_t *number = json_object_get(request, name);

	return number ? (int)json_integer_value(number) : 1;
}

static void start_run(struct fake *f, json_int_t id, int layer, json_t *request)
{
	f->runs++;
	f->guests = count_of(request, "guests");
	f->copies = count_of(request, "copies");
	f->run_id = id;
	f->run_layer = layer;
	f->batch = 0;
	read_words(f, json_object_get(request, "argv"));
	if (has_trouble(f, layer, FAKE_SKIPS)) {
		struct sample s = {.status = SAMPLE_SKIP, .reason = "it cannot"};

		send_row(f, &s);
		say(f, id, layer, "done", NULL);
	} else {
		for (f->guest = 0; f->guest < f->guests; f->guest++)
			say(f, id, layer, "ready", NULL);
		f->guest = 0;
	}
}

static bool is_last(const struct fake *f)
{
	return f->batch == (f->calibrating ? 1 : FAKE_BATCHES);
}

/* The rows of all copies; a guest that is through says so before others have sent theirs. */
static void send_rows(struct fake *f, const struct sample *s)
{
	for (f->guest = 0; f->guest < f->guests; f->guest++) {
		for (int i = 0; i < f->copies; i++) {
			struct sample copy = *s;

			if (f->guest * f->copies + i > 0 && f->guest == f->guests - 1 &&
			    i == f->copies - 1)
				copy.elapsed_ns *= 2;
			send_row(f, &copy);
		}
		if (is_last(f))
			say(f, f->run_id, f->run_layer, "done", NULL);
	}
	f->guest = 0;
}

static void good_row(struct fake *f, int layer)
{
	struct sample s = {.batch = ++f->batch, .ops = f->ops, .digest = f->ops};

	s.elapsed_ns = f->ops * ((uint64_t)FAKE_NS << layer) / 1000;
	usleep((unsigned)(s.elapsed_ns / 1000) * (f->guests * f->copies > 1 ? 2 : 1) + 100);
	if (f->calibrating)
		s.batch = 0;
	else if (has_trouble(f, layer, FAKE_LIES))
		s.ops++;
	else if (has_trouble(f, layer, FAKE_FAST_CLOCK))
		s.elapsed_ns = s.elapsed_ns * 10 + NS_PER_S;
	if (f->batch <= f->warm_up)
		s.flags = SAMPLE_WARM_UP;
	send_rows(f, &s);
}

static void flood(struct fake *f, int layer)
{
	for (int i = 0; i < 2000; i++) {
		say(f, 1000000 + i, layer, "row", json_pack("{s:s}", "line", "1,2,3"));
		say(f, f->run_id, 7, "row", json_pack("{s:s}", "line", "another layer's"));
	}
}

/* An hour passes, once, when the host waits; an unrequested message wakes it to see that. */
static void hang(struct fake *f)
{
	usleep(50000);
	atomic_store(&hanging, true);
	say(f, 0, DEPTH_MAX + 1, "late", NULL);
}

static void count_down(void)
{
	if (fake_script.times && --fake_script.times == 0)
		fake_script.trouble = FAKE_FINE;
}

static void freeze(struct fake *f, int layer)
{
	f->frozen = layer;
	count_down();
	hang(f);
}

/* Ten seconds pass before each sign of life. */
static void start_slowly(struct fake *f, json_int_t id, int layer, int signs)
{
	for (int i = 0; i < signs; i++) {
		atomic_fetch_add(&lost_ns, 10 * NS_PER_S);
		say(f, id, layer, "busy", json_pack("{s:s}", "text", "the \033[31mmoon"));
		usleep(2000);
	}
}

static json_t *evidence(void)
{
	return json_pack("{s:s, s:s, s:s, s:i}", "why", "SHUTDOWN (\033guest-reset)", "console.txt",
			 "Kernel panic\n\033[31mbad\n", "../x", "escaped", "log.txt", 5);
}

static void step(struct fake *f, json_int_t id, int layer)
{
	if (has_trouble(f, layer, FAKE_FREEZES_LATE))
		freeze(f, layer);
	else if (has_trouble(f, layer - 1, FAKE_FREEZES_BELOW))
		freeze(f, layer - 1);
	else if (has_trouble(f, layer, FAKE_DIES) && layer == 0) {
		shutdown(f->channel.fd_in, SHUT_RDWR);
	} else if (has_trouble(f, layer, FAKE_DIES)) {
		f->layers_gone = layer;
		count_down();
		say(f, 0, layer, "gone",
		    json_pack("{s:s, s:o}", "text", "\033[31mQEMU died", "evidence", evidence()));
	} else if (has_trouble(f, layer, FAKE_GUEST_DIES) && f->guests > 1) {
		f->guest = 1;
		say(f, 0, layer, "gone", json_pack("{s:s}", "text", "its QEMU died"));
		f->guest = 0;
	} else if (has_trouble(f, layer, FAKE_GUEST_CRASHES) && f->guests > FAKE_GUEST) {
		f->guest = FAKE_GUEST;
		fail(f, id, layer, "nestkernel was ended by signal 11");
		f->guest = 0;
	} else if (has_trouble(f, layer, FAKE_GUEST_HANGS) && f->guests > FAKE_GUEST) {
		hang(f);
	} else if (has_trouble(f, layer, FAKE_HANGS)) {
		fake_hangs++;
		count_down();
		hang(f);
	} else if (has_trouble(f, layer, FAKE_DEAF)) {
		hang(f);
	} else if (has_trouble(f, layer, FAKE_CRASHES) && f->batch == 1) {
		fail(f, id, layer, "nestkernel was ended by signal 11");
	} else if (has_trouble(f, layer, FAKE_GARBLES)) {
		say(f, id, layer, "row", json_pack("{s:s}", "line", "1,NaN,0,1,0,0,0,0,0,,ok,"));
	} else {
		if (has_trouble(f, layer, FAKE_FLOODS))
			flood(f, layer);
		good_row(f, layer);
	}
}

static void describe(struct fake *f, json_int_t id, int layer, int guests)
{
	char sha[65] = "", dl[65] = "";

	memset(sha, has_trouble(f, layer, FAKE_OTHER_KERNEL) ? 'b' : 'a', 64);
	if (!has_trouble(f, layer, FAKE_NO_DL))
		memset(dl, has_trouble(f, layer, FAKE_OTHER_DL) ? 'b' : 'c', 64);
	/* Some of that is not its own to tell. */
	for (int i = 0; i < guests; i++) {
		bool last = guests > 1 && i == guests - 1;

		f->guest = last && has_trouble(f, layer, FAKE_GUEST_TWICE) ? FAKE_GUEST : i;
		if (i == FAKE_GUEST && has_trouble(f, layer, FAKE_GUEST_SILENT)) {
			fail(f, id, layer, "out of memory");
			continue;
		}
		say(f, id, layer, "done",
		    json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}}", "facts",
			      "nestkernel_sha256", sha, "nestkernel_dl_sha256", dl, "hypervisor",
			      layer ? "KVMKVMKVM" : "none", "kernel", "6.1", "../bad key", "x",
			      "accel", "none", "boot_ns", "1", "started_again", "a lie",
			      "round.1.disturbed", "a lie"));
	}
	f->guest = 0;
}

/* L1's clock goes wrong when that is the trouble. */
static void pong(struct fake *f, json_int_t id, int layer)
{
	uint64_t now = clock_now(&fake_clock);

	if (has_trouble(f, layer, FAKE_DRIFTS))
		now *= 2;
	if (has_trouble(f, layer, FAKE_SLOW_CLOCK))
		now = f->began_ns + (now - f->began_ns) / 2;
	if (has_trouble(f, layer, FAKE_JUMPS))
		now += 10 * NS_PER_S;
	say(f, id, layer, "done",
	    json_pack("{s:I, s:i, s:s}", "now_ns", (json_int_t)now, "cpu_ns", 0, "clocksource",
		      has_trouble(f, layer, FAKE_NEW_CLOCK) ? "hpet" : "tsc"));
}

/* Two CPUs, of which the first is measured and always ours. */
static void tell_noise(struct fake *f, json_int_t id, int layer)
{
	bool noisy = layer == fake_script.layer && fake_script.noise >> f->readings[layer] & 1;
	uint64_t at = ++f->readings[layer] * 10 * NS_PER_S, measured = at;

	f->busy_ns[layer] += f->readings[layer] == 1 ? 0 : (noisy ? 20 : 10) * NS_PER_S;
	say(f, id, layer, "done",
	    json_pack("{s:I, s:i, s:I, s:i, s:i, s:I, s:i, s:I, s:i, s:i, s:I, s:i, s:i, s:i, s:i}",
		      "at_ns", (json_int_t)at, "cpus", 2, "busy_ns", (json_int_t)f->busy_ns[layer],
		      "steal_ns", 0, "measured_cpus", 1, "measured_busy_ns", (json_int_t)measured,
		      "measured_steal_ns", 0, "ours_ns", (json_int_t)at, "kernel_ns", 0, "vcpus", 1,
		      "wait_ns", (json_int_t)(at / 10), "switches", 0, "load1_milli", 1500, "khz",
		      0, "throttles", 0));
}

static void cancel(struct fake *f, json_int_t id, int layer, int guests)
{
	bool deaf = has_trouble(f, layer, FAKE_DEAF);
	bool one = has_trouble(f, layer, FAKE_GUEST_HANGS) && guests > FAKE_GUEST;

	for (f->guest = 0; f->guest < guests && !deaf; f->guest++)
		if (!one || f->guest != FAKE_GUEST)
			say(f, id, layer, "done", NULL);
	f->guest = 0;
	if (deaf || one)
		hang(f);
}

static void start_child(struct fake *f, json_int_t id, int layer)
{
	if (has_trouble(f, layer + 1, FAKE_BOOT_LOST)) {
		count_down();
		say(f, id, layer, "error",
		    json_pack("{s:s, s:i, s:b, s:o}", "text", "no hello from its agent", "code", 3,
			      "lost", 1, "evidence", evidence()));
		return;
	}
	/* In the place of the one that was. */
	if (f->layers_gone == layer + 1)
		f->layers_gone++;
	if (f->frozen == layer + 1)
		f->frozen = 0;
	if (has_trouble(f, layer, FAKE_STARTS_LONG))
		start_slowly(f, id, layer, 24);
	say(f, id, layer, "done",
	    json_pack("{s:{s:s, s:s, s:s, s:s}}", "facts", "accel", layer ? "kvm" : "tcg",
		      "emulated", layer ? "no" : "yes", "boot_ns", "2000000000", "starter",
		      "libvirt 11.3.0, QEMU 10.0.2"));
}

static void handle(struct fake *f, json_int_t id, int to, const char *verb, json_t *m)
{
	if (f->frozen && to >= f->frozen)
		hang(f);
	else if (f->layers_gone && to >= f->layers_gone)
		fail(f, id, f->layers_gone - 1, "there is no such layer");
	else if (strcmp(verb, "describe") == 0)
		describe(f, id, to, count_of(m, "guests"));
	else if (strcmp(verb, "ping") == 0)
		pong(f, id, to);
	else if (strcmp(verb, "noise") == 0 && fake_script.noise)
		tell_noise(f, id, to);
	else if (strcmp(verb, "noise") == 0)
		fail(f, id, to, "the agent has no such request");
	else if (strcmp(verb, "start_child") == 0 && has_trouble(f, to + 1, FAKE_NO_START))
		fail(f, id, to, "the layer does not boot here");
	else if (strcmp(verb, "start_child") == 0 && has_trouble(f, to + 1, FAKE_NO_GUEST) &&
		 json_integer_value(json_object_get(m, "sibling")) > 0)
		fail(f, id, to, "no memory for one more");
	else if (strcmp(verb, "start_child") == 0 && has_trouble(f, to, FAKE_DIES_STARTING))
		shutdown(f->channel.fd_in, SHUT_RDWR);
	else if (strcmp(verb, "start_child") == 0 && has_trouble(f, to, FAKE_FREEZES)) {
		say(f, id, to, "busy", json_pack("{s:s}", "text", "virDomainCreateXML"));
		freeze(f, to);
	} else if (strcmp(verb, "start_child") == 0 && has_trouble(f, to, FAKE_STARTS_EVER))
		start_slowly(f, id, to, 110); /* that is 1100 s */
	else if (strcmp(verb, "start_child") == 0)
		start_child(f, id, to);
	else if (strcmp(verb, "examine_child") == 0)
		say(f, id, to, "done", json_pack("{s:o}", "evidence", evidence()));
	else if (strcmp(verb, "run") == 0)
		start_run(f, id, to, m);
	else if (strcmp(verb, "step") == 0)
		step(f, id, to);
	else if (strcmp(verb, "cancel") == 0)
		cancel(f, id, to, count_of(m, "guests"));
}

static void *serve(void *arg)
{
	struct fake *f = arg;
	struct err err = {0};

	say(f, 0, 0, "hello", NULL);
	for (;;) {
		struct pollfd p = {.fd = f->channel.fd_in, .events = POLLIN};
		json_t *m;

		poll(&p, 1, -1);
		if (channel_fill(&f->channel, &err) <= 0)
			return NULL;
		while ((m = channel_take(&f->channel, &err))) {
			handle(f, json_integer_value(json_object_get(m, "id")),
			       (int)json_integer_value(json_object_get(m, "to")),
			       json_string_value(json_object_get(m, "do")), m);
			json_decref(m);
		}
	}
}

static int fake_start(struct layer *layer, struct err *err)
{
	struct fake *f = calloc(1, sizeof(*f));
	int pair[2];

	if (!f || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		free(f);
		return err_errno(err, EXIT_INTERNAL, "fake: no socket");
	}
	atomic_store(&hanging, false);
	channel_open(&f->channel, pair[1], pair[1]);
	layer->fd = pair[0];
	layer->priv = f;
	layer->inside.work_dir = layer->spec.work_dir;
	f->began_ns = clock_now(&fake_clock);
	fake_agents++;
	pthread_create(&f->thread, NULL, serve, f);
	return 0;
}

static void fake_stop(struct layer *layer)
{
	struct fake *f = layer->priv;

	if (!f)
		return;
	shutdown(layer->fd, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(layer->fd);
	close(f->channel.fd_in);
	channel_release(&f->channel);
	free(f);
	layer->fd = -1;
	layer->priv = NULL;
	fake_agents--;
}

const struct driver driver_script = {.name = "script", .start = fake_start, .stop = fake_stop};

const struct stack *scripted_stack(uint32_t depth)
{
	static struct text_list options[4];
	static struct stack stack[4];

	stack[depth].options = options;
	layer_tree_chain(&stack[depth].tree, depth + 1);
	stack[depth].driver[0] = &driver_script;
	for (uint32_t layer = 1; layer <= depth; layer++)
		stack[depth].driver[layer] = &driver_kvm;
	return &stack[depth];
}
