# SPDX-License-Identifier: GPL-2.0-only
"""Other hosts that run scenarios: which they are, and what they need to have from here."""
