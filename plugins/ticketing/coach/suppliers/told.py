"""What a network tells by itself, in words that are the same for both: a reason to look, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """What happened."""

    LOCKED = "locked", _("锁票")
    RELEASED = "released", _("锁票已释放")
    ISSUED = "issued", _("出票结果")
    REFUNDED = "refunded", _("退票结果")
    CHANGED = "changed", _("改签结果")
    BUS_CANCELLED = "bus_cancelled", _("班次停班")
    BUS_MOVED = "bus_moved", _("班次变更")
    CHECKED = "checked", _("检票")
    COLLECTED = "collected", _("取纸质车票")


@dataclass(frozen=True, slots=True)
class Told:
    """A call-back that is the network's: `number` is its own for it, `own` ours of the call that it is about, `shift`
    and `day` the bus, `ticket` the network's ticket that was checked or fetched."""

    number: str
    kind: NoticeKind
    own: str = ""
    shift: str = ""
    day: date | None = None
    ticket: str = ""


class Untrue(Exception):
    """A call-back that is not the network's, not of now or not readable; `code` says which, `status` is HTTP's."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def mapping(told: object) -> Mapping[str, Any]:
    """What a call-back is about, by name. Raises TypeError for another shape."""
    if not isinstance(told, Mapping):
        raise TypeError("mapping")
    return told


def text(data: Mapping[str, Any], name: str, most: int = 64) -> str:
    """A text of a call-back, cut to what a row takes; "" for what is none."""
    value = data.get(name)
    return value.replace("\0", "")[:most] if isinstance(value, str) else ""
