# SPDX-License-Identifier: GPL-2.0-only
"""Content-keyed store of everything that is built once and used many times."""

from harness.cache.store import Cache, default_root

__all__ = ["Cache", "default_root"]
