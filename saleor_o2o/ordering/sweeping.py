"""Sweeps: many orders driven one after the other, where trouble with one must not keep the others waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from saleor_o2o.kernel.errors import DomainError, error_code

logger = logging.getLogger(__name__)


def drive_each(keys: Iterable[int], drive: Callable[[int], int]) -> int:
    """Call ``drive`` for every key; an error is logged and the key left for the next sweep. Returns the sum."""
    done = 0
    for key in list(dict.fromkeys(keys)):
        try:
            done += drive(key)
        except DomainError as error:
            logger.warning("order %s waits for the next sweep: %s", key, error_code(error))
        except Exception:
            logger.exception("order %s could not be driven", key)
    return done
