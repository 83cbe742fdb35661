# SPDX-License-Identifier: GPL-2.0-only
"""Inside a machine: recorded runs again, gdb on guests and MEs, consoles and QMP of a kept machine."""
