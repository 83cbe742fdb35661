# SPDX-License-Identifier: GPL-2.0-only
"""What people read of a run: a block for a failure, a table for a session."""
