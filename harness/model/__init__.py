# SPDX-License-Identifier: GPL-2.0-only
"""Pure models: store, device states, links, ring, grants, channels, domains; events and views.

No input or output, no clock. A model follows what happened, legal or not: judging is the business of
`harness.check`.
"""
