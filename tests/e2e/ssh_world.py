# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of layers of kind ssh share: keys, servers that are started for each login, and a look at what is there."""
import contextlib, csv, fcntl, getpass, os, shutil, stat, subprocess, sys, time

BUILD = os.path.abspath(sys.argv[1])
SSHD = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
GONE_S = 20  # a lease of 5 s, and patience with a busy machine
failures = []


def complain(what, detail):
    failures.append(what)
    print(f"FAILED: {what}: {detail}")


def write(path, text, mode=0o600):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def descendants(pid):
    found = [pid]
    for one in found:
        for task in os.listdir(f"/proc/{one}/task") if os.path.exists(f"/proc/{one}/task") else []:
            try:
                found += map(int, open(f"/proc/{one}/task/{task}/children").read().split())
            except OSError:
                pass
    return found


def exe(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


@contextlib.contextmanager
def locked(path, how):
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def separation():
    """The empty directory on which sshd insists as root. Tests that run beside each other share it, and the last one
    takes it away, where it was made by such a test: its mode says so."""
    path, mode = "/run/sshd", 0o711
    if os.getuid() != 0:
        yield
        return
    with contextlib.ExitStack() as used:
        with locked("/run", fcntl.LOCK_EX):
            if not os.path.exists(path):
                os.mkdir(path)
                os.chmod(path, mode)
            used.enter_context(locked(path, fcntl.LOCK_SH))
        try:
            yield
        finally:
            with locked("/run", fcntl.LOCK_EX):
                used.close()
                if stat.S_IMODE(os.stat(path).st_mode) == mode:
                    with contextlib.suppress(BlockingIOError), locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
                        os.rmdir(path)


class World:
    """Keys, the server's configuration, and hosts that differ in what their server gives the login."""

    def __init__(self, top):
        self.top, self.there = top, top + "/there"
        os.mkdir(self.there)
        for key in ("hostkey", "otherkey", "id"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{top}/{key}"], check=True)
        shutil.copy(f"{top}/id.pub", f"{top}/keys")
        write(f"{top}/sshd_config", f"HostKey {top}/hostkey\nAuthorizedKeysFile {top}/keys\nStrictModes no\nUsePAM no\n"
              "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\n")
        key = " ".join(open(f"{top}/hostkey.pub").read().split()[:2])
        other = " ".join(open(f"{top}/otherkey.pub").read().split()[:2])
        write(f"{top}/known", f"known {key}\nchanged {other}\n")
        self.config = f"{top}/config"
        write(self.config, f"Host *\n  IdentitiesOnly yes\n"
              f"  UserKnownHostsFile {top}/known\n  GlobalKnownHostsFile none\n")

    def host(self, name, environment="", alias="known", key="id", around=""):
        """A Host of ssh's configuration; `around` is put in front of the server's command."""
        variables = f"TMPDIR={self.there} {environment}".split()
        server = f"{SSHD} -i -f {self.top}/sshd_config -E {self.top}/sshd.log -o \"SetEnv {' '.join(variables)}\""
        if around:
            server = around % server
        with open(self.config, "a") as file:
            file.write(f"Host {name}\n  User {getpass.getuser()}\n  HostKeyAlias {alias}\n  IdentityFile {self.top}/{key}\n"
                       f"  ProxyCommand {server}\n")
        return f"bare/ssh={name},config={self.config}"

    def programs(self):
        """What runs from below the directory of the other side."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if exe(pid).startswith(self.there):
                found.append(int(pid))
        return found

    def left(self):
        return self.programs() + os.listdir(self.there)

    def is_clean(self, what, limit=GONE_S):
        end = time.time() + limit
        while self.left() and time.time() < end:
            time.sleep(0.02)
        if self.left():
            complain(what, f"left behind on the other side: {self.left()}")


def command(world, layers, name, words):
    return [f"{BUILD}/nestbench", "run", "--alongside", "--layers", layers, "--workloads", "cpu.int", "--batch-time", "1ms",
            "--noise-limit", "0%", "--no-plots", "--out", f"{world.top}/run-{name}"] + words


def rows(world, name):
    with open(f"{world.top}/run-{name}/samples.csv", newline="") as file:
        return [(r["layer"], r["workload"], r["status"], r["reason"]) for r in csv.DictReader(file)]


def facts(world, name, layer="1"):
    with open(f"{world.top}/run-{name}/layers.csv", newline="") as file:
        return {r["key"]: r["value"] for r in csv.DictReader(file) if r["layer"] == layer}
