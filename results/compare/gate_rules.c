/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the gate: the one module that uses libinih. */
#include "results/compare/gate.h"

#include <fnmatch.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/class.h"
#include "lib/file.h"
#include "lib/nearest.h"
#include "lib/parse.h"
#include "results/rundir/csvfile.h"

enum { RULES_MAX = 1000 };

#define SECTIONS "[default], [class NAME], [workload GLOB] or [exits REASON]"

struct reading {
	struct gate_rules *rules;
	FILE *file;
	int line, failed_line;
	struct err *err;
	bool failed, no_memory;
};

static int fail(struct reading *r, const char *what, const char *found, const char *expected)
{
	char text[64];

	if (!r->failed)
		err_set(r->err, EXIT_USAGE, "%s \"%s\": expected %s", what,
			csv_printable(found, text, sizeof(text)), expected);
	if (!r->failed)
		r->failed_line = r->line;
	r->failed = true;
	return 0;
}

static int fail_class(struct reading *r, const char *name)
{
	struct buf expected = BUF_INIT;
	struct nearest near;
	char hint[NEAREST_TEXT];

	nearest_init(&near, name, strlen(name));
	for (int i = 0; class_name(i); i++) {
		buf_addf(&expected, "%s%s", i ? ", " : "", class_name(i));
		nearest_offer(&near, class_name(i));
	}
	buf_addstr(&expected, nearest_hint(&near, " (", ")", hint));
	fail(r, "class", name, buf_str(&expected));
	buf_release(&expected);
	return 0;
}

static int fail_time(struct reading *r, const char *reason)
{
	struct buf expected = BUF_INIT;

	buf_addf(&expected, "a reason that can be a gate; this one cannot: %s",
		 exit_reason_refusal(reason));
	fail(r, "exits", reason, buf_str(&expected));
	buf_release(&expected);
	return 0;
}

static const char *after(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && text[len] == ' ' ? text + len + 1 : NULL;
}

static int begin_section(struct reading *r, const char *section)
{
	struct gate_rules *rules = r->rules;
	struct gate_rule *rule;
	const char *name;

	if (rules->count == RULES_MAX)
		return fail(r, "section", section, "fewer sections");
	rule = array_grow(rules->rule, rules->count, sizeof(*rule));
	if (!rule) {
		r->no_memory = true;
		return 0;
	}
	rules->rule = rule;
	rule += rules->count;
	*rule = (struct gate_rule){.scope = GATE_FOR_ALL, .policy = GATE_POLICY, .line = r->line};
	if ((name = after(section, "class")))
		rule->scope = GATE_FOR_CLASS;
	else if ((name = after(section, "workload")))
		rule->scope = GATE_FOR_WORKLOAD;
	else if ((name = after(section, "exits")))
		rule->scope = GATE_FOR_EXITS;
	else if (strcmp(section, "default") == 0)
		name = "";
	else
		return fail(r, "section", section, SECTIONS);
	if (rule->scope == GATE_FOR_EXITS && exit_reason_refusal(name))
		return fail_time(r, name);
	if (rule->scope == GATE_FOR_CLASS && !class_name(class_rank(name)))
		return fail_class(r, name);
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	rules->count++;
	return 1;
}

/*
 * Like fgets, but counts lines and accepts LF and CR LF. libinih would read the rest of a line that
 * is too long as a line of its own, and nothing after a NUL or a CR. Its newer versions skip the
 * line after one that fills the buffer: one character stays free.
 */
static char *read_line(struct reading *r, char *text, int size)
{
	int len = 0, all = 0, most = size - 2, c;

	while ((c = fgetc(r->file)) != EOF && c != '\n') {
		if (len < most)
			text[len++] = (char)c;
		all++;
	}
	if (c == EOF && all == 0)
		return NULL;
	r->line++;
	len -= len == all && len && text[len - 1] == '\r';
	text[len] = '\0';
	if (memchr(text, '\r', (size_t)len) || strlen(text) < (size_t)len)
		fail(r, "line", text, "LF or CR LF at its end, and no NUL byte");
	else if (all > most && !strchr("#;", text[strspn(text, " \t")]))
		fail(r, "line", text, "fewer characters");
	return text;
}

/* Checks sections, too: libinih truncates their names, and does not report those without a key. */
static char *next_line(char *text, int size, void *ctx)
{
	struct reading *r = ctx;
	char *line = read_line(r, text, size), *end, section[GATE_NAME];
	const char *start;

	if (!line)
		return NULL;
	start = line + strspn(line, " \t\xef\xbb\xbf");
	end = strchr(start, ']');
	if (*start != '[' || !end || r->failed || r->no_memory)
		return line;
	if ((size_t)snprintf(section, sizeof(section), "%.*s", (int)(end - start - 1), start + 1) >=
	    sizeof(section))
		fail(r, "section", start, "fewer characters");
	else
		begin_section(r, section);
	return line;
}

/* Parses a value that is one of several words. Returns its index, or -1 on failure. */
static int read_word(struct reading *r, const char *name, const char *value,
		     const char *const *words, const char *expected)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(value, words[i]) == 0)
			return i;
	fail(r, name, value, expected);
	return -1;
}

