# SPDX-License-Identifier: GPL-2.0-only
"""Scenarios: what they say (schema, steps), and running them (context, runner)."""
