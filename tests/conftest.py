# SPDX-License-Identifier: GPL-2.0-only
"""What holds for all tests of the harness itself."""

import signal

import hypothesis

# A shell without job control starts what it puts into the background with SIGINT ignored, and children
# inherit that: the tests that interrupt one would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the host is.
hypothesis.settings.register_profile("any-host", deadline=None)
hypothesis.settings.load_profile("any-host")
