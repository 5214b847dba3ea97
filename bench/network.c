/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/network.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/base/parse.h"
#include "bench/program.h"
#include "drivers/driver.h"

#define SERVING "serving 127.0.0.1:"
#define CARD "eth0"
#define START_LIMIT_NS (20 * NS_PER_S)

/* The line that nestkernel prints once it listens. */
static int read_port(struct net_server *s, struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + START_LIMIT_NS, port;
	char line[64] = "";
	size_t len = 0;

	while (len + 1 < sizeof(line) && !strchr(line, '\n')) {
		struct pollfd p = {.fd = s->child.out, .events = POLLIN};
		ssize_t got;

		if (clock_now(&clock_machine) > end)
			break;
		if (poll(&p, 1, 1000) <= 0)
			continue;
		got = read(s->child.out, line + len, sizeof(line) - 1 - len);
		if (got <= 0)
			break;
		len += (size_t)got;
		line[len] = '\0';
	}
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, SERVING, strlen(SERVING)) != 0 ||
	    parse_u64(line + strlen(SERVING), "port", 1, 65535, &port, err) < 0)
		return err_set(err, EXIT_INTERNAL, "nestkernel does not serve the network");
	s->port = (int)port;
	return 0;
}

int net_server_start(struct net_server *s, struct err *err)
{
	char *program = program_path("nestkernel", err);
	const char *const argv[] = {program, "--serve-net", "127.0.0.1:0", NULL};
	int done;

	*s = (struct net_server)NET_SERVER_NONE;
	if (!program)
		return -1;
	done = child_start(&s->child, argv, NULL, err);
	free(program);
	if (done == 0 && read_port(s, err) < 0) {
		net_server_stop(s);
		done = -1;
	}
	return done;
}

void net_server_stop(struct net_server *s)
{
	child_stop(&s->child, NS_PER_S);
	s->port = 0;
}

static int set_address(int fd, unsigned long what, const char *address, struct err *err)
{
	struct ifreq r = {.ifr_name = CARD};
	struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;

	in->sin_family = AF_INET;
	inet_pton(AF_INET, address, &in->sin_addr);
	return ioctl(fd, what, &r) < 0
		       ? err_errno(err, EXIT_MACHINE, "cannot give %s an address", CARD)
		       : 0;
}

static int bring_up(struct err *err)
{
	struct ifreq r = {.ifr_name = CARD};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), done = -1;

	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "no sockets");
	/* The card appears some time after its driver was loaded. */
	for (int i = 0; i < 500 && ioctl(fd, SIOCGIFFLAGS, &r) < 0; i++)
		usleep(10000);
	if (set_address(fd, SIOCSIFADDR, LAYER_NET_GUEST, err) < 0 ||
	    set_address(fd, SIOCSIFNETMASK, "255.255.255.0", err) < 0)
		goto out;
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP | IFF_RUNNING);
	done = ioctl(fd, SIOCSIFFLAGS, &r);
	if (done < 0)
		err_errno(err, EXIT_MACHINE, "cannot bring up %s", CARD);
out:
	close(fd);
	return done;
}

int net_guest_setup(const char *cmdline, char **peer, struct err *err)
{
	const char *const argv[] = {"modprobe", "virtio_net", NULL};
	struct buf line = BUF_INIT, said = BUF_INIT;
	const char *word;
	int done = -1;

	*peer = NULL;
	if (file_read(cmdline, 1 << 16, &line, err) < 0)
		goto out;
	word = strstr(buf_str(&line), LAYER_NET_WORD);
	if (!word) {
		done = 0;
		goto out;
	}
	word += strlen(LAYER_NET_WORD);
	*peer = strndup(word, strcspn(word, " \n"));
	if (!*peer)
		err_set(err, EXIT_INTERNAL, "out of memory");
	else if (child_run(argv, NULL, NULL, START_LIMIT_NS, &said, err) == 0)
		done = bring_up(err);
out:
	buf_release(&said);
	buf_release(&line);
	return done;
}
