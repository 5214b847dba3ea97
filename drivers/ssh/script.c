/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/script.h"

#include <inttypes.h>

#include "drivers/ssh/talk.h"

/*
 * For any POSIX shell; in it no single quote, no newline, no backslash and no exclamation mark, as
 * the user's login shell, which need not be one, takes it as one quoted word.
 *
 * $1 directory or -, $2 bytes, $3 limit, $4 bytes of scratch, then the agent's command.
 */
static const char begin[] =
	"umask 077; LC_ALL=C; export LC_ALL; "
	"say() { echo \"" TALK_MARK "$*\"; }; "
	"fail() { say fail $@; exit 1; }; "
	"d=; clean() { cd /; test -z \"$d\" || rm -rf \"$d\"; }; "
	"trap clean EXIT; trap \"exit 1\" HUP INT TERM PIPE; "
	"m=\"$(uname -s) $(uname -m)\"; "
	"test \"$m\" = \"Linux x86_64\" || fail machine $m; "
	"for t in tar mktemp head rm; do command -v $t >/dev/null 2>&1 || fail tool $t; done; "
	"p=$1; test \"$p\" = - && p=${TMPDIR:-/tmp}; "
	"w=$(mktemp -d \"$p/nestbench-XXXXXX\" 2>&1) || fail dir $w; d=$w; "
	"cd \"$d\" || fail dir $d; ";

static const char take_files[] =
	"u=$(cat /sys/class/dmi/id/product_uuid 2>/dev/null) && say uuid $u; "
	"grep -q \"^flags.* hypervisor\" /proc/cpuinfo && say virtual; "
	/* The peer may go without a word. */
	"t=; command -v timeout >/dev/null 2>&1 && t=\"timeout $3\"; "
	"say dir $d; "
	"w=$($t head -c $2 | tar xof - 2>&1) || fail unpack $w; "
	"w=$(./nestkernel --version 2>&1) || fail run $w; ";

/* Its content is what io kernels expect. */
static const char scratch[] =
	"w=$(./nestkernel nop --scratch scratch --fill $4 --batches 1 --time 1us 2>&1) || "
	"fail scratch $w; ";

/* Whatever each file in $f lacks, until nothing changes. Where that is nothing the environment,
 * which is recorded, stays as it is. */
static const char libraries[] =
	"p=$LD_LIBRARY_PATH; mkdir lib; LD_LIBRARY_PATH=$d/lib${p:+:$p}; export LD_LIBRARY_PATH; "
	"for i in 1 2 3 4 5; do "
	"for l in $(ldd $f/nestbench $f/*.so 2>/dev/null | sed -n \"s/ => not found.*//p\"); do "
	"test -f $f/spare/$l && ln -s $f/spare/$l lib/; done; done; "
	"if rmdir lib 2>/dev/null; then LD_LIBRARY_PATH=$p; "
	"test -n \"$p\" || unset LD_LIBRARY_PATH; fi; "
	"w=$($f/nestbench agent --help 2>&1) || fail libraries $w; ";

static const char end[] = "say ready; shift 4; \"$@\"";

void script_add(const struct script *s, struct buf *out)
{
	buf_addf(out, "exec sh -c '%s%sf=$d; %s%s%s' nestbench %s %" PRIu64 " %u %" PRIu64 " %s",
		 begin, take_files, s->full ? libraries : "", s->scratch_bytes ? scratch : "", end,
		 s->dir ? s->dir : "-", s->bytes, s->limit_s, s->scratch_bytes, s->agent);
}

/*
 * $1 directory or -, $2 where files are that this machine may share or -, $3 what is in the file
 * SCRIPT_PROBE there if it does, $4 SHA-256 of the sums, $5 bytes, $6 limit, then the command.
 */
static const char find_files[] =
	"for t in ldd sed sha256sum timeout; do command -v $t >/dev/null 2>&1 || fail tool $t; "
	"done; "
	"f=$d; t=\"timeout $6\"; "
	"if test \"$(head -c 64 $2/" SCRIPT_PROBE " 2>/dev/null)\" = $3; then f=$2; say shared; "
	"else say dir $d; fi; "
	"a=$($t head -c 5); "
	"case $a in use*) ;; "
	"copy*) w=$($t head -c $5 | tar xof - 2>&1) || fail unpack $w;; "
	"*) exit 1;; esac; ";

static const char verify[] =
	"w=$(head -c 1000000 $f/" SCRIPT_SUMS " | sha256sum | head -c 64); "
	"test \"$w\" = $4 || fail hash " SCRIPT_SUMS "; "
	"w=$(cd $f && sha256sum -c " SCRIPT_SUMS " 2>/dev/null | grep -v \" OK\" | head -n 1); "
	"test -z \"$w\" || fail hash $w; "
	"w=$($f/nestkernel --version 2>&1) || fail run $w; ";

static const char end_node[] = "say ready; shift 6; $f/\"$@\"";

void script_add_node(const struct script_node *s, struct buf *out)
{
	buf_addf(out, "exec sh -c '%s%s%s%s%s' nestbench %s %s %s %s %" PRIu64 " %u %s", begin,
		 find_files, verify, libraries, end_node, s->dir ? s->dir : "-",
		 s->shared ? s->shared : "-", s->token, s->sums, s->bytes, s->limit_s, s->command);
}

static const char look[] = "say machine $m, Linux $(uname -r), as $(id -un); "
			   "w=$( (echo true >x && chmod 700 x && ./x) 2>&1) || fail run $w; "
			   "set -- $(df -Pk . | tail -n 1); say free $4; ";

static const char look_for_layers[] =
	"f=$(grep -o -w -m 1 -e svm -e vmx /proc/cpuinfo | head -n 1); "
	"test -n \"$f\" && say has $f in its CPU flags || "
	"say \"lacks svm or vmx in its CPU flags, so that VMs there are emulated: switch it on in "
	"the firmware, or nested virtualization on its host\"; "
	"test -r /dev/kvm -a -w /dev/kvm && say has /dev/kvm for this user || "
	"say \"lacks /dev/kvm for this user: add the user to the group kvm there\"; "
	"for n in /sys/module/kvm_*/parameters/nested; do "
	"test -r $n && say has $(cat $n) in $n; done; "
	"command -v qemu-system-x86_64 >/dev/null 2>&1 && say has QEMU || "
	"say \"lacks QEMU, which VMs need: install qemu-system-x86 there\"; "
	"ls /usr/lib*/*/libvirt.so.0 /usr/lib*/libvirt.so.0 2>/dev/null | grep -q . && "
	"say has libvirt || "
	"say \"lacks libvirt, which VMs need: install libvirt-daemon there\"; ";

void script_add_look(const char *dir, bool full, struct buf *out)
{
	buf_addf(out, "exec sh -c '%s%s%strue' nestbench %s", begin, look,
		 full ? look_for_layers : "", dir ? dir : "-");
}
