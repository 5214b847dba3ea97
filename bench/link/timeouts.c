/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/link/timeouts.h"

#include <sys/param.h>

#include "lib/clock.h"

/* Floors, each times the depth counted from 1. */
#define SILENCE_NS (15 * NS_PER_S)
#define TALK_NS (30 * NS_PER_S)
#define SETUP_NS (30 * NS_PER_S)
#define UNKNOWN_NS (120 * NS_PER_S)
#define BATCH_NS (10 * NS_PER_S)
/* On the machine itself no operation of our kernels takes more than 0.1 s (cpu.sort size=8MiB). */
#define OP_NS (10 * NS_PER_S)
#define BOOT_NS (30 * NS_PER_S)
/* What was seen, times this. */
enum {
	BOOTS_SILENT = 4, /* an agent that is silent for so many boots is dead */
	GAPS_SILENT = 8,
	BOOTS_UP = 12, /* what can go wrong gets slower with every layer: emulated, some tenfold */
	SETUPS = 20,
	BATCHES = 50,
	CALIBRATION_BATCHES = 8, /* see measure_calibrate(): the doubling takes 4, fitting it 4 */
	CALIBRATIONS = 4,
	SLOWER = 100, /* than above: cpu.float where the CPU is emulated, the most that was seen */
};
/* A guest tells how long its guest's boot took: that must not make a wait of hours. Likewise
 * how long its operations take. */
#define BOOT_MAX_NS (600 * NS_PER_S)
#define SLOWER_MAX_NS (3600 * NS_PER_S)

static bool is_known(const struct timeouts *t, uint32_t layer)
{
	return t->tree && layer < t->tree->count;
}

/* Counted from 1. The relay is as near as L0. */
static uint64_t depth_of(const struct timeouts *t, uint32_t layer)
{
	if (is_known(t, layer))
		return t->tree->layer[layer].depth + 1;
	return layer == LAYER_RELAY ? 1 : layer + 1;
}

static uint64_t boot_of(const struct timeouts *t, uint32_t layer)
{
	return MIN(t->boot_ns[layer], BOOT_MAX_NS);
}

uint64_t timeouts_silence_ns(const struct timeouts *t, uint32_t layer)
{
	uint64_t seen = MAX(BOOTS_SILENT * boot_of(t, layer),
			    GAPS_SILENT * MIN(t->gap_ns[layer], TIMEOUTS_SILENCE_MAX_NS));

	return MIN(MAX(SILENCE_NS * depth_of(t, layer), seen), TIMEOUTS_SILENCE_MAX_NS);
}

uint64_t timeouts_talk_ns(const struct timeouts *t, uint32_t layer)
{
	return TALK_NS * depth_of(t, layer) + BOOTS_SILENT * boot_of(t, layer);
}

static uint64_t parents_boot(const struct timeouts *t, uint32_t layer)
{
	uint32_t parent = is_known(t, layer) ? t->tree->layer[layer].parent : layer - 1;

	return layer && parent != LAYER_NO_PARENT ? boot_of(t, parent) : 0;
}

struct start_limit timeouts_start(const struct timeouts *t, const struct driver *driver,
				  const struct layer_spec *spec)
{
	struct start_cost cost = {.attempt_ns = BOOT_NS, .attempts = 1};
	uint64_t attempt_ns = spec->boot_limit_ns;

	if (driver->start_cost)
		cost = driver->start_cost(spec);
	if (!attempt_ns)
		attempt_ns = cost.attempt_ns + BOOTS_UP * parents_boot(t, (uint32_t)spec->layer);
	return (struct start_limit){.attempt_ns = attempt_ns,
				    .total_ns = cost.attempts * attempt_ns + 2 * TALK_NS};
}

uint64_t timeouts_setup_ns(const struct timeouts *t, uint32_t layer, uint64_t seen_ns)
{
	if (!seen_ns)
		return UNKNOWN_NS * depth_of(t, layer) + BOOTS_UP * boot_of(t, layer);
	return SETUP_NS * depth_of(t, layer) + SETUPS * seen_ns;
}

uint64_t timeouts_batch_ns(const struct timeouts *t, uint32_t layer, uint64_t expected_ns)
{
	if (!expected_ns)
		return UNKNOWN_NS * depth_of(t, layer) + BOOTS_UP * boot_of(t, layer);
	return BATCH_NS * depth_of(t, layer) + BATCHES * expected_ns;
}

/* What took so long above may take this long here. */
static uint64_t slower(uint64_t above_ns, uint64_t times)
{
	return times * SLOWER * MIN(above_ns, SLOWER_MAX_NS / (times * SLOWER));
}

uint64_t timeouts_calibration_setup_ns(const struct timeouts *t, uint32_t layer,
				       const struct timeouts_hint *hint)
{
	bool told = hint->setup_ns || hint->hung;

	return SETUP_NS * depth_of(t, layer) +
	       (told ? BOOTS_SILENT : BOOTS_UP) * boot_of(t, layer) + slower(hint->setup_ns, 1);
}

uint64_t timeouts_calibration_ns(const struct timeouts *t, uint32_t layer, uint64_t batch_ns,
				 const struct timeouts_hint *hint)
{
	uint64_t limit =
		BATCH_NS * depth_of(t, layer) + CALIBRATIONS * CALIBRATION_BATCHES * batch_ns;

	if (hint->op_ns || hint->hung)
		return limit + BOOTS_SILENT * boot_of(t, layer) + slower(hint->op_ns, 2);
	return limit + (hint->of_user ? UNKNOWN_NS : OP_NS) * depth_of(t, layer) +
	       BOOTS_UP * boot_of(t, layer);
}
