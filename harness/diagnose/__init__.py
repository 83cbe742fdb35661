# SPDX-License-Identifier: GPL-2.0-only
"""What a failed run knows of its cause: a title, one sentence, and what they rest on."""
