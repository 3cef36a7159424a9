"""Sweeps: many rows driven one after the other, where trouble with one must not keep the others waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from .errors import DomainError, error_code

logger = logging.getLogger(__name__)
K = TypeVar("K")


def drive_each(keys: Iterable[K], drive: Callable[[K], Any]) -> int:
    """Call ``drive`` for every key; an error is logged and the key left for the next sweep. Returns how many went."""

    def went(key: K) -> int:
        drive(key)
        return 1

    return sum_each(keys, went, getattr(drive, "__name__", "sweep"))


def sum_each(keys: Iterable[K], drive: Callable[[K], int], name: str = "") -> int:
    """As ``drive_each``; returns the sum of what ``drive`` answers (`name`: what the log calls it)."""
    done = 0
    for key in list(keys):
        try:
            done += drive(key)
        except Exception as error:
            refused = isinstance(error, DomainError)
            logger.log(
                logging.WARNING if refused else logging.ERROR,
                "%s of %s failed: %s",
                name or getattr(drive, "__name__", "sweep"),
                key,
                error_code(error),
                exc_info=not refused,
            )
    return done
