# SPDX-License-Identifier: GPL-2.0-only
"""Validators: observed values in, violations out. They trust nothing and repair nothing."""
