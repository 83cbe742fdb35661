# SPDX-License-Identifier: GPL-2.0-only
"""`python3 -m harness`: sets up what is missing, then starts `harness.cli` in its own environment.

This file and `harness.bootstrap` need the standard library only.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older one is told so
    sys.exit("harness: Python 3.11 or newer is needed; this is " + sys.version.split()[0])

from harness.bootstrap.start import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
