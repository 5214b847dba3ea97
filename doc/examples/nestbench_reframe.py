# SPDX-License-Identifier: GPL-3.0-or-later
"""A test for ReFrame 4 (https://reframe-hpc.readthedocs.io): what of a node is still usable in VMs.

    reframe -c nestbench_reframe.py -r --distribute=idle --performance-report

--distribute makes one test for each node. References of a system, {'mysystem:part': {'L1_cpu': (95, -0.05, None, '%')}}, make
a node that is below them fail."""
import json
import os

import reframe as rfm
import reframe.utility.sanity as sn


def shares(text):
    """Per cent of the machine that is usable, {'L1_cpu': 96.2}, of what nestbench run --json prints."""
    return {f"{row['layer']}_{row['class']}": 100 * row["share"]["mid"]
            for row in json.loads(text)["classes"] if row["share"] and row["share"]["mid"] is not None}


@rfm.simple_test
class NestbenchRun(rfm.RunOnlyRegressionTest):
    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    exclusive_access = True
    num_tasks = 1
    time_limit = "1h"
    executable = "nestbench"
    executable_opts = ["run", "--profile", "quick", "--no-plots", "--json", "--out", "run"]
    keep_files = ["run"]

    @sanity_function
    def is_measured(self):
        return sn.assert_found(r'"state": *"complete"', self.stdout)

    @run_before("performance")
    def set_performance(self):
        with open(os.path.join(self.stagedir, self.stdout.evaluate())) as file:
            found = shares(file.read())
        self.perf_variables = {name: sn.make_performance_function(sn.defer(value), "%") for name, value in found.items()}
