/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the latency of the network between a layer and its parent layer: one byte goes over TCP
 * and comes back, one at a time. In a VM that is at least one exit to ring the network card's
 * doorbell, a halt, one interrupt for the answer, and whatever carries packets in the parent layer;
 * the note says where the peer is. L0 has no parent layer: there the same bytes go over loopback,
 * to a thread of the same process on the same CPUs, as the baseline. Every byte is compared with
 * what was sent.
 *
 * With threads=N there are as many connections, each with a peer thread of its own (at most 16).
 * Not measured: a real network card.
 *
 * Source: netperf TCP_RR -- -r 1,1.
 */
#include "workloads/net/peer.h"

struct state {
	struct net_client client;
	uint64_t seed;
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->seed = mix64(env->seed);
	return net_connect(&s->client, env, 'r', err);
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++, s->client.tally.done++) {
		const unsigned char sent = (unsigned char)mix64(s->seed + s->client.tally.done);
		unsigned char back;

		if (net_send(&s->client, &sent, 1, err) < 0 ||
		    net_receive(&s->client, &back, 1, err) < 0)
			return -1;
		if (back != sent)
			return err_set(err, EXIT_MACHINE, "the peer sent back another byte");
		s->client.tally.sum = s->client.tally.sum * 31 + back;
	}
	return 0;
}

const struct workload workload_net_rr = {
	.name = "net.rr",
	.summary = "one byte to the parent layer and back over TCP",
	.op = "one round trip of one byte",
	.source = "netperf TCP_RR -- -r 1,1",
	.figure = "DVH (ASPLOS 2020) table 3: device notify 4,984 / 48,390 / 1,008,935 cycles in "
		  "L1 / L2 / L3, which is a part of it",
	NET_WORKLOAD,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.profiles[PROFILE_QUICK] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_digest = UINT64_C(0x3f241d40e63f0517),
};
