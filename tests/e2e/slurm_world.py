# SPDX-License-Identifier: GPL-3.0-or-later
"""A Slurm cluster of a test's own on this machine: munged, slurmctld, and a slurmd for each node, in one directory, on ports of
loopback that nothing else has, all ended by their process ids."""
import os, shutil, signal, socket, subprocess, sys, time

from ssh_world import descendants, exe

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
PROGRAMS = {"munged": "munge", "slurmctld": "slurmctld", "slurmd": "slurmd", "sbatch": "slurm-client"}
UP_S, DOWN_S, COMPLETING_S = 60, 20, 180  # patience with a busy machine
SLURM_CONF = """ClusterName=nestbench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={top}/munge.socket
CredType=cred/munge
{loopback}
StateSaveLocation={top}/state
SlurmctldPidFile={top}/slurmctld.pid
SlurmdPidFile={top}/slurmd-%n.pid
SlurmdSpoolDir={top}/spool-%n
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
SwitchType=switch/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=sched_interval=2,sched_min_interval=100000
SlurmdTimeout={dead_s}
KillWait=2
ReturnToService=2
"""


# Daemons that listen on one address only take that of the machine's name: here this one, which all machines know.
NAMED = ["unshare", "--uts", "sh", "-c", 'echo localhost >/proc/sys/kernel/hostname && exec "$@"', "daemon"]
LOOPBACK = "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny"


def user():
    return subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()


def resolves_to_loopback(host):
    try:
        return socket.gethostbyname(host).startswith("127.")
    except OSError:
        return False


def free_ports(count):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def lacking():
    """A sentence of the packages that are not here, or none."""
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program, path=PATH)]
    return f"a Slurm of the test's own needs the Debian packages {' '.join(packages)}" if packages else ""


