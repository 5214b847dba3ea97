/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A container by bubblewrap: namespaces alone. Its CPUs are the affinity that its processes
 * inherit, its memory is limited by a control group where one can be made.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/agent_process.h"
#include "drivers/container/container.h"
#include "lib/child.h"
#include "lib/clock.h"

#define VERSION_LIMIT_NS (10 * NS_PER_S)

enum { ARGV_MAX = 24 + 3 * VIEW_MAX };

/* Joins the group "$1" and becomes the rest. */
static const char join[] = "echo $$ >\"$1/cgroup.procs\" && shift && exec \"$@\"";

struct bwrap {
	void *agent; /* agent_process's own */
	struct memory_group group;
};

struct argv {
	const char *word[ARGV_MAX + 1];
	int count;
};

static void add(struct argv *a, const char *const words[])
{
	for (int i = 0; words[i] && a->count < ARGV_MAX; i++)
		a->word[a->count++] = words[i];
	a->word[a->count] = NULL;
}

#define ADD(a, ...) add(a, (const char *const[]){__VA_ARGS__, NULL})

static void add_view(struct argv *a, const struct view *v)
{
	static const char *const option[] = {
		[VIEW_READ] = "--ro-bind",
		[VIEW_WRITE] = "--bind",
		[VIEW_CHARS] = "--dev-bind",
		[VIEW_BLOCKS] = "--dev-bind",
	};

	ADD(a, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev");
	for (int i = 0; i < v->count; i++)
		if (v->item[i].kind == VIEW_EMPTY)
			ADD(a, "--tmpfs", v->item[i].path);
		else
			ADD(a, option[v->item[i].kind], v->item[i].path, v->item[i].path);
}

static void make_argv(struct argv *a, const struct container *c, const struct memory_group *group)
{
	if (c->cpus[0])
		ADD(a, "taskset", "-c", c->cpus);
	if (group->dir[0])
		ADD(a, "sh", "-c", join, "sh", group->dir);
	/* An ordinary user gets a user namespace as well; root needs none. */
	ADD(a, BWRAP, "--die-with-parent", "--unshare-ipc", "--unshare-pid", "--unshare-uts",
	    "--unshare-net", "--unshare-cgroup-try");
	add_view(a, &c->view);
	ADD(a, "--", c->view.program, "agent", "--port", "-");
}

static void limit_memory(struct layer *layer, struct container *c, struct memory_group *group)
{
	struct err err;

	if (memory_group_make(group, "", c->name, layer->spec.memory_bytes, &err) == 0)
		facts_set(&layer->facts, "memory_limit", "%s", group->dir);
	else
		buf_addf(&c->missed, "Its memory is not limited: %s. ", err.text);
}

static void read_version(char text[64])
{
	const char *const argv[] = {BWRAP, "--version", NULL};
	struct buf out = BUF_INIT;
	struct err ignored;

	text[0] = '\0';
	if (child_run(argv, NULL, NULL, VERSION_LIMIT_NS, &out, &ignored) == 0)
		snprintf(text, 64, "%.*s", (int)strcspn(buf_str(&out), "\n"), buf_str(&out));
	buf_release(&out);
}

int bwrap_start(struct layer *layer, struct container *c, struct err *err)
{
	struct bwrap *b = calloc(1, sizeof(*b));
	struct argv argv = {0};
	const struct agent_launch launch = {.sub_dir = c->sub_dir, .argv = argv.word};
	char version[64];
	int done;

	if (!b)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	c->priv = b;
	limit_memory(layer, c, &b->group);
	make_argv(&argv, c, &b->group);
	layer->priv = NULL;
	done = agent_process_start(layer, &launch, err);
	b->agent = layer->priv;
	layer->priv = c;
	if (done < 0)
		return -1;
	read_version(version);
	facts_set(&layer->facts, "starter", "%s", version);
	return 0;
}

const char *bwrap_group(const struct container *c)
{
	const struct bwrap *b = c->priv;

	return b ? b->group.dir : "";
}

pid_t bwrap_pid(const struct container *c)
{
	const struct bwrap *b = c->priv;

	return agent_process_pid(b->agent);
}

void bwrap_stop(struct layer *layer, struct container *c)
{
	struct bwrap *b = c->priv;

	if (!b)
		return;
	layer->priv = b->agent;
	agent_process_stop(layer);
	memory_group_remove(&b->group);
	c->priv = NULL;
	free(b);
}
