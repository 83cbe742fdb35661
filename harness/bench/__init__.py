# SPDX-License-Identifier: GPL-2.0-only
"""Figures of the harness, each against the plain tool in the same run on the same host."""
