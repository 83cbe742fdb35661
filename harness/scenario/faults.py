# SPDX-License-Identifier: GPL-2.0-only
"""Names of the planted defects that test builds of our guests know."""

AGENCY_FAULTS = frozenset({
    "be-skip-initwait", "be-entry-disabled", "be-drop-17th", "be-swap", "be-flip", "be-publish-early",
    "be-entries-left", "be-rsp-beyond", "be-state-rewritten", "be-stuck", "be-grant-left",
    "be-evtchn-left", "agency-panic", "agency-oops", "agency-bug", "agency-hang",
})

ME_FAULTS = frozenset({
    "fe-connected-first", "fe-ring-ref-late", "fe-state-rewritten", "fe-hang-probe",
    "fe-producer-beyond", "fe-no-reply-terminate",
})

# An image set whose guests plant them says so by this feature.
FEATURE = "faults"
