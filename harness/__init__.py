# SPDX-License-Identifier: GPL-2.0-only
"""Boots an SOO system under QEMU and checks how its backends and frontends behave.

Importing this package needs the standard library only, so that the start-up code in
`harness.bootstrap` can run before anything has been installed.
"""
