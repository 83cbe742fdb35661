# SPDX-License-Identifier: GPL-2.0-only
"""Completion of command lines in bash and zsh."""
