# SPDX-License-Identifier: GPL-2.0-only
"""One module per command of `harness.cli`; `main(arguments)` in each returns the exit status."""
