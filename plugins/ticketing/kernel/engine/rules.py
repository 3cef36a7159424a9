"""What a fee rule says, and what is known of a ticket: plain values that go to JSON and come back.

Times are offsets in seconds from the anchor, negative before it. A tier reaches from `after`, which is not in it, to
`until`, which is: "2 hours before and earlier" ends with exactly two hours, and so does the tier that is kinder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import SHANGHAI

from ..choices import (
    AfterChange,
    Anchor,
    Base,
    FeeKind,
    Mode,
    Rounding,
    ServiceFee,
    Target,
    Trade,
    Unit,
    WindowOf,
)
from ..errors import TicketError
from ..errors import TicketErrorCode as Code

#: The form of a snapshot. A newer one adds what older ones do not say; old orders are read for ever.
VERSION = 1
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Charge:
    """How much: per cent or yuan by `mode`, between `least` and `most` yuan."""

    mode: str = Mode.FREE
    value: Decimal = ZERO
    least: Decimal | None = None
    most: Decimal | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; amounts as text."""
        return {
            "mode": str(self.mode), "value": str(self.value), "least": _text(self.least), "most": _text(self.most),
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Charge:
        """Read what `to_json` wrote."""
        return cls(
            kept["mode"], Decimal(kept["value"]), _number(kept.get("least")), _number(kept.get("most"))
        )


@dataclass(frozen=True, slots=True)
class Tier:
    """From when to when (seconds from the anchor, `after` < offset <= `until`; None: without end) what is charged."""

    after: int | None
    until: int | None
    charge: Charge
    target: str = Target.ANY

    def holds(self, offset: int, target: str) -> bool:
        """Whether it speaks for a moment."""
        return (
            (self.after is None or offset > self.after)
            and (self.until is None or offset <= self.until)
            and (self.target == Target.ANY or self.target == target)
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "after": self.after, "until": self.until, "target": str(self.target), "charge": self.charge.to_json(),
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Tier:
        """Read what `to_json` wrote."""
        return cls(
            kept["after"], kept["until"], Charge.from_json(kept["charge"]), kept.get("target", Target.ANY)
        )


@dataclass(frozen=True, slots=True)
class Window:
    """Days with a charge of their own (春运, 黄金周); `changed_only`: for tickets that were changed into them."""

    name: str
    first: date
    last: date
    charge: Charge
    of: str = WindowOf.TRAVEL
    changed_only: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "name": self.name, "first": self.first.isoformat(), "last": self.last.isoformat(), "of": str(self.of),
            "changed_only": self.changed_only, "charge": self.charge.to_json(),
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Window:
        """Read what `to_json` wrote."""
        return cls(
            kept["name"], date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]),
            Charge.from_json(kept["charge"]), kept["of"], kept["changed_only"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule.

    `types`: per cent of the fee that a type of passenger pays (0: free). `free_times`: so many of a ticket are free;
    `most_times`: more than so many are refused. `account_free`: so many free ones has an account at one session,
    then `account_beyond` is charged; `account_most`: more than so many are refused. `grace`: seconds after booking in
    which it is free. `floor_within`, `floor`: a ticket that was changed later than so many seconds before its old
    anchor pays at least that (rail: changed within 8 days, then given back: 5 %). `original_fare`: percentages of a
    changed ticket are of the fare it had before. `back_down`: the difference to a cheaper ticket is given back.
    """

    name: str
    trade: str
    kind: str
    tiers: tuple[Tier, ...]
    base: str = Base.FACE
    anchor: str = Anchor.DEPARTURE
    rounding: str = Rounding.FEN
    unit: str = Unit.TICKET
    types: Mapping[str, Decimal] = field(default_factory=dict)
    free_times: int = 0
    most_times: int | None = None
    account_free: int | None = None
    account_beyond: Charge | None = None
    account_most: int | None = None
    grace: int = 0
    windows: tuple[Window, ...] = ()
    after_change: str = AfterChange.OWN
    floor_within: int | None = None
    floor: Charge | None = None
    original_fare: bool = False
    back_down: bool = False
    service: str = ServiceFee.INVOLUNTARY
    whole_order: bool = False
    note: str = ""
    id: int = 0
    version: int = 0

    def to_json(self) -> dict[str, Any]:
        """The snapshot that an order keeps."""
        return {
            "v": VERSION, "id": self.id, "version": self.version, "name": self.name, "trade": str(self.trade),
            "kind": str(self.kind), "base": str(self.base), "anchor": str(self.anchor),
            "rounding": str(self.rounding), "unit": str(self.unit), "tiers": [one.to_json() for one in self.tiers],
            "types": {str(key): str(value) for key, value in self.types.items()}, "free_times": self.free_times,
            "most_times": self.most_times, "account_free": self.account_free,
            "account_beyond": self.account_beyond.to_json() if self.account_beyond else None,
            "account_most": self.account_most, "grace": self.grace,
            "windows": [one.to_json() for one in self.windows], "after_change": str(self.after_change),
            "floor_within": self.floor_within, "floor": self.floor.to_json() if self.floor else None,
            "original_fare": self.original_fare, "back_down": self.back_down, "service": str(self.service),
            "whole_order": self.whole_order, "note": self.note,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Rule:
        """Read a snapshot. Raises TicketError SNAPSHOT_UNREADABLE for one of a form that is not known."""
        try:
            return _rule_v1(kept)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise TicketError(
                Code.SNAPSHOT_UNREADABLE,
                _("这张票保存的退改规则无法读取"),
                hint=_("请联系技术支持，勿手工估算"),
            ) from error


def _rule_v1(kept: Mapping[str, Any]) -> Rule:
    if kept["v"] != 1:
        raise ValueError(kept["v"])
    beyond, floor = kept["account_beyond"], kept["floor"]
    return Rule(
        name=kept["name"], trade=Trade(kept["trade"]), kind=FeeKind(kept["kind"]), base=Base(kept["base"]),
        anchor=Anchor(kept["anchor"]), rounding=Rounding(kept["rounding"]), unit=Unit(kept["unit"]),
        tiers=tuple(Tier.from_json(one) for one in kept["tiers"]),
        types={key: Decimal(value) for key, value in kept["types"].items()}, free_times=kept["free_times"],
        most_times=kept["most_times"], account_free=kept["account_free"],
        account_beyond=Charge.from_json(beyond) if beyond else None, account_most=kept["account_most"],
        grace=kept["grace"], windows=tuple(Window.from_json(one) for one in kept["windows"]),
        after_change=AfterChange(kept["after_change"]), floor_within=kept["floor_within"],
        floor=Charge.from_json(floor) if floor else None, original_fare=kept["original_fare"],
        back_down=kept["back_down"], service=ServiceFee(kept["service"]), whole_order=kept["whole_order"],
        note=kept["note"], id=kept["id"], version=kept["version"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A coupon of a ticket, or the whole ticket: face value, what was paid of it, and the full fare, in yuan."""

    key: str
    face: Decimal
    paid: Decimal
    full: Decimal

    def to_json(self) -> list[str]:
        """Plain JSON."""
        return [self.key, str(self.face), str(self.paid), str(self.full)]

    @classmethod
    def from_json(cls, kept: list[str]) -> Part:
        """Read what `to_json` wrote."""
        return cls(kept[0], *map(Decimal, kept[1:]))


@dataclass(frozen=True, slots=True)
class Changed:
    """That a ticket was changed: when, the anchor it had before, and the fare it had before (as one part).

    `carriers`: by the carrier's fault. Nobody is held to a ticket that was taken from him.
    """

    at: datetime
    anchor: datetime
    was: Part
    carriers: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "at": self.at.isoformat(), "anchor": self.anchor.isoformat(), "was": self.was.to_json(),
            "carriers": self.carriers,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Changed:
        """Read what `to_json` wrote."""
        was = Part.from_json(kept["was"])
        return cls(_moment(kept["at"]), _moment(kept["anchor"]), was, kept.get("carriers", False))


@dataclass(frozen=True, slots=True)
class Facts:
    """One ticket at one moment. Moments are aware; amounts yuan.

    `anchors`: the moments that tiers may be relative to. `paid` of the parts holds neither `taxes` (given back whole)
    nor `service`, nor fees of earlier changes: those are never given back. `times_before`: how often this ticket has
    been through it; `account_before`: how often the account has at this session. `target`: when the new one departs or
    begins, `new_price` what it costs. `service_back`: whether the service fee goes back, None: as the rule says.
    """

    parts: tuple[Part, ...]
    moment: datetime
    anchors: Mapping[str, datetime]
    passenger: str = "adult"
    involuntary: bool = False
    times_before: int = 0
    account_before: int = 0
    taxes: Decimal = ZERO
    service: Decimal = ZERO
    changed: Changed | None = None
    target: datetime | None = None
    new_price: Decimal | None = None
    whole_order: bool = True
    service_back: bool | None = None

    @property
    def paid(self) -> Decimal:
        """What was paid of the ticket, without taxes and service fee."""
        return sum((part.paid for part in self.parts), ZERO)

    def travel_on(self) -> date | None:
        """The day of travel or visit, in Shanghai."""
        at = self.anchors.get(Anchor.DEPARTURE) or self.anchors.get(Anchor.START)
        return at.astimezone(SHANGHAI).date() if at is not None else None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "parts": [part.to_json() for part in self.parts], "moment": self.moment.isoformat(),
            "anchors": {str(key): at.isoformat() for key, at in self.anchors.items()}, "passenger": str(self.passenger),
            "involuntary": self.involuntary, "times_before": self.times_before, "account_before": self.account_before,
            "taxes": str(self.taxes), "service": str(self.service),
            "changed": self.changed.to_json() if self.changed else None,
            "target": self.target.isoformat() if self.target else None, "new_price": _text(self.new_price),
            "whole_order": self.whole_order, "service_back": self.service_back,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Facts:
        """Read what `to_json` wrote."""
        return cls(
            parts=tuple(Part.from_json(one) for one in kept["parts"]), moment=_moment(kept["moment"]),
            anchors={key: _moment(at) for key, at in kept["anchors"].items()}, passenger=kept["passenger"],
            involuntary=kept["involuntary"], times_before=kept["times_before"], account_before=kept["account_before"],
            taxes=Decimal(kept["taxes"]), service=Decimal(kept["service"]),
            changed=Changed.from_json(kept["changed"]) if kept["changed"] else None,
            target=_moment(kept["target"]) if kept["target"] else None, new_price=_number(kept["new_price"]),
            whole_order=kept["whole_order"], service_back=kept.get("service_back"),
        )  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(SHANGHAI)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
