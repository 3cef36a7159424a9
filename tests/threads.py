"""Run functions at the same time, each with a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


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


def kinds(results: Sequence[Any]) -> list[str]:
    """The class names of results, sorted: exact counts at a glance."""
    return sorted(type(result).__name__ for result in results)
