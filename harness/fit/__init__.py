# SPDX-License-Identifier: GPL-2.0-only
"""FIT images (`.itb`): made, read and verified."""
