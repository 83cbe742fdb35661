# SPDX-License-Identifier: GPL-2.0-only
"""Many runs over many nights: what is new, what is known, what is flaky, what drifts."""
