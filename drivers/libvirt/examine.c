/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/examine.h"

#include <libvirt/libvirt-qemu.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/host/ended.h"
#include "drivers/libvirt/ask.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/str.h"

/* A VM that goes down is gone a moment later. */
#define STOP_LIMIT_NS (2 * NS_PER_S)

enum { STATUS_LOOKS = 20, STATUS_STEP_MS = 50, LOG_PATH = 256 };
enum { PLACES_LOOKS = 8, PLACES_STEP_MS = 50, PLACES_MAX = 64 };

/* ---- a question to a QEMU that may hang ---- */

struct command {
	const char *text;
	char *said;
};

static void ask(virDomainPtr domain, void *ctx)
{
	struct command *c = ctx;

	if (virDomainQemuMonitorCommand(domain, c->text, &c->said,
					VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP) < 0)
		c->said = NULL;
}

static void free_command(void *ctx)
{
	struct command *c = ctx;

	free(c->said);
	free(c);
}

/* What QEMU answers, which the caller releases; NULL: it does not. */
static char *ask_monitor(struct libvirt_guest *g, const char *text)
{
	struct command *c = calloc(1, sizeof(*c));
	char *said;

	if (!c)
		return NULL;
	c->text = text;
	if (!libvirt_ask(g, ask, c, free_command))
		return NULL;
	said = c->said;
	free(c);
	return said;
}

/* ---- progress ---- */

static unsigned add_places(const char *registers, uint64_t page[PLACES_MAX], unsigned count)
{
	/* "RIP=", or "EIP=" outside of long mode. */
	for (const char *at = registers; (at = strstr(at, "IP=")); at += 3) {
		uint64_t here = strtoull(at + 3, NULL, 16) >> 12;
		unsigned i = 0;

		while (i < count && page[i] != here)
			i++;
		if (i == count && count < PLACES_MAX)
			page[count++] = here;
	}
	return count;
}

unsigned libvirt_guest_places(struct libvirt_guest *g)
{
	uint64_t page[PLACES_MAX];
	unsigned count = 0;

	for (int i = 0; i < PLACES_LOOKS; i++) {
		char *said = ask_monitor(g, "info registers -a");

		if (!said)
			break;
		count = add_places(said, page, count);
		free(said);
		poll(NULL, 0, PLACES_STEP_MS);
	}
	return count;
}

/* ---- QEMU's log ---- */

static const char *log_path(const struct libvirt_session *s, const char *name, char path[LOG_PATH])
{
	snprintf(path, LOG_PATH, "%s/%s.log", s->log_dir, name);
	return path;
}

/* Behind the command, all lines of which but the last end with a backslash. */
static const char *behind_command(const char *log)
{
	const char *from = log;

	for (const char *at = log; (at = strstr(at, "\\\n")); at += 2)
		from = at + 2;
	return str_next_line(from);
}

/* What libvirt writes there begins with the time in this form; not so QEMU's words. */
static bool is_of_libvirt(const char *line)
{
	static const char form[] = "....-..-.. ..:..:...........: ";

	for (size_t i = 0; form[i]; i++)
		if (!line[i] || (form[i] != '.' && form[i] != line[i]))
			return false;
	return true;
}

static bool is_warning(const char *line, size_t len)
{
	static const char mark[] = ": warning: ";

	return memmem(line, len, mark, strlen(mark));
}

static bool is_word_of_qemu(const char *line, size_t len)
{
	return !is_of_libvirt(line) && !is_warning(line, len);
}

void libvirt_words(const char *lines, char *words, size_t size)
{
	str_join_lines(lines, is_word_of_qemu, words, size);
}

void libvirt_last_words(const struct libvirt_session *s, const char *name, char *words, size_t size)
{
	struct buf log = BUF_INIT;
	char path[LOG_PATH];

	words[0] = '\0';
	if (file_text(&log, "%s", log_path(s, name, path)))
		libvirt_words(behind_command(buf_str(&log)), words, size);
	buf_release(&log);
}

/* ---- evidence ---- */

