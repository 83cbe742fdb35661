# SPDX-License-Identifier: GPL-2.0-only
"""When and where scenarios run: admission by tokens, recorded durations, order, shards."""
