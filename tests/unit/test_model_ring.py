# SPDX-License-Identifier: GPL-2.0-only
"""Ring arithmetic: against unbounded integers, with any start."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.abi.ring import RingIndices
from harness.check.ring import check_indices
from harness.model.ring import Ring, add32, at_rest, impossible, outstanding, sub32, went_back

U32 = st.integers(0, 2**32 - 1)
ENTRIES = st.sampled_from([1, 2, 32, 1024])
STEPS = st.lists(st.sampled_from(["send", "take", "answer", "collect"]), max_size=200)


def _indices(base: int, req_prod: int, req_cons: int, rsp_prod: int, rsp_cons: int = 0) -> RingIndices:
    return RingIndices(*(add32(base, ahead) for ahead in (req_prod, req_cons, rsp_prod, rsp_cons)))


@given(U32, U32)
def test_sub_undoes_add(index: int, count: int) -> None:
    assert sub32(add32(index, count), index) == count
    assert add32(index, sub32(count, index)) == count


@given(U32, st.integers(0, 2**31 - 1))
def test_forward_is_not_back(index: int, count: int) -> None:
    assert not went_back(add32(index, count), index)
    assert count == 0 or went_back(index, add32(index, count))


@given(ENTRIES, U32, STEPS)
def test_a_correct_ring_is_as_four_unbounded_counters(entries: int, start: int, steps: list[str]) -> None:
    ring = Ring(entries, start)
    sent = taken = answered = collected = 0
    for step in steps:
        done = getattr(ring, step)()
        room = {"send": sent - collected < entries, "take": taken < sent,
                "answer": answered < taken, "collect": collected < answered}[step]
        assert done == room
        sent += done and step == "send"
        taken += done and step == "take"
        answered += done and step == "answer"
        collected += done and step == "collect"
        assert ring.indices == _indices(start, sent, taken, answered, collected)
        assert impossible(ring.indices, entries) is None
        assert outstanding(ring.indices) == sent - collected
        assert at_rest(ring.indices) == (sent == collected)


@given(ENTRIES, U32, STEPS)
def test_an_unsolicited_ring_is_two_queues(entries: int, start: int, steps: list[str]) -> None:
    ring = Ring(entries, start, unsolicited=True)
    requests, responses, taken, collected = 0, 0, 0, 0
    for step in steps:
        done = getattr(ring, step)()
        assert done == {"send": requests < entries, "take": requests > 0,
                        "answer": responses < entries, "collect": responses > 0}[step]
        if done:
            requests += {"send": 1, "take": -1}.get(step, 0)
            responses += {"answer": 1, "collect": -1}.get(step, 0)
            taken += step == "take"
            collected += step == "collect"
        expected = (taken + requests, taken, collected + responses, collected)
        assert ring.indices == RingIndices(*(add32(start, count) for count in expected))
        assert impossible(ring.indices, entries, unsolicited=True) is None


@given(ENTRIES, U32, U32, st.integers(-3, 1030), st.integers(-3, 1030))
def test_impossible_in_an_unsolicited_ring_is_a_pair_too_far_apart(
    entries: int, taken: int, collected: int, requests: int, responses: int
) -> None:
    indices = RingIndices(add32(taken, requests), taken, add32(collected, responses), collected)
    legal = 0 <= requests <= entries and 0 <= responses <= entries
    assert (impossible(indices, entries, unsolicited=True) is None) == legal


@given(ENTRIES, U32, st.tuples(*[st.integers(-3, 1030)] * 3))
def test_impossible_is_any_break_of_the_order(entries: int, base: int, ahead: tuple[int, int, int]) -> None:
    requests, taken, answered = ahead
    indices = _indices(base, requests, taken, answered)
    legal = 0 <= answered <= taken <= requests <= entries
    assert (impossible(indices, entries) is None) == legal


@given(U32)
def test_reasons_name_the_index(base: int) -> None:
    def reason(requests: int, taken: int, answered: int) -> str:
        return str(impossible(_indices(base, requests, taken, answered), 32))

    assert reason(33, 0, 0) == "req_prod is 33 ahead of rsp_cons in a ring of 32 entries"
    assert reason(4, 4, 7) == "rsp_prod is 3 beyond req_prod"
    assert reason(4, 6, 4) == "req_cons is 2 beyond req_prod"
    assert reason(4, 2, 3) == "rsp_prod is 1 beyond req_cons"


def test_unknown_types_are_not_judged() -> None:
    bad = RingIndices(5000, 0, 0, 0)
    assert list(check_indices("here", "vleds", bad)) == []
    assert len(list(check_indices("here", "vuart", bad))) == 1
    assert list(check_indices("here", "vuart", RingIndices(1024, 0, 0, 0))) == []
