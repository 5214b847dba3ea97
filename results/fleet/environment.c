/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What odd nodes say of their environment that most of their class do not. */
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/str.h"
#include "results/fleet/compare_parts.h"

/* ---- what a node says ---- */

static int keep_fact(struct fleet_comparison *c, struct compared_node *node, const char *place,
		     const struct fact *fact, struct err *err)
{
	char key[LAYER_NAME + 80], value[FLEET_VALUE_MAX];
	struct node_fact *grown;
	struct node_fact kept;

	/* What varies anyway is no difference. */
	if (env_weigh(fact->key, "", fact->value) == ENV_VARIES)
		return 0;
	if (node->facts >= FLEET_FACTS_MAX)
		return err_set(err, EXIT_USAGE, "more than %d facts of its environment",
			       FLEET_FACTS_MAX);
	str_copy(key, sizeof(key), place);
	str_addf(key, sizeof(key), "\n%.72s", fact->key);
	csv_printable(fact->value, value, sizeof(value));
	if (fleet_texts_add(&c->keys, key, &kept.key, err) < 0 ||
	    fleet_texts_add(&c->values, value, &kept.value, err) < 0)
		return -1;
	grown = array_grow(node->fact, node->facts, sizeof(*grown));
	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for the environments");
	node->fact = grown;
	node->fact[node->facts++] = kept;
	return 0;
}

static int keep_facts(struct fleet_comparison *c, struct compared_node *node, const char *place,
		      struct facts *facts, int rc, struct err *err)
{
	for (size_t i = 0; i < facts->count && rc == 0; i++)
		rc = keep_fact(c, node, place, &facts->item[i], err);
	facts_release(facts);
	return rc;
}

static int compare_facts(const void *left, const void *right)
{
	const struct node_fact *a = left, *b = right;

	return (a->key > b->key) - (a->key < b->key);
}

int fleet_keep_environment(struct fleet_comparison *c, struct compared_node *node,
			   const struct summary *s, struct err *err)
{
	const char *program = layers_first(&s->facts, 0, "nestkernel_sha256");
	char text[FLEET_VALUE_MAX];
	struct facts facts = FACTS_INIT;
	int rc = env_run_facts(&s->manifest, &facts, err);

	rc = keep_facts(c, node, "run", &facts, rc, err);
	for (uint32_t k = 0; k < s->layers && rc == 0; k++) {
		facts = (struct facts)FACTS_INIT;
		rc = env_layer_facts(&s->facts, k, &facts, err);
		rc = keep_facts(c, node, summary_layer_name(s, k), &facts, rc, err);
	}
	if (node->facts)
		qsort(node->fact, node->facts, sizeof(*node->fact), compare_facts);
	if (!program)
		program = facts_get(&s->manifest.hashes, "nestkernel_sha256");
	if (rc == 0)
		rc = fleet_texts_add(&c->values,
				     csv_printable(program ? program : "", text, sizeof(text)),
				     &node->program, err);
	if (rc == 0)
		rc = fleet_texts_add(&c->values,
				     csv_printable(s->manifest.mode, text, sizeof(text)),
				     &node->mode, err);
	return rc;
}

/* ---- what most say ---- */

struct common {
	uint32_t value;
	size_t nodes; /* that say so; 0: not even half of the class do */
};

struct said {
	uint32_t key, value;
};

static int compare_said(const void *left, const void *right)
{
	const struct said *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->value > b->value) - (a->value < b->value);
}

static bool is_of(const struct compared_node *node, size_t machine)
{
	return node->outcome == FLEET_COMPARED && node->machine == machine;
}

static size_t list_said(const struct fleet_comparison *c, size_t machine, struct said *said)
{
	size_t count = 0;

	for (size_t i = 0; i < c->nodes; i++) {
		const struct compared_node *node = &c->node[i];

		for (size_t k = 0; is_of(node, machine) && k < node->facts; k++) {
			if (said)
				said[count] = (struct said){node->fact[k].key, node->fact[k].value};
			count++;
		}
	}
	return count;
}

