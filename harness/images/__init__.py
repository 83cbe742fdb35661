# SPDX-License-Identifier: GPL-2.0-only
"""Image sets: their manifests, how they are built, and the machine that boots them."""
