# SPDX-License-Identifier: GPL-2.0-only
"""Types of values that several commands take."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from harness.arguments import Parser, integer

COUNT = integer(1, 64)
FROM_1 = integer(1)
SEED = integer(0)

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""Where a command is added."""
