# SPDX-License-Identifier: GPL-2.0-only
"""Machines that go on from a template in place of booting: what a template is, how it is made and used.

A template holds a booted agency, or one with MEs that live and are Connected. Its key names all that
went in; it is built once, outside any scenario's deadline, and kept in the cache.
"""
