# SPDX-License-Identifier: GPL-2.0-only
"""From addresses to function names: of a Linux kernel, of its modules, of ELF files."""
