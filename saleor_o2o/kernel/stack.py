"""Room for deep calls: what keeps CPython from mapping and unmapping memory at every call in a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

#: Slots of 8 bytes that the frame below asks for. The interpreter rounds up to a power of two: a chunk of 1 MiB, of
#: which 488 KiB are left for the frames of what is called, thirty times the usual 16 KiB. Untouched pages cost nothing.
_SLOTS = 70_000


def with_room(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call `work` with room for its frames in one piece; its result, and whatever it raises.

    The interpreter keeps frames in chunks of 16 KiB; a loop that happens to call across the end of one maps and unmaps
    16 KiB at each turn (CPython issue 142183; cured in late 3.13 and 3.14). Django under GraphQL, and pytest more so,
    stand deep enough to meet it all the time: a fifth to a half of the processor's time went there.
    """
    return work(*args, **kwargs)


with_room.__code__ = with_room.__code__.replace(co_stacksize=_SLOTS)
