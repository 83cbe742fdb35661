# SPDX-License-Identifier: GPL-2.0-only
"""A defect that only some interleavings show."""

# One buffer for the requests of all links, without a lock: two backends at work at once spoil it.
RACE = """
about: A race between two backends.
images: ref-virt64-faults
agency: {overlays: [vdummy-be-on], fault: be-buffer-shared}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
  - {name: beta, overlays: [vdummy-fe-on]}
  - {name: gamma, overlays: [vdummy-fe-on]}
steps:
  - inject: [alpha, beta, gamma]
  - send: {me: [alpha, beta, gamma], count: 3000, window: 16}
"""
