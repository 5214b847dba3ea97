/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/proofs.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/file.h"
#include "lib/str.h"
#include "lib/user_dir.h"
#include "results/rundir/layers.h"

#define FILE_NAME "proved"

/* What only the agent in a layer tells: it came up. */
#define FACT_OF_AGENT "nestkernel_sha256"

static void write_key(char key[256])
{
	struct utsname u = {0};
	char machine[64];

	if (!file_line(machine, sizeof(machine), "/etc/machine-id") || !machine[0])
		snprintf(machine, sizeof(machine), "unknown");
	uname(&u);
	snprintf(key, 256, "%.60s %.64s %s", machine, u.release, NESTBENCH_VERSION);
}

void proofs_read(struct proofs *p)
{
	char path[PATH_MAX];

	*p = (struct proofs){.text = BUF_INIT};
	write_key(p->key);
	/* A line begins behind the end of another. */
	if (user_path(path, USER_CACHE, ""))
		(void)file_text(&p->text, "%s/" FILE_NAME, path);
}

static void write_line(const struct proofs *p, const char *parent, const char *child,
		       char line[320])
{
	snprintf(line, 320, "%s %.24s/%.24s\n", p->key, parent, child);
}

bool proofs_have(const struct proofs *p, const char *parent, const char *child)
{
	const char *text = buf_str(&p->text);
	char line[320];

	write_line(p, parent, child, line);
	for (const char *at = text; (at = strstr(at, line)); at++)
		if (at == text || at[-1] == '\n')
			return true;
	return false;
}

void proofs_release(struct proofs *p)
{
	buf_release(&p->text);
}

static bool add(struct proofs *p, const char *parent, const char *child)
{
	char line[320];

	if (proofs_have(p, parent, child))
		return false;
	write_line(p, parent, child, line);
	buf_addstr(&p->text, line);
	return true;
}

static void save(const struct proofs *p)
{
	char path[PATH_MAX];
	struct err ignored;

	if (!user_path(path, USER_CACHE, "") || buf_check(&p->text, &ignored) < 0 ||
	    file_make_dirs(path, &ignored) < 0 || strlen(path) + sizeof("/" FILE_NAME) > PATH_MAX)
		return;
	str_addf(path, sizeof(path), "/" FILE_NAME);
	(void)file_write_whole(path, p->text.data, p->text.len, &ignored);
}

void proofs_add(const char *run_dir, const struct stack *s)
{
	struct layers layers = {.tree = &s->tree};
	struct damage damage = {0};
	struct err ignored;
	struct proofs p;
	bool more = false;

	if (layers_read(run_dir, &layers, &damage, &ignored) < 0)
		return;
	proofs_read(&p);
	for (uint32_t i = 1; i < s->tree.count; i++) {
		const char *kind = layers_first(&layers, i, "kind");
		uint32_t parent = s->tree.layer[i].parent;

		if (kind && layers_first(&layers, i, FACT_OF_AGENT) && parent != LAYER_NO_PARENT &&
		    strcmp(kind, s->driver[i]->name) == 0)
			more |= add(&p, s->driver[parent]->name, kind);
	}
	if (more)
		save(&p);
	proofs_release(&p);
	layers_release(&layers);
}
