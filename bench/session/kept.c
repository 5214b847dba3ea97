/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_DIGITS = 16, HEAD = SHA256_HEX /* the hash of the text, and a newline */ };

/* What it is for: where all of it is the same, what was found out most likely holds again. */
static void hash_place(const struct session *s, uint32_t layer, char hex[SHA256_HEX])
{
	static const char *const keys[] = {"kind",	"accel",     "emulated",  "starter",
					   "cpu_model", "cpu_flags", "microcode", "hypervisor",
					   "kernel",	"kvm"};
	const struct facts *parent = &s->known[s->c->stack->tree.layer[layer].parent];
	const struct text_list *options = &s->c->stack->options[layer];
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s\n", s->c->stack->driver[layer]->name);
	for (size_t i = 0; i < options->count; i++)
		buf_addf(&text, "%s\n", options->item[i]);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = facts_get(parent, keys[i]);

		buf_addf(&text, "%s %s\n", keys[i], value ? value : "");
	}
	sha256_of(buf_str(&text), text.len, hex);
	buf_release(&text);
}

/* The text of a file that is as it was written; NULL: there is none. */
static char *read_whole(const char *path)
{
	struct buf file = BUF_INIT;
	char hex[SHA256_HEX], *text = NULL;
	struct err ignored;

	if (file_read(path, HEAD + KEEP_MAX, &file, &ignored) == 0 && file.len > HEAD &&
	    file.data[HEAD - 1] == '\n' && strlen(file.data) == file.len) {
		sha256_of(file.data + HEAD, file.len - HEAD, hex);
		if (strncmp(file.data, hex, HEAD - 1) == 0 && layer_keep_fits(file.data + HEAD))
			text = strdup(file.data + HEAD);
	}
	buf_release(&file);
	return text;
}

void kept_find(const struct session *s, uint32_t layer, struct kept *k)
{
	uint32_t parent = s->c->stack->tree.layer[layer].parent;
	const char *disk = s->c->disk, *name = disk ? file_name(disk) : NULL;
	char hex[SHA256_HEX];

	*k = (struct kept){.text = NULL};
	/* A parent layer that is no VM of the run keeps what it wants itself. */
	if (!disk || parent == LAYER_NO_PARENT || parent == 0 ||
	    !(s->c->stack->driver[parent]->caps & CAP_OWN_KERNEL))
		return;
	hash_place(s, layer, hex);
	if (snprintf(k->path, sizeof(k->path), "%.*skept-%.*s", (int)(name - disk), disk,
		     NAME_DIGITS, hex) >= PATH_MAX)
		k->path[0] = '\0';
	if (k->path[0])
		k->text = read_whole(k->path);
	if (k->path[0] && !k->text)
		k->text = strdup("");
}

void kept_take(const struct kept *k, const char *keep)
{
	struct buf file = BUF_INIT;
	char hex[SHA256_HEX];
	struct err ignored;

	if (!k->path[0] || !keep || !layer_keep_fits(keep))
		return;
	sha256_of(keep, strlen(keep), hex);
	buf_addf(&file, "%s\n%s", hex, keep);
	/* Without it the next start takes as long as this one. */
	if (buf_check(&file, &ignored) == 0)
		(void)file_write_private(k->path, file.data, file.len, &ignored);
	buf_release(&file);
}

bool kept_drop(const struct kept *k, const struct err *why)
{
	if (!k->text || !k->text[0] || why->code == EXIT_INTERRUPTED)
		return false;
	unlink(k->path);
	return true;
}

void kept_release(struct kept *k)
{
	free(k->text);
	*k = (struct kept){.text = NULL};
}