static int set(struct reading *r, struct gate_rule *rule, const char *name, const char *value)
{
	static const char *const allow[] = {"no", "yes", NULL};
	static const char *const inconclusive[] = {"fail", "pass", NULL};
	static const char *const check[] = {[GATE_CHECK_ALL] = "all",
					    [GATE_CHECK_COST] = "cost",
					    [GATE_CHECK_OVERHEAD] = "overhead",
					    [GATE_CHECK_EXITS] = "exits",
					    NULL};
	struct err why;
	int word = 0;

	if (strcmp(name, "threshold") == 0) {
		if (parse_percent(value, name, 0, 100000, &rule->policy.threshold, &why) < 0)
			return fail(r, name, value, "a share from 0% to 100000%, such as 5%");
		rule->sets.threshold = true;
	} else if (strcmp(name, "exits") == 0) {
		if (parse_percent(value, name, 0, 100000, &rule->policy.exits, &why) < 0)
			return fail(r, name, value, "a share from 0% to 100000%, such as 0.5%");
		rule->sets.exits = true;
	} else if (strcmp(name, "allow") == 0) {
		word = read_word(r, name, value, allow, "yes or no");
		rule->policy.allow = word == 1;
		rule->sets.allow = true;
	} else if (strcmp(name, "inconclusive") == 0) {
		word = read_word(r, name, value, inconclusive, "fail or pass");
		rule->policy.pass_inconclusive = word == 1;
		rule->sets.pass_inconclusive = true;
	} else if (strcmp(name, "check") == 0) {
		word = read_word(r, name, value, check, "all, cost, overhead or exits");
		rule->policy.check = (enum gate_check)word;
		rule->sets.check = true;
	} else {
		return fail(r, "key", name, "threshold, exits, allow, inconclusive or check");
	}
	return word >= 0;
}

static int take(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *r = ctx;

	if (r->failed || r->no_memory)
		return 0;
	if (r->rules->count == 0)
		return fail(r, "section", section, SECTIONS);
	return set(r, &r->rules->rule[r->rules->count - 1], name, value);
}

int gate_rules_parse(FILE *file, const char *name, struct gate_rules *rules, struct err *err)
{
	struct err why = {0};
	struct reading r = {.rules = rules, .err = &why, .file = file};
	int line;

	*rules = (struct gate_rules){0};
	csv_printable(file_name(name), rules->file, sizeof(rules->file));
	/* Syntax errors of libinih itself are only counted. */
	line = ini_parse_stream(next_line, &r, take, &r);
	if (r.failed && (line == 0 || r.failed_line < line))
		line = r.failed_line;
	if (line == 0 && ferror(file))
		line = r.line + 1;
	if (line == 0)
		return 0;
	gate_rules_release(rules);
	if (r.no_memory)
		return err_set(err, EXIT_INTERNAL, "out of memory while reading %s", name);
	return err_set(err, EXIT_USAGE, "%s:%d: %s", name, line,
		       line == r.failed_line ? why.text
					     : "neither a [section] nor \"key = value\"");
}

int gate_rules_read(const char *path, struct gate_rules *rules, struct err *err)
{
	FILE *file = fopen(path, "re");
	int done;

	*rules = (struct gate_rules){0};
	if (!file)
		return err_errno(err, EXIT_USAGE, "cannot read the rules in %s", path);
	done = gate_rules_parse(file, path, rules, err);
	fclose(file);
	return done;
}

void gate_rules_release(struct gate_rules *rules)
{
	free(rules->rule);
	*rules = (struct gate_rules){0};
}

bool gate_rule_fits(const struct gate_rule *rule, const struct compare_item *item)
{
	char full[512];

	if (rule->scope == GATE_FOR_ALL)
		return true;
	if (rule->scope == GATE_FOR_EXITS)
		return item->reason && fnmatch(rule->name, item->reason, 0) == 0;
	if (rule->scope == GATE_FOR_CLASS)
		return strcmp(rule->name, item->class) == 0;
	snprintf(full, sizeof(full), "%s %s", item->workload, item->params);
	return fnmatch(rule->name, item->workload, 0) == 0 || fnmatch(rule->name, full, 0) == 0;
}

struct gate_policy gate_policy_of(const struct gate_rules *rules, const struct compare_item *item)
{
	struct gate_policy policy = GATE_POLICY;

	for (int scope = GATE_FOR_ALL; scope <= GATE_FOR_EXITS; scope++)
		for (size_t i = 0; i < rules->count; i++) {
			const struct gate_rule *rule = &rules->rule[i];

			if ((int)rule->scope != scope || !gate_rule_fits(rule, item))
				continue;
			if (rule->sets.threshold && scope != GATE_FOR_EXITS)
				policy.threshold = rule->policy.threshold;
			else if (rule->sets.threshold)
				policy.exits = rule->policy.threshold;
			if (rule->sets.exits)
				policy.exits = rule->policy.exits;
			if (rule->sets.allow)
				policy.allow = rule->policy.allow;
			if (rule->sets.pass_inconclusive)
				policy.pass_inconclusive = rule->policy.pass_inconclusive;
			if (rule->sets.check)
				policy.check = rule->policy.check;
		}
	if (item->reason)
		policy.threshold = policy.exits;
	return policy;
}