class Cluster:
    """Nodes that are this machine, and others that are in no default partition; a node counts as down when its slurmd is silent
    for dead_s. mounts: of some, commands of a shell that change what their machine sees."""

    def __init__(self, top, default, others=(), dead_s=10, mounts={}):
        nodes = [*default, *others]
        self.top, self.nodes, self.default, self.daemons, self.mounts = top, nodes, default, {}, mounts
        os.chmod(top, 0o755)  # munge wants it so
        for name in ["state"] + [f"spool-{node}" for node in nodes]:
            os.mkdir(f"{top}/{name}")
        with open(os.open(f"{top}/munge.key", os.O_CREAT | os.O_WRONLY, 0o400), "wb") as key:
            key.write(os.urandom(1024))
        ports = free_ports(1 + len(nodes))
        self.front = NAMED if subprocess.run([*NAMED, "true"], stderr=subprocess.DEVNULL).returncode == 0 else []
        host = "localhost" if self.front else os.uname().nodename.split(".")[0]
        loopback = LOOPBACK if self.front or resolves_to_loopback(host) else ""
        with open(f"{top}/slurm.conf", "w") as conf:
            conf.write(SLURM_CONF.format(top=top, host=host, ports=ports, user=user(), loopback=loopback,
                                         dead_s=dead_s))
            for node, port in zip(nodes, ports[1:]):
                conf.write(f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={os.cpu_count()}\n")
            conf.write(f"PartitionName=all Nodes={','.join(default)} Default=YES MaxTime=INFINITE State=UP\n")
            conf.write(f"PartitionName=every Nodes={','.join(nodes)} MaxTime=INFINITE State=UP\n")
        self.environment = dict(os.environ, SLURM_CONF=f"{top}/slurm.conf", PATH=PATH)

    def configure(self, line):
        """Adds to the configuration; the controller reads it."""
        with open(f"{self.top}/slurm.conf", "a") as conf:
            conf.write(line + "\n")
        self.end("slurmctld")
        self.start_slurmctld()
        for node in self.nodes:
            self.wait_for(node, "idle")

    def start(self, name, *words, front=()):
        with open(f"{self.top}/{name}.log", "a") as log:
            self.daemons[name] = subprocess.Popen([*front, *self.front, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                  env=self.environment, start_new_session=True)

    def start_munged(self):
        self.start("munged", "munged", "--foreground", "--force", f"--key-file={self.top}/munge.key",
                   f"--socket={self.top}/munge.socket", f"--pid-file={self.top}/munged.pid", f"--seed-file={self.top}/munged.seed",
                   f"--log-file={self.top}/munged.log")

    def start_slurmctld(self):
        self.start("slurmctld", "slurmctld", "-D", "-f", f"{self.top}/slurm.conf")

    def start_slurmd(self, node):
        own = ["unshare", "--mount", "sh", "-c", f'{self.mounts[node]} && exec "$@"', "mounts"] if node in self.mounts else []
        self.start(node, "slurmd", "-D", "-N", node, "-f", f"{self.top}/slurm.conf", front=own)

    def end(self, name, number=signal.SIGTERM):
        daemon = self.daemons.pop(name)
        daemon.send_signal(number)
        try:
            daemon.wait(DOWN_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def ask(self, *words):
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return done.stdout.strip() if done.returncode == 0 else ""

    def wait_until_idle(self, limit_s=DOWN_S):
        """The jobs that are left after this time at most."""
        end = time.time() + limit_s
        while (left := self.ask("squeue", "--noheader")) and time.time() < end:
            time.sleep(0.1)
        return left

    def jobs_left(self):
        """Those that wait or run now. One that is COMPLETING has ended, but Slurm waits for its node's word of that, on a
        busy machine for more than a minute: it has to be over in time."""
        left = self.ask("squeue", "--noheader", "--states", "PENDING,CONFIGURING,RUNNING,SUSPENDED")
        return left or self.wait_until_idle(COMPLETING_S)

    def state(self, node):
        return self.ask("sinfo", "--noheader", "--nodes", node, "--partition", "every", "--format", "%t")

    def wait_for(self, node, *states):
        """Whether the node comes into one of these states."""
        end = time.time() + UP_S
        while self.state(node) not in states and time.time() < end:
            time.sleep(0.1)
        return self.state(node) in states

    def said(self):
        """The last lines of all logs."""
        logs = sorted(name for name in os.listdir(self.top) if name.endswith(".log"))
        return "\n".join(f"{name}: {line}" for name in logs for line in open(f"{self.top}/{name}").read().split("\n")[-5:] if line)

    def __enter__(self):
        self.start_munged()
        end = time.time() + UP_S
        while not os.path.exists(f"{self.top}/munge.socket") and time.time() < end:
            time.sleep(0.05)
        self.start_slurmctld()
        for node in self.nodes:
            self.start_slurmd(node)
        for node in self.nodes:
            if not self.wait_for(node, "idle"):
                said = self.said()
                self.__exit__()
                sys.exit(f"FAILED: node {node} did not come up:\n{said}")
        return self

    def steps(self, node=""):
        """The slurmstepd of jobs on this node, or on any: they live on when its slurmd ends. Found by the jobs below them."""
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                environment = open(f"/proc/{pid}/environ", "rb").read().decode(errors="replace").split("\0")
                parent = int(open(f"/proc/{pid}/stat", errors="replace").read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if f"SLURM_CONF={self.top}/slurm.conf" in environment and "slurmstepd" in exe(parent):
                if not node or f"SLURMD_NODENAME={node}" in environment:
                    found.add(parent)
        return sorted(found)

    def machine(self, node):
        """A process that sees what the machine of this node sees."""
        return descendants(self.daemons[node].pid)[-1]

    def kill_jobs(self, node=""):
        for step in self.steps(node):
            for pid in descendants(step):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def power_off(self, node):
        """The node's machine goes dark, and its jobs with it."""
        self.end(node, signal.SIGKILL)
        self.kill_jobs(node)

    def __exit__(self, *_):
        if "slurmctld" in self.daemons:
            self.ask("scancel", "--user", user())
            self.wait_until_idle()
        for name in [*self.nodes, "slurmctld", "munged"]:
            if name in self.daemons:
                self.end(name)
        self.kill_jobs()
