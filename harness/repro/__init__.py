# SPDX-License-Identifier: GPL-2.0-only
"""The same failure again: elsewhere from a bundle, with fewer steps, in the first version that has it."""
