# SPDX-License-Identifier: GPL-2.0-only
"""What somebody waits for, told from the functions in which it stands.

The first table is of ways to wait: they say what with, not what for. The second is of our guests' own
functions: they say what for. A test keeps the second in step with the sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.diagnose.model import Frame

_WAYS: Mapping[str, str] = {
    "queued_spin_lock_slowpath": "a spin lock",
    "queued_read_lock_slowpath": "a read-write lock",
    "queued_write_lock_slowpath": "a read-write lock",
    "mutex_lock": "a mutex",
    "mutex_lock_interruptible": "a mutex",
    "mutex_lock_killable": "a mutex",
    "__mutex_lock": "a mutex",
    "wait_for_completion": "a completion",
    "wait_for_completion_timeout": "a completion",
    "wait_for_completion_interruptible": "a completion",
    "wait_for_completion_killable": "a completion",
    "rwsem_down_read_slowpath": "a semaphore",
    "rwsem_down_write_slowpath": "a semaphore",
    "down": "a semaphore",
    "__flush_work": "the end of a work item",
    "flush_work": "the end of a work item",
    "__cancel_work_timer": "the end of a work item",
    "__flush_workqueue": "the end of all work of a queue",
    "drain_workqueue": "the end of all work of a queue",
    "synchronize_rcu": "an RCU grace period",
    "__wait_rcu_gp": "an RCU grace period",
    "kthread_stop": "the end of a kernel thread",
    "do_wait": "the end of a child process",
    "pipe_read": "data in a pipe",
    "n_tty_read": "a line of the terminal",
    "do_sys_poll": "a file to be ready",
    "futex_wait": "a futex",
    "io_schedule": "a block device",
    "io_schedule_timeout": "a block device",
    "msleep": "time to pass",
    "schedule_timeout": "an event, or time to pass",
}

OURS: Mapping[str, Mapping[str, str]] = {
    "soo": {
        "events_read": "events to report",
        "send_locked": "the ME's answer to a DC event",
        "dcomm_send": "the ME's answer to a DC event",
        "suspend_device": "the FE to suspend",
        "resume_device": "the FE to resume",
        "vbus_section_shut": "the BE's processing sections to end",
        "vdevback_processing_begin": "the BE's processing section to open",
        "soo_domain_wait_end": "the ME's host to end",
    },
    "vuart": {"vuart_read": "characters from the ME"},
    "me": {
        "exchange": "the agency's answer to a vbstore request",
        "vbs_request": "the agency's answer to a vbstore request",
        "wait_for_room": "the agency to read its vbstore ring",
        "reader_thread": "a message of vbstore",
        "watch_thread": "a watch event of vbstore",
        "dc_thread": "a DC event of the agency",
        "dc_send": "the agency's answer to a DC event",
        "console_getc": "a key",
        "await": "a response in the ring, or room for a request",
        "vdummy_traffic": "a response in the ring, or room for a request",
        "vdummy_shutdown": "the traffic under way to end",
        "vuart_thread": "characters to send",
        "vuart_shutdown": "the BE to take what is in the ring",
        "vbus_begin": "the device's sections to open",
        "vbus_sections_block": "those in the device's sections to leave",
        "mutex_lock": "a mutex",
        "settle": "the device to be Connected again",
        "lock_for_close": "the device to be Connected again",
        "thread_idle": "an interrupt",
    },
}
_SCHEDULING = ("__switch_to", "__schedule", "schedule", "cpu_switch", "switch_to_next", "thread_wait",
               "wait_sleep", "preempt_schedule")
_WITHIN = 8  # so many functions out: what is further out is why, not what for
_CHOOSERS = 2
_VAGUE = "time to pass"  # most other ways to wait end in this one


def base(function: str) -> str:
    """A function's name without what a compiler adds, such as ``.constprop.0``."""
    return function.partition(".")[0]


def waits_for(frames: Sequence[Frame], *, running: bool = False) -> str:
    """What who stands there waits for: `a mutex`, `the agency's answer to a vbstore request`; or nothing.

    :param running: it has a CPU: then it waits for a lock at most
    """
    names = [(frame.image, base(frame.function)) for frame in outside(frames)[:_WITHIN]]
    ways = [_WAYS[name] for image, name in names if image == "kernel" and name in _WAYS]
    if running:
        return next((way for way in ways if way.endswith("lock")), "")
    ways.reverse()  # the further out, the more it tells: the end of a work item is waited for by a completion
    ways.sort(key=lambda way: way.endswith(_VAGUE))
    # Who called for the wait knows what for; who called him may be about anything.
    chose = [place for place in names if place[0] != "kernel"][:_CHOOSERS]
    purposes = [OURS[image][name] for image, name in chose if name in OURS.get(image, {})]
    return next(iter(purposes + ways), "")


def outside(frames: Sequence[Frame]) -> Sequence[Frame]:
    """The frames from the first one on that is no part of the scheduler."""
    for at, frame in enumerate(frames):
        if base(frame.function) not in _SCHEDULING:
            return frames[at:]
    return ()


def spot(frames: Sequence[Frame]) -> Frame | None:
    """The function that tells most: the first of ours or of a module, else the first that is no way to wait.

    A kernel's wait in `mutex_lock`, called by a module's function, is told as a wait in that function.
    """
    known = [frame for frame in outside(frames) if frame.image]
    ours = next((frame for frame in known if frame.image != "kernel"), None)
    if ours is not None:
        return _past_ways(known[known.index(ours):], ours)
    return next((frame for frame in known if base(frame.function) not in _WAYS), known[0] if known else None)


def _past_ways(frames: Sequence[Frame], default: Frame) -> Frame:
    """Of an ME, which has ways to wait of its own, the function that chose to."""
    for frame in frames:
        if base(frame.function) not in ("mutex_lock", "exchange", "wait_event"):
            return frame
    return default
