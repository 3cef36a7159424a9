"""Sweeps: many rows driven one after the other, where trouble with one must not keep the others waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from saleor_o2o.kernel.errors import DomainError, error_code

logger = logging.getLogger(__name__)


def drive_each(keys: Iterable[int], drive: Callable[[int], Any]) -> int:
    """Call ``drive`` for every key; an error is logged and the key left for the next sweep. Returns how many went."""
    driven = 0
    for key in list(keys):
        try:
            drive(key)
        except Exception as error:
            logger.log(
                logging.WARNING if isinstance(error, DomainError) else logging.ERROR,
                "%s of %s failed: %s",
                getattr(drive, "__name__", "sweep"),
                key,
                error_code(error),
                exc_info=not isinstance(error, DomainError),
            )
        else:
            driven += 1
    return driven
