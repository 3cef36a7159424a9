"""Run functions at the same time, each with a database connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.signals import pre_save


def together(*functions: Callable[[], Any]) -> list[Any]:
    """Start all at once; returns each one's result, or the exception it raised."""
    gate = Barrier(len(functions), timeout=10)

    def play(function: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait()
            return function()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(play, functions))


def meeting(parties: int, *, timeout: float = 20) -> Callable[[], None]:
    """A function that keeps whoever calls it until so many are there; who comes afterwards passes.

    For negative controls: everybody has looked before anybody writes, however slow or busy the machine is. Raises
    BrokenBarrierError where fewer come within `timeout` seconds.
    """
    gate, met = Barrier(parties, timeout=timeout), Event()

    def meet() -> None:
        if not met.is_set():
            gate.wait()
            met.set()

    return meet


@contextmanager
def meeting_before_save(model: type[Model], parties: int) -> Iterator[None]:
    """Keep everybody who is about to save such a row until all of them are."""
    meet = meeting(parties)

    def about_to_save(**_told: Any) -> None:
        meet()

    pre_save.connect(about_to_save, sender=model, weak=False)
    try:
        yield
    finally:
        pre_save.disconnect(about_to_save, sender=model)


def kinds(results: Sequence[Any]) -> list[str]:
    """The class names of results, sorted: exact counts at a glance."""
    return sorted(type(result).__name__ for result in results)
