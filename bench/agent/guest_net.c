/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/guest_net.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/agent/guest_modules.h"
#include "bench/agent/programs.h"
#include "drivers/host/net_link.h"
#include "lib/clock.h"
#include "lib/parse.h"
#include "lib/str.h"

#define CARD "eth0"

enum { BACKLOG = 8 };

int net_server_start(struct child *c, const char *address, struct err *err)
{
	char *program = program_path("nestkernel", err);
	const char *const argv[] = {program, "--call-net", address, NULL};
	int done;

	if (!program)
		return -1;
	done = child_start(c, argv, NULL, err);
	free(program);
	return done;
}

/* "KIND,ADDRESS/PREFIX" */
struct word {
	char kind[16];
	struct in_addr address, mask;
};

static int parse_word(const char *text, struct word *w, struct err *err)
{
	char address[INET_ADDRSTRLEN], prefix[4];
	uint64_t bits;

	if (sscanf(text, "%15[a-z+],%15[0-9.]/%3[0-9]", w->kind, address, prefix) != 3 ||
	    inet_pton(AF_INET, address, &w->address) != 1 ||
	    parse_u64(prefix, "prefix", 1, 31, &bits, err) < 0)
		return err_set(err, EXIT_INTERNAL,
			       "\"%.40s\" is no network card of the form KIND,ADDRESS/PREFIX",
			       text);
	w->mask.s_addr = htonl(~UINT32_C(0) << (32 - bits));
	return 0;
}

static int set_address(int fd, unsigned long what, struct in_addr address)
{
	struct ifreq r = {.ifr_name = CARD};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = address};

	memcpy(&r.ifr_addr, &in, sizeof(in));
	return ioctl(fd, what, &r);
}

static int bring_up(const struct word *w, struct err *err)
{
	struct ifreq r = {.ifr_name = CARD};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), done = -1;

	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "no sockets");
	/* The card appears some time after its driver was loaded. */
	for (int i = 0; i < 500 && ioctl(fd, SIOCGIFFLAGS, &r) < 0; i++)
		usleep(10000);
	if (set_address(fd, SIOCSIFADDR, w->address) == 0 &&
	    set_address(fd, SIOCSIFNETMASK, w->mask) == 0) {
		r.ifr_flags = (short)(r.ifr_flags | IFF_UP | IFF_RUNNING);
		done = ioctl(fd, SIOCSIFFLAGS, &r);
	}
	if (done < 0)
		err_errno(err, EXIT_MACHINE, "cannot bring up the network card %s", CARD);
	close(fd);
	return done;
}

/* On the card's own address only: loopback and cards for child layers are other networks. */
static int listen_on(const struct word *w, struct err *err)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr = w->address, .sin_port = htons(LAYER_NET_PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	err_errno(err, EXIT_MACHINE, "cannot wait for calls of the parent layer");
	if (fd >= 0)
		close(fd);
	return -1;
}

static int set_up(const char *text, struct net_guest *g, struct err *err)
{
	struct word w;

	if (parse_word(text, &w, err) < 0 || guest_module_load("virtio_net", err) < 0 ||
	    bring_up(&w, err) < 0)
		return -1;
	g->listener = listen_on(&w, err);
	if (g->listener < 0)
		return -1;
	snprintf(g->peer, sizeof(g->peer), "%s@%d", w.kind, g->listener);
	return 0;
}

int net_guest_setup(const char *card, struct net_guest *g, struct err *err)
{
	*g = (struct net_guest)NET_GUEST_NONE;
	if (set_up(card, g, err) == 0)
		return 0;
	str_copy(g->peer, sizeof(g->peer), "none");
	return -1;
}

void net_guest_release(struct net_guest *g)
{
	if (g->listener >= 0)
		close(g->listener);
	*g = (struct net_guest)NET_GUEST_NONE;
}
