"""Room for deep calls: what is called returns and raises as before, and no loop meets the end of a chunk."""

from __future__ import annotations

import resource
import sys

import pytest

from saleor_o2o.kernel.stack import with_room

TURNS = 400
DEPTHS = 250


def leaf() -> None:
    """One more frame, larger than those of `looping`: at some depth it does not fit into what is left of a chunk."""


leaf.__code__ = leaf.__code__.replace(co_stacksize=60)


def looping(depth: int) -> int:
    """Pages touched anew by a loop of calls, `depth` frames down."""
    if depth:
        return looping(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _turn in range(TURNS):
        leaf()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def worst() -> int:
    return max(looping(depth) for depth in range(DEPTHS))


def test_arguments_results_and_errors_pass_through() -> None:
    # then
    assert with_room(divmod, 7, 3) == (2, 1)
    assert with_room(int, "ff", base=16) == 255
    with pytest.raises(ZeroDivisionError):
        with_room(divmod, 1, 0)


def test_no_loop_of_calls_maps_memory_at_each_turn() -> None:
    # then
    assert with_room(worst) < TURNS // 2


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="cured in the interpreter")
def test_without_room_some_loop_does() -> None:
    # given: a thread begins with the usual chunk
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        # then: the trap is there, or the test above would prove nothing
        assert pool.submit(worst).result() >= TURNS
