# SPDX-License-Identifier: GPL-2.0-only
"""Names of the planted defects that test builds of our guests know."""

AGENCY_FAULTS = frozenset({
    "be-skip-initwait", "be-entry-disabled", "be-drop-17th", "be-swap", "be-flip", "be-publish-early",
    "be-entries-left", "be-rsp-beyond", "be-state-rewritten", "be-stuck", "be-grant-left",
    "be-evtchn-left", "agency-panic", "agency-oops", "agency-bug", "agency-warning", "agency-hang",
    "agency-hang-locked", "agency-hang-mutex",
    "be-suspend-skips-state", "be-resume-no-connect", "be-resuming-skipped", "be-suspended-notified",
    "be-double-after-resume", "be-lost-on-suspend", "be-reconfigure-old-ring",
    "be-restore-wrong-incarnation", "snapshot-no-gic", "snapshot-stale-page",
    # Isolation: what one ME could do to the agency and to others.
    "vbs-dotdot-allowed", "vbs-no-nul-accepted", "vbs-be-state-open", "fe-arrow-unchecked",
    "watch-unlimited", "be-index-trusted", "be-slot-read-twice", "gnttab-foreign-frame",
    "gnttab-revoke-mapped", "evtchn-foreign-bind",
    "vbs-event-twice", "vbs-no-ancestor", "vbs-order-swapped", "vbs-owner-unchecked", "vbs-tx0-wakes",
    "be-refusal-rests", "be-grant-left-after-moves", "be-buffer-shared", "agency-init-deadlock",
})

ME_FAULTS = frozenset({
    "fe-connected-first", "fe-ring-ref-late", "fe-state-rewritten", "fe-hang-probe",
    "fe-producer-beyond", "fe-no-reply-terminate",
    "fe-suspended-early", "fe-stuck-suspend", "fe-no-reply-suspend", "fe-resend-all",
    "fe-forgets-unanswered", "fe-watch-lost", "fe-entries-old-domain", "fe-vuart-takes-one",
    "fe-refusal-forgets-identity", "fe-wakeup-lost", "me-page-tables",
})

# No defects that show by themselves: be-hold leaves the backends to the test, and fe-believes-all has a
# frontend that takes whatever state its backend is said to be in.
KNOBS = frozenset({"be-hold", "fe-believes-all"})
# Nothing is written and nobody says anything any more: no rule is broken, a deadline runs out.
HANGS = frozenset({"agency-hang-locked", "agency-hang-mutex"})
# The system does not come up, or an ME in it does not.
BOOT_BUGS = frozenset({"agency-init-deadlock", "me-page-tables"})
# They need a history of several orders for which no scenario was written: exploration finds them.
EXPLORED = frozenset({"be-refusal-rests", "be-grant-left-after-moves", "fe-refusal-forgets-identity"})
# Only some interleavings show it: a hunt finds them.
HUNTED = frozenset({"be-buffer-shared"})

# An image set whose guests plant them says so by this feature.
FEATURE = "faults"
