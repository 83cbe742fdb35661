# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU process with its QMP session, its consoles and its memory; knows nothing of the guests."""
