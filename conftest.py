# SPDX-License-Identifier: GPL-2.0-only
"""Makes `pytest scenarios/` the same as `python3 -m harness run`."""

pytest_plugins = ["harness.pytest_plugin"]