/* What the monitor says of the vCPUs: registers, and the state of their interrupts. */
static bool add_registers(struct libvirt_guest *g, struct evidence *out)
{
	static const char *const commands[] = {"info registers -a", "info lapic", "info pic"};
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char *said = ask_monitor(g, commands[i]);

		if (said)
			buf_addf(&all, "%s\n%s\n", commands[i], said);
		free(said);
	}
	evidence_set(out, EVIDENCE_REGISTERS, buf_str(&all), all.len);
	buf_release(&all);
	return out->part[EVIDENCE_REGISTERS].len > 0;
}

/* Whether the VM's QEMU has ended, as far as it is known. */
static bool is_gone(const struct libvirt_guest *g)
{
	struct proc qemu;

	return !g->pid || !proc_read_living("", g->pid, &qemu);
}

/* On a busy machine libvirt tells of an end a while after it, which is waited for longer. */
static bool has_stopped(const struct libvirt_guest *g, struct libvirt_events *events)
{
	return libvirt_events_wait_stopped(events, STOP_LIMIT_NS / 4) ||
	       (is_gone(g) && libvirt_events_wait_stopped(events, STOP_LIMIT_NS));
}

/* What is to be said of a VM that is still there. */
static void look_at_living(struct libvirt_guest *g, struct evidence *out)
{
	struct proc qemu = {0};
	char *said;

	if (g->pid && !proc_read("", g->pid, &qemu)) {
		snprintf(out->why, sizeof(out->why), "its QEMU is gone");
		return;
	}
	if (qemu.state == 'T') {
		snprintf(out->why, sizeof(out->why), "its QEMU is stopped by a signal (state T)");
		return;
	}
	if (!add_registers(g, out)) {
		snprintf(out->why, sizeof(out->why), "its QEMU does not answer on its monitor");
		return;
	}
	said = ask_monitor(g, "info status");
	snprintf(out->why, sizeof(out->why), "its QEMU is alive, %.*s",
		 said ? (int)strcspn(said, "\r\n") : 0, said ? said : "");
	free(said);
}

/* QEMU's parent process reaps it a moment after it ended. */
static bool find_status(pid_t pid, char text[64])
{
	bool found = pid && ended_find(pid, text, 64);

	for (int i = 0; i < STATUS_LOOKS && pid && !found; i++) {
		poll(NULL, 0, STATUS_STEP_MS);
		found = ended_find(pid, text, 64);
	}
	return found;
}

/* How a VM ended that is gone. QEMU that ends well, as after a shutdown, has code 0. */
static void tell_ending(struct libvirt_guest *g, struct libvirt_events *events,
			struct evidence *out)
{
	char ending[200], status[64];

	libvirt_events_ending(events, ending, sizeof(ending));
	if (find_status(g->pid, status))
		snprintf(out->why, sizeof(out->why), "%s; QEMU %s", ending, status);
	else
		snprintf(out->why, sizeof(out->why), "%s", ending);
}

/* A kernel that panics says so itself, where it can. */
static void tell_panic(struct evidence *out)
{
	const char *panic = strstr(buf_str(&out->part[EVIDENCE_CONSOLE]), "Kernel panic");

	if (panic)
		str_addf(out->why, sizeof(out->why), "%sits console: %.*s", out->why[0] ? "; " : "",
			 (int)strcspn(panic, "\r\n"), panic);
}

void libvirt_examine(struct libvirt_guest *g, const struct libvirt_session *s, const char *name,
		     struct libvirt_events *events, const char *console_log, struct evidence *out)
{
	struct buf list = BUF_INIT;
	char path[LOG_PATH];

	evidence_release(out);
	if (!g->domain && !g->died)
		return;
	/* The port is shut a moment before QEMU says why. */
	if (g->died)
		str_copy(out->why, sizeof(out->why), "its QEMU ended at once, without a word");
	else if (has_stopped(g, events))
		tell_ending(g, events, out);
	else
		look_at_living(g, out);
	libvirt_events_list(events, &list);
	evidence_set(out, EVIDENCE_EVENTS, buf_str(&list), list.len);
	buf_release(&list);
	if (console_log)
		evidence_set_file(out, EVIDENCE_CONSOLE, console_log);
	tell_panic(out);
	evidence_set_file(out, EVIDENCE_LOG, log_path(s, name, path));
}
