# SPDX-License-Identifier: GPL-2.0-only
"""What runs inside, seen from outside: shells, their commands, and what the guests report."""
