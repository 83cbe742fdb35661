# SPDX-License-Identifier: GPL-2.0-only
"""Exploration of the life cycle: random legal and illegal orders on real guests, shrunk to scenarios.

`system` and the catalogues are the pure model of what is possible; `machine` lets Hypothesis choose
from them; `rig` is a booted system that serves many examples; `search` puts it together.
"""