/* Of each key the value that more than half of the class say. */
static int find_common(const struct fleet_comparison *c, size_t machine, struct common *common,
		       struct err *err)
{
	size_t count = list_said(c, machine, NULL), nodes = 0;
	struct said *said = calloc(count + 1, sizeof(*said));

	if (!said)
		return err_set(err, EXIT_INTERNAL, "out of memory for the environments");
	for (size_t i = 0; i < c->nodes; i++)
		nodes += is_of(&c->node[i], machine);
	list_said(c, machine, said);
	qsort(said, count, sizeof(*said), compare_said);
	memset(common, 0, c->keys.count * sizeof(*common));
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && compare_said(&said[i], &said[end]) == 0;)
			end++;
		if (2 * (end - i) > nodes)
			common[said[i].key] = (struct common){said[i].value, end - i};
	}
	free(said);
	return 0;
}

static int add_difference(struct fleet_comparison *c, size_t node, uint32_t key, const char *value,
			  const struct common *common, struct err *err)
{
	const char *text = c->keys.text[key], *name = strchr(text, '\n') + 1,
		   *usual = c->values.text[common->value];
	struct node_difference *grown;
	enum env_weight weight = env_weigh(name, usual, value);

	if (weight == ENV_VARIES || strcmp(usual, value) == 0)
		return 0;
	grown = array_grow(c->difference, c->differences, sizeof(*grown));
	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for the environments");
	c->difference = grown;
	c->difference[c->differences++] = (struct node_difference){.node = node,
								   .weight = weight,
								   .place = text,
								   .key = name,
								   .value = value,
								   .common = usual,
								   .nodes = common->nodes,
								   .why = env_why(name)};
	return 0;
}

/* Of one node: what it says otherwise, and what it does not say. */
static int add_differences(struct fleet_comparison *c, size_t index, const struct common *common,
			   struct err *err)
{
	const struct compared_node *node = &c->node[index];
	size_t k = 0;

	for (uint32_t key = 0; key < c->keys.count; key++) {
		const char *value = "";

		if (k < node->facts && node->fact[k].key == key)
			value = c->values.text[node->fact[k++].value];
		if (common[key].nodes &&
		    add_difference(c, index, key, value, &common[key], err) < 0)
			return -1;
	}
	return 0;
}

static int compare_differences(const void *left, const void *right)
{
	const struct node_difference *a = left, *b = right;
	int order;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->weight != b->weight)
		return (int)a->weight - (int)b->weight;
	order = strcmp(a->place, b->place);
	return order ? order : strcmp(a->key, b->key);
}

static bool has_odd(const struct fleet_comparison *c, size_t machine)
{
	for (size_t i = 0; i < c->nodes; i++)
		if (is_of(&c->node[i], machine) && c->node[i].odd)
			return true;
	return false;
}

int fleet_find_differences(struct fleet_comparison *c, struct err *err)
{
	struct common *common = calloc(c->keys.count + 1, sizeof(*common));
	int rc = common ? 0 : err_set(err, EXIT_INTERNAL, "out of memory for the environments");

	for (size_t m = 0; m < c->machines && rc == 0; m++) {
		if (!has_odd(c, m))
			continue;
		rc = find_common(c, m, common, err);
		for (size_t i = 0; i < c->nodes && rc == 0; i++)
			if (is_of(&c->node[i], m) && c->node[i].odd)
				rc = add_differences(c, i, common, err);
	}
	/* Keys hold their place and their name: from here on two texts. */
	for (size_t i = 0; i < c->keys.count; i++)
		*strchr(c->keys.text[i], '\n') = '\0';
	if (c->differences)
		qsort(c->difference, c->differences, sizeof(*c->difference), compare_differences);
	free(common);
	return rc;
}
