"""What goes into a computation and what comes out of it. Amounts in yuan, ratios in per cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from ..choices import Base, Kind, Rank, TierMeasure, TierMode

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Place:
    """Who stands at a rank for one sale: `key` is `unit:52`, `channel:WD0001` or `user:7`."""

    rank: int
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One sale. What is not known of it is None: a rule that needs it then gives nothing, and says so.

    `volume_amount` and `volume_quantity` are the seller's sales of this business line in the month before this sale.
    `category_path` are the keys of the category and everything above it, the topmost first.
    """

    business: str
    paid: Decimal
    quantity: int = 1
    category_path: tuple[int, ...] = ()
    channel_type: str = ""
    places: tuple[Place, ...] = ()
    margin: Decimal | None = None
    fee: Decimal | None = None
    rebate: Decimal | None = None
    volume_amount: Decimal = ZERO
    volume_quantity: int = 0

    def base(self, base: str) -> Decimal | None:
        """The amount that a base stands for in this sale."""
        return {
            Base.PAID: self.paid,
            Base.MARGIN: self.margin,
            Base.FEE: self.fee,
            Base.REBATE: self.rebate,
        }[Base(base)]

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON; the month's volume is left out, it is counted when it is asked for."""
        amounts = {
            name: None if (value := getattr(self, name)) is None else str(value)
            for name in ("paid", "margin", "fee", "rebate")
        }
        return {
            "business": self.business,
            "quantity": self.quantity,
            "category_path": list(self.category_path),
            "channel_type": self.channel_type,
            "places": [[place.rank, place.key, place.name] for place in self.places],
            **amounts,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> LineFacts:
        """Read what `to_json` wrote."""
        amounts: dict[str, Any] = {
            name: None if kept[name] is None else Decimal(kept[name])
            for name in ("paid", "margin", "fee", "rebate")
        }
        return cls(
            business=kept["business"],
            quantity=kept["quantity"],
            category_path=tuple(kept["category_path"]),
            channel_type=kept["channel_type"],
            places=tuple(Place(*place) for place in kept["places"]),
            **amounts,
        )


@dataclass(frozen=True, slots=True)
class RuleTier:
    """From `start` of the month's volume on, the total of each rank: per cent, or yuan. A rank left out has none."""

    start: Decimal
    rates: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule, as the engine reads it. A rule that is no tiered one has a single tier from 0."""

    business: str
    kind: str
    tiers: tuple[RuleTier, ...]
    valid_from: date
    valid_to: date | None = None
    category_id: int | None = None
    category_name: str = ""
    channel_type: str = ""
    base: str = Base.PAID
    tier_mode: str = TierMode.WHOLE
    tier_measure: str = TierMeasure.AMOUNT
    cap: Decimal | None = None
    floor: Decimal | None = None
    id: int = 0
    version: int = 0
    plan: str = ""
    plan_name: str = ""
    owner_rank: int = Rank.CITY

    @property
    def dimension(self) -> tuple[str, str, int, str]:
        """What no two rules may share at one time."""
        return (self.plan, self.business, self.category_id or 0, self.channel_type)

    def in_force_on(self, day: date) -> bool:
        """True on every day from the first to the last one, both included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def covers(self, rank: int) -> bool:
        """True when the plan may speak for a rank: the city's for all, any other for the ranks below its owner."""
        return self.owner_rank == Rank.CITY or rank > self.owner_rank

    def closed(self, last_day: date) -> Rule:
        """The rule with another last day."""
        return replace(self, valid_to=last_day)

    @property
    def is_ratio(self) -> bool:
        return self.kind in (Kind.RATIO, Kind.TIERED)

    def to_json(self) -> dict[str, Any]:
        """The rule as JSON, for the snapshot beside an order."""
        return {
            "id": self.id, "version": self.version, "plan": self.plan, "plan_name": self.plan_name,
            "owner_rank": int(self.owner_rank), "business": self.business, "category_id": self.category_id,
            "category_name": self.category_name, "channel_type": self.channel_type, "kind": self.kind,
            "base": self.base, "tiers": tiers_to_json(self.tiers), "tier_mode": self.tier_mode,
            "tier_measure": self.tier_measure, "cap": _text(self.cap), "floor": _text(self.floor),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Rule:
        """Read what `to_json` wrote (or a database that speaks the same JSON)."""
        values = dict(kept)
        values["tiers"] = tiers_from_json(values["tiers"])
        values["valid_from"] = date.fromisoformat(values["valid_from"])
        values["valid_to"] = date.fromisoformat(values["valid_to"]) if values["valid_to"] else None
        for name in ("cap", "floor"):
            values[name] = None if values[name] is None else Decimal(str(values[name]))
        return cls(**values)


def tiers_to_json(tiers: tuple[RuleTier, ...]) -> list[dict[str, Any]]:
    """Tiers as JSON: numbers as text, so that they stay exact."""
    return [
        {"from": str(tier.start), "rates": {str(int(rank)): str(rate) for rank, rate in tier.rates.items()}}
        for tier in tiers
    ]


def tiers_from_json(kept: list[dict[str, Any]]) -> tuple[RuleTier, ...]:
    """Read what `tiers_to_json` wrote."""
    return tuple(
        RuleTier(
            Decimal(tier["from"]), {int(rank): Decimal(rate) for rank, rate in sorted(tier["rates"].items())}
        )
        for tier in kept
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


@dataclass(frozen=True, slots=True)
class Part:
    """What one place gets, in yuan, and how that came about, a sentence a step."""

    rank: int
    key: str
    name: str
    amount: Decimal
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The commission of one sale. `parts` sum to `total`, the highest rank first.

    `remainder` are the fen (as yuan) that did not divide; they are in the lowest part. `steps` explain the total.
    """

    day: date
    total: Decimal = ZERO
    parts: tuple[Part, ...] = ()
    remainder: Decimal = ZERO
    steps: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = field(default=())

    def text(self) -> str:
        """Everything as plain text, to be copied."""
        lines = [*self.steps]
        for part in self.parts:
            lines.append(f"{Rank(part.rank).label} {part.name}：{part.amount:.2f} 元")
            lines += [f"    {step}" for step in part.steps]
        return "\n".join(lines)
