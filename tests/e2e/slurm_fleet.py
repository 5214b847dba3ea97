# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet that nestbench measures by a Slurm of the test's own, and what becomes of it."""
import glob, json, os, subprocess, time

import slurm_world
from ssh_world import BUILD, complain

LIMIT_S = 240  # of a command, on a busy machine
RUN = ["--alongside", "--layers", "bare/fake", "--workloads", "sleep", "--noise-limit", "0%", "--batches", "2"]
SHORT = ["--rounds", "2", "--batch-time", "1ms"]
LONG = ["--rounds", "20", "--batch-time", "50ms"]  # so long that it can be hit in its middle
ENDLESS = ["--rounds", "400", "--batch-time", "50ms"]


class Fleet:
    def __init__(self, cluster, name):
        self.cluster, self.dir = cluster, f"{cluster.top}/{name}"

    def start(self, *words):
        # srun listens as the daemons do.
        return subprocess.Popen([*self.cluster.front, f"{BUILD}/nestbench", "fleet", *words], env=self.cluster.environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def start_run(self, *words, options=(), partition=""):
        return self.start("run", "--slurm", *filter(None, [partition]), "--out", self.dir, *options, "--", *RUN, *words)

    def end(self, command, what, code, sentence=""):
        try:
            said = command.communicate(timeout=LIMIT_S)[1]
        except subprocess.TimeoutExpired:
            command.kill()
            said = "it does not end: " + command.communicate()[1]
        if command.returncode != code or sentence not in said:
            complain(what, f"exit code {command.returncode}, not {code}, without \"{sentence}\": {said[-1500:]}")
        return said

    def nodes(self):
        try:
            return {node["name"]: node for node in json.load(open(f"{self.dir}/fleet.json"))["nodes"]}
        except FileNotFoundError:
            return {}

    def wait_for(self, what, states):
        end = time.time() + slurm_world.UP_S
        while {name: node["state"] for name, node in self.nodes().items()} != states and time.time() < end:
            time.sleep(0.1)
        if time.time() >= end:
            complain(what, f"expected {states}: {self.nodes()}")

    def wait_for_rows(self, what):
        """All nodes are in the middle of their runs."""
        end = time.time() + slurm_world.UP_S
        while len(glob.glob(f"{self.dir}/.jobs/*/run/samples.csv")) < len(self.cluster.default) and time.time() < end:
            time.sleep(0.1)
        self.wait_for(what, {node: "running" for node in self.cluster.default})

    def arrays(self):
        return {node["job"].partition("_")[0] for node in self.nodes().values()}

    def is_measured(self, what):
        """All of it, and nothing beside it."""
        for name, node in self.nodes().items():
            manifest = json.load(open(f"{self.dir}/{name}/manifest.json"))
            if node["state"] != "done" or manifest["state"] != "complete" or manifest["run"] != node["run"]:
                complain(what, f"{name} is {node}, its run {manifest['run']} {manifest['state']}")
        if set(os.listdir(self.dir)) != {"fleet.json", *self.nodes()}:
            complain(what, f"something is left: {os.listdir(self.dir)}")
        left = self.cluster.jobs_left()
        if left:
            complain(what, f"jobs are left: {left}")
