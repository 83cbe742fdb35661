# SPDX-License-Identifier: GPL-2.0-only
"""Set-up from nothing: Debian packages, the virtual environment, then `harness.cli` inside it.

Standard library only: all this runs before anything has been installed. For the same reason it uses
`subprocess` directly; everything after it goes through `harness.proc`.
"""
