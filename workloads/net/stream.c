/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the bandwidth of the network from a layer to its parent layer: 64 KiB at a time into one
 * TCP connection. Segmentation offload makes large packets of them, so that the exits are few and
 * copying counts; user-mode networking, the default, copies once more in the parent layer. L0 sends
 * over loopback, to a thread of the same process on the same CPUs. At the end of a batch the peer
 * has received everything and answers with a checksum of it, which is compared.
 *
 * With threads=N there are as many connections, each with a peer thread of its own (at most 16).
 * Not measured: the other direction, loss.
 *
 * Source: netperf TCP_STREAM -- -m 64K; iperf3.
 */
#include <endian.h>
#include <string.h>

#include "workloads/net/peer.h"

enum { CHUNK = 64 << 10 };

struct state {
	struct net_client client;
	uint64_t seed;
	unsigned char chunk[CHUNK];
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->seed = mix64(env->seed);
	for (int i = 0; i < CHUNK; i++)
		s->chunk[i] = (unsigned char)mix64(s->seed ^ (uint64_t)i);
	return net_connect(&s->client, env, 's', err);
}

/* Changes what the checksum is made of, and returns the share of this chunk in it. */
static uint64_t mark(struct state *s, uint64_t place)
{
	uint64_t word = mix64(s->seed + s->client.tally.done), share = 0;

	for (uint64_t i = 0; i < CHUNK / NET_STRIDE; i++) {
		unsigned char byte = (unsigned char)(word >> i % 8 * 8);

		s->chunk[i * NET_STRIDE] = byte;
		share += byte * (place * (CHUNK / NET_STRIDE) + i + 1);
		s->client.tally.sum += byte * (i + 1);
	}
	return share;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	uint64_t bytes = htobe64(n * CHUNK), want = 0, got;

	if (n > NET_STREAM_MAX / CHUNK)
		return err_set(err, EXIT_MACHINE, "a batch of net.stream is at most 1TiB");
	if (net_send(&s->client, &bytes, sizeof(bytes), err) < 0)
		return -1;
	for (uint64_t i = 0; i < n; i++, s->client.tally.done++) {
		want += mark(s, i);
		if (net_send(&s->client, s->chunk, CHUNK, err) < 0)
			return -1;
	}
	if (net_receive(&s->client, &got, sizeof(got), err) < 0)
		return -1;
	if (be64toh(got) != want)
		return err_set(err, EXIT_MACHINE, "the peer received something else");
	return 0;
}

static uint64_t bytes_per_op(const uint64_t *arg)
{
	return CHUNK;
}

const struct workload workload_net_stream = {
	.name = "net.stream",
	.summary = "sending to the parent layer over TCP",
	.op = "64 KiB sent, and received: a batch ends when the peer has all of it",
	.source = "netperf TCP_STREAM -- -m 64K, iperf3",
	NET_WORKLOAD,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.bytes_per_op = bytes_per_op,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.known_digest = UINT64_C(0x229081356ae3594d),
};
