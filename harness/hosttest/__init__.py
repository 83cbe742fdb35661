# SPDX-License-Identifier: GPL-2.0-only
"""The guests' own C code as programs of the build host: fuzzed with sanitizers, and its lines counted."""
