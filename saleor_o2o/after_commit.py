"""Celery tasks start after the commit, never inside the transaction that asked for them.

Stock Saleor calls ``.delay`` in the middle of transactions (mails, webhooks): a worker could run before the row is
visible, or for a change that is rolled back. A broker that is down must not turn a committed change into an error.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.app.task import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class AfterCommitTask(Task):  # type: ignore[type-arg]
    """``delay`` and ``apply_async`` wait for the commit of the surrounding transaction, if there is one.

    Where tasks run eagerly (tests), they run where they are called, as stock's own tests expect.
    """

    abstract = True

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Send now outside a transaction; else after its commit (the answer is then None)."""
        if self.app.conf.task_always_eager or not transaction.get_connection().in_atomic_block:
            return super().apply_async(*args, **kwargs)
        transaction.on_commit(lambda: self._send(*args, **kwargs))
        return None

    def _send(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().apply_async(*args, **kwargs)
        except OperationalError:
            # The change is committed; what must not be lost is swept up by beat, a mail may be.
            logger.exception("task %s was not sent: the broker is unreachable", self.name)
