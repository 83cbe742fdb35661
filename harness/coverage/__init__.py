# SPDX-License-Identifier: GPL-2.0-only
"""What runs have reached of the protocol: expected rows from the models, seen ones from stored runs."""
