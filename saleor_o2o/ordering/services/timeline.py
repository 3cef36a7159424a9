"""Writing the timeline: the one door to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.redaction import redact
from saleor_o2o.kernel.request import SYSTEM, current

from ..choices import TimelineKind
from ..models import OrderTimeline

#: Where something came from, when nobody did it.
BY_ITSELF = "系统"
_MACHINES = ("task:", "event:", SYSTEM)


def note(
    order_id: int,
    kind: TimelineKind | str,
    text: str,
    *,
    sub_order_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    actor: str | None = None,
    source: str = "",
    at: datetime | None = None,
) -> OrderTimeline:
    """Write one entry in the current transaction; it can never be changed.

    `kind` is a `TimelineKind`; `text` says what happened in the users' words (500 characters at most, no personal
    data). `actor`, address and request id default to the request's. Locks nothing.
    """
    entry = entry_of(
        order_id, kind, text, sub_order_id=sub_order_id, before=before, after=after, actor=actor, source=source, at=at
    )  # fmt: skip
    entry.save(force_insert=True)
    return entry


def note_all(entries: Iterable[OrderTimeline]) -> None:
    """Write several entries made by `entry_of`, in their order, in one statement."""
    OrderTimeline.objects.bulk_create(entries)


def entry_of(
    order_id: int,
    kind: TimelineKind | str,
    text: str,
    *,
    sub_order_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    actor: str | None = None,
    source: str = "",
    at: datetime | None = None,
) -> OrderTimeline:
    """An entry that is not written yet (see `note`)."""
    context = current()
    who = actor or context.actor
    return OrderTimeline(
        order_id=order_id,
        sub_order_id=sub_order_id,
        kind=TimelineKind(kind),
        text=text[:500],
        actor=who,
        source=(source or (BY_ITSELF if who.startswith(_MACHINES) else ""))[:40],
        ip=context.ip,
        before=_plain(before),
        after=_plain(after),
        request_id=context.request_id,
        at=at or now(),
    )


def _plain(values: Mapping[str, Any] | None) -> Any:
    hidden = {key: redact(value, key) for key, value in (values or {}).items()}
    return json.loads(json.dumps(hidden, cls=DjangoJSONEncoder))
