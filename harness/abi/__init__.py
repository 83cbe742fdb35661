# SPDX-License-Identifier: GPL-2.0-only
"""Bytes to values of the structures in images/include/abi; no logic beyond decoding.

A module bears the name of its header. What it decodes was read from guest memory while both sides
ran, so nothing in it is trusted: bytes that make no sense raise `AbiError`, never anything else.
`tests/component/test_abi_json.py` compares every size, offset and constant with the headers.
"""
