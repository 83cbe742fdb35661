# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel tells of time that this host did not get."""

import os

from harness.service import stolen


def test_stolen_time_is_a_share_of_each_cpu() -> None:
    ticks, cpus = os.sysconf("SC_CLK_TCK"), os.cpu_count() or 1
    head = f"cpu  10 20 30 40 50 60 70 {3 * ticks * cpus} 90 100\ncpu0 1 2 3\n"
    assert stolen(head) == 3.0
    assert stolen("cpu  10 20 30 40 50 60 70\n") == 0.0
    assert stolen("") == 0.0
