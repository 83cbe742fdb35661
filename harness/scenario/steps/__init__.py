# SPDX-License-Identifier: GPL-2.0-only
"""One file for each step or family of steps. A file here is found by itself; nothing lists them."""
