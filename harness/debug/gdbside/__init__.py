# SPDX-License-Identifier: GPL-2.0-only
"""What runs inside gdb, in its own Python: standard library, `gdb`, and layers of ours that need no more."""
