"""What jobs do row by row: one row that fails is left for the next time, and keeps no other waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from saleor_o2o.kernel.errors import DomainError

logger = logging.getLogger(__name__)


def each(keys: Iterable[int], act: Callable[[int], Any], what: str) -> int:
    """Do it to each row by its key, in transactions of its own; how many went well (`act` did not answer False).

    What somebody has locked, or what breaks our own code, comes again with the next run; `what` says in the log of
    which job it is.
    """
    done = 0
    for pk in keys:
        try:
            done += act(pk) is not False
        except DomainError as refusal:
            logger.warning("%s %s: %s", what, pk, refusal.code)
        except Exception:
            logger.exception("%s %s", what, pk)
    return done
