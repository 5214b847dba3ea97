/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare/gate.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/class.h"
#include "lib/file.h"
#include "lib/ini/inifile.h"
#include "lib/nearest.h"
#include "lib/parse.h"
#include "results/rundir/csvfile.h"

enum { RULES_MAX = 1000 };

#define SECTIONS "[default], [class NAME], [workload GLOB] or [exits REASON]"

static int fail_class(const char *name, struct err *err)
{
	const char *names[CLASS_COUNT + 1] = {0};

	for (int i = 0; i < CLASS_COUNT; i++)
		names[i] = class_name(i);
	return inifile_not_among("class", name, names, err);
}

/* The first word of a section. */
static int fail_section(const char *section, struct err *err)
{
	static const char *const names[] = {"default", "class", "workload", "exits"};
	struct buf expected = BUF_INIT;
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, section, strcspn(section, " "));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		nearest_offer(&near, names[i]);
	buf_addf(&expected, SECTIONS "%s", nearest_hint(&near, " (", ")", hint));
	(void)inifile_unexpected("section", section, buf_str(&expected), err);
	buf_release(&expected);
	return -1;
}

static int fail_time(const char *reason, struct err *err)
{
	struct buf expected = BUF_INIT;

	buf_addf(&expected, "a reason that can be a gate; this one cannot: %s",
		 exit_reason_refusal(reason));
	(void)inifile_unexpected("exits", reason, buf_str(&expected), err);
	buf_release(&expected);
	return -1;
}

static const char *after(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && text[len] == ' ' ? text + len + 1 : NULL;
}

/* The scope of a section, and what its name is about. */
static int parse_section(const char *section, struct gate_rule *rule, struct err *err)
{
	const char *name = "";

	if ((name = after(section, "class")))
		rule->scope = GATE_FOR_CLASS;
	else if ((name = after(section, "workload")))
		rule->scope = GATE_FOR_WORKLOAD;
	else if ((name = after(section, "exits")))
		rule->scope = GATE_FOR_EXITS;
	else if (strcmp(section, "default") == 0)
		name = "";
	else
		return fail_section(section, err);
	if (rule->scope == GATE_FOR_EXITS && exit_reason_refusal(name))
		return fail_time(name, err);
	if (rule->scope == GATE_FOR_CLASS && !class_name(class_rank(name)))
		return fail_class(name, err);
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	return 0;
}

static int begin_section(void *ctx, const char *section, int line, struct err *err)
{
	struct gate_rules *rules = ctx;
	struct gate_rule *grown;
	struct gate_rule rule = {.scope = GATE_FOR_ALL, .policy = GATE_POLICY, .line = line};

	if (rules->count == RULES_MAX)
		return inifile_unexpected("section", section, "fewer sections", err);
	if (parse_section(section, &rule, err) < 0)
		return -1;
	grown = array_grow(rules->rule, rules->count, sizeof(rule));
	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	rules->rule = grown;
	rules->rule[rules->count++] = rule;
	return 0;
}

/* Parses a value that is one of several words. Returns its index, or -1 on failure. */
static int read_word(const char *name, const char *value, const char *const *words, struct err *err)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(value, words[i]) == 0)
			return i;
	return inifile_not_among(name, value, words, err);
}

static int set(struct gate_rule *rule, const char *name, const char *value, struct err *err)
{
	static const char *const keys[] = {"threshold",	   "exits", "allow",
					   "inconclusive", "check", NULL};
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
			return inifile_unexpected(name, value,
						  "a share from 0% to 100000%, such as 5%", err);
		rule->sets.threshold = true;
	} else if (strcmp(name, "exits") == 0) {
		if (parse_percent(value, name, 0, 100000, &rule->policy.exits, &why) < 0)
			return inifile_unexpected(name, value,
						  "a share from 0% to 100000%, such as 0.5%", err);
		rule->sets.exits = true;
	} else if (strcmp(name, "allow") == 0) {
		word = read_word(name, value, allow, err);
		rule->policy.allow = word == 1;
		rule->sets.allow = true;
	} else if (strcmp(name, "inconclusive") == 0) {
		word = read_word(name, value, inconclusive, err);
		rule->policy.pass_inconclusive = word == 1;
		rule->sets.pass_inconclusive = true;
	} else if (strcmp(name, "check") == 0) {
		word = read_word(name, value, check, err);
		rule->policy.check = (enum gate_check)word;
		rule->sets.check = true;
	} else {
		return inifile_not_among("key", name, keys, err);
	}
	return word < 0 ? -1 : 0;
}

static int take(void *ctx, const struct inifile_line *line, struct err *err)
{
	struct gate_rules *rules = ctx;

	return set(&rules->rule[rules->count - 1], line->key, line->value, err);
}

int gate_rules_parse(FILE *file, const char *name, struct gate_rules *rules, struct err *err)
{
	static const struct inifile_reader reader = {
		.section = begin_section, .line = take, .sections = SECTIONS};
	int done;

	*rules = (struct gate_rules){0};
	csv_printable(file_name(name), rules->file, sizeof(rules->file));
	done = inifile_read(file, name, &reader, rules, err);
	if (done < 0)
		gate_rules_release(rules);
	return done;
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
