"""A broker that is not there: tasks are published for real, and nobody listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kombu import Connection

from saleor_o2o.celery import app
from saleor_o2o.embedded.ports import LOOPBACK, free_port


@contextmanager
def broker_down() -> Iterator[None]:
    """Have every task go to a port where nobody listens, over the transport and with the settings of production."""
    address = f"redis://{LOOPBACK}:{free_port()}/0"

    def nowhere(*_args: Any, **_kwargs: Any) -> Connection:
        return Connection(address)

    eager = app.conf["task_always_eager"]
    app.conf["task_always_eager"] = False
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app, "connection_for_write", nowhere)
            patch.setattr(app.amqp, "_producer_pool", None)
            yield
    finally:
        app.conf["task_always_eager"] = eager
