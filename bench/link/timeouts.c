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

static uint64_t boot_of(const struct timeouts *t, uint32_t layer)
{
	return MIN(t->boot_ns[layer], BOOT_MAX_NS);
}

uint64_t timeouts_silence_ns(const struct timeouts *t, uint32_t layer)
{
	uint64_t seen = MAX(BOOTS_SILENT * boot_of(t, layer),
			    GAPS_SILENT * MIN(t->gap_ns[layer], TIMEOUTS_SILENCE_MAX_NS));

	return MIN(MAX(SILENCE_NS * (layer + 1), seen), TIMEOUTS_SILENCE_MAX_NS);
}

uint64_t timeouts_talk_ns(const struct timeouts *t, uint32_t layer)
{
	return TALK_NS * (layer + 1) + BOOTS_SILENT * boot_of(t, layer);
}

struct start_limit timeouts_start(const struct timeouts *t, const struct driver *driver,
				  const struct layer_spec *spec)
{
	struct start_cost cost = {.attempt_ns = BOOT_NS, .attempts = 1};
	uint64_t attempt_ns = spec->boot_limit_ns;

	if (driver->start_cost)
		cost = driver->start_cost(spec);
	if (!attempt_ns)
		attempt_ns = cost.attempt_ns + BOOTS_UP * boot_of(t, (uint32_t)spec->depth - 1);
	return (struct start_limit){.attempt_ns = attempt_ns,
				    .total_ns = cost.attempts * attempt_ns + 2 * TALK_NS};
}

uint64_t timeouts_setup_ns(const struct timeouts *t, uint32_t layer, uint64_t seen_ns)
{
	if (!seen_ns)
		return UNKNOWN_NS * (layer + 1) + BOOTS_UP * boot_of(t, layer);
	return SETUP_NS * (layer + 1) + SETUPS * seen_ns;
}

uint64_t timeouts_batch_ns(const struct timeouts *t, uint32_t layer, uint64_t expected_ns)
{
	if (!expected_ns)
		return UNKNOWN_NS * (layer + 1) + BOOTS_UP * boot_of(t, layer);
	return BATCH_NS * (layer + 1) + BATCHES * expected_ns;
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

	return SETUP_NS * (layer + 1) + (told ? BOOTS_SILENT : BOOTS_UP) * boot_of(t, layer) +
	       slower(hint->setup_ns, 1);
}

uint64_t timeouts_calibration_ns(const struct timeouts *t, uint32_t layer, uint64_t batch_ns,
				 const struct timeouts_hint *hint)
{
	uint64_t limit = BATCH_NS * (layer + 1) + CALIBRATIONS * CALIBRATION_BATCHES * batch_ns;

	if (hint->op_ns || hint->hung)
		return limit + BOOTS_SILENT * boot_of(t, layer) + slower(hint->op_ns, 2);
	return limit + (hint->of_user ? UNKNOWN_NS : OP_NS) * (layer + 1) +
	       BOOTS_UP * boot_of(t, layer);
}
