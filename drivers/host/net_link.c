/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/net_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/nearest.h"
#include "lib/str.h"

/* Our taps are named after the process that made them, and numbered: "nbt4711n0". */
#define TAP_PREFIX "nbt"
#define USER_GUEST "10.0.2.15/24"

/* 169.254.128.0/17 in pieces of four addresses. */
enum { FIRST_NET = (int)0xa9fe8000, NETS = 8192, NET_SIZE = 4 };

static const char *const names[] = {"none", "user", "tap", "tap+vhost"};
const char *const net_choices[] = {"user", "tap", NULL};

const char *net_kind_name(enum net_kind kind)
{
	return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}

int net_kind_parse(const char *text, enum net_kind *out, struct err *err)
{
	int i = choice_find("kind of network", text, net_choices, err);

	if (i >= 0)
		*out = i ? NET_TAP : NET_USER;
	return i < 0 ? -1 : 0;
}

/* Attaches to a tap, which is created if it does not exist. The caller closes the descriptor. */
static int attach(const char *name, struct err *err)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, EXIT_MACHINE,
			       "there is no /dev/net/tun: load the kernel module tun");
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE,
				 "a tap device needs root or CAP_NET_ADMIN: cannot open "
				 "/dev/net/tun");
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &r) == 0)
		return fd;
	err_errno(err, EXIT_MACHINE,
		  "a tap device needs root or CAP_NET_ADMIN: cannot make the tap device %s", name);
	close(fd);
	return -1;
}

/* The process that made the tap; 0: it is not one of ours. */
static pid_t owner(const char *name)
{
	int pid, number, used = 0;

	return sscanf(name, TAP_PREFIX "%7dn%3d%n", &pid, &number, &used) == 2 && !name[used] &&
			       pid > 0
		       ? pid
		       : 0;
}

void net_tap_remove(const char *name)
{
	struct err ignored;
	int fd;

	if (!owner(name) || if_nametoindex(name) == 0)
		return;
	fd = attach(name, &ignored);
	if (fd < 0)
		return;
	/* The tap is removed when its last descriptor is closed. */
	(void)ioctl(fd, TUNSETPERSIST, 0);
	close(fd);
}

void net_tap_sweep(bool dry_run, void (*found)(void *ctx, const char *name), void *ctx)
{
	DIR *dir = file_dir("/sys/class/net");
	const char *name;

	while ((name = file_dir_next(dir))) {
		pid_t pid = owner(name);

		if (!pid || kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		if (found)
			found(ctx, name);
		if (!dry_run)
			net_tap_remove(name);
	}
	file_dir_close(dir);
}

/* Whether some interface has one of the four addresses from net on. */
static bool is_used(const struct ifaddrs *all, uint32_t net)
{
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)i->ifa_addr;

		if (in && in->sin_family == AF_INET &&
		    ntohl(in->sin_addr.s_addr) / NET_SIZE == net / NET_SIZE)
			return true;
	}
	return false;
}

static int choose_net(uint32_t *net, struct err *err)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot list the network's addresses");
	*net = (uint32_t)FIRST_NET;
	for (int i = 0; i < NETS && is_used(all, *net); i++)
		*net += NET_SIZE;
	freeifaddrs(all);
	return 0;
}

static int set_address(int fd, const char *name, unsigned long what, uint32_t address)
{
	struct ifreq r = {0};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	memcpy(&r.ifr_addr, &in, sizeof(in));
	return ioctl(fd, what, &r);
}

static int bring_up(const char *name, uint32_t address, struct err *err)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), done = -1;
	struct ifreq r = {.ifr_flags = IFF_UP | IFF_RUNNING};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (fd >= 0 && set_address(fd, name, SIOCSIFADDR, address) == 0 &&
	    set_address(fd, name, SIOCSIFNETMASK, ~(uint32_t)(NET_SIZE - 1)) == 0 &&
	    ioctl(fd, SIOCSIFFLAGS, &r) == 0)
		done = 0;
	if (done < 0)
		err_errno(err, EXIT_MACHINE, "cannot give the tap device %s an address", name);
	if (fd >= 0)
		close(fd);
	return done;
}

/* Writes a setting of the tap only. A missing file is a missing feature. */
static int set(const char *family, const char *name, const char *key, const char *value,
	       struct err *err)
{
	if (file_put(value, "/proc/sys/net/%s/conf/%s/%s", family, name, key) || errno == ENOENT)
		return 0;
	return err_errno(err, EXIT_MACHINE, "cannot isolate the guest: /proc/sys/net/%s/conf/%s/%s",
			 family, name, key);
}

/* Set before it is up: packets from it go to this layer or nowhere. */
static int shut_in(const char *name, struct err *err)
{
	if (set("ipv4", name, "forwarding", "0", err) < 0 ||
	    set("ipv4", name, "rp_filter", "1", err) < 0)
		return -1;
	return set("ipv6", name, "disable_ipv6", "1", err);
}

static int make_tap(struct net_link *link, struct err *err)
{
	char address[INET_ADDRSTRLEN];
	struct in_addr guest;
	int fd, done = -1;
	uint32_t net;

	net_tap_sweep(false, NULL, NULL);
	for (int i = 0; i == 0 || (i < 1000 && if_nametoindex(link->tap)); i++)
		snprintf(link->tap, sizeof(link->tap), TAP_PREFIX "%un%u",
			 (unsigned)getpid() % 10000000, (unsigned)i % 1000);
	fd = attach(link->tap, err);
	if (fd < 0 || choose_net(&net, err) < 0 || shut_in(link->tap, err) < 0 ||
	    bring_up(link->tap, net + 1, err) < 0)
		goto out;
	/* Lets a VM's process open it, also where we are not root but may manage the network. */
	if (ioctl(fd, TUNSETOWNER, (unsigned long)geteuid()) < 0 ||
	    ioctl(fd, TUNSETPERSIST, 1) < 0) {
		err_errno(err, EXIT_MACHINE, "cannot keep the tap device %s", link->tap);
		goto out;
	}
	guest.s_addr = htonl(net + 2);
	snprintf(link->guest, sizeof(link->guest), "%s/30",
		 inet_ntop(AF_INET, &guest, address, sizeof(address)));
	done = 0;
out:
	if (fd >= 0)
		close(fd);
	if (done < 0)
		link->tap[0] = '\0';
	return done;
}

bool net_vhost_opens(void)
{
	int fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int net_link_make(struct net_link *link, enum net_kind wanted, struct err *err)
{
	*link = (struct net_link){0};
	if (wanted == NET_USER) {
		str_copy(link->guest, sizeof(link->guest), USER_GUEST);
		link->kind = NET_USER;
	} else if (wanted != NET_NONE) {
		if (make_tap(link, err) < 0)
			return -1;
		link->kind = net_vhost_opens() ? NET_TAP_VHOST : NET_TAP;
	}
	return 0;
}

void net_link_remove(struct net_link *link)
{
	if (link->tap[0])
		net_tap_remove(link->tap);
	*link = (struct net_link){0};
}

int net_tap_check(struct err *err)
{
	int fd = attach(TAP_PREFIX "%d", err);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}
