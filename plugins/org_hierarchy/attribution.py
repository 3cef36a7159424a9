"""Whose order it is: asked of the registered sources in turn when the order is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .access.grants import staff_of
from .landing import land
from .models import OrderAttribution, OrgUnit


@dataclass(frozen=True, slots=True)
class Claim:
    """A source's answer: the unit, and the channel and operator if there are any. `basis` says why, in a word."""

    unit: OrgUnit
    basis: str
    channel_type: str = ""
    channel_code: str = ""
    operator: Any = None


Source = Callable[[Any, Any], Claim | None]
_sources: dict[str, tuple[int, Source]] = {}


def register_source(name: str, order: int, source: Source) -> None:
    """Register `source(order, origin)`; lower `order` is asked first, the first answer counts.

    5 a counter sale, 10 the shop noted on the checkout, 15 the customer's binding, 18 the operator's counter, 20 the
    operator's unit, 60 the unit that serves the address, 85 the web shop, 90 the city: 20 and 90 are ours, the others
    their plugins'. Raises ValueError for a name that is taken.
    """
    if name in _sources:
        raise ValueError(f"attribution source {name!r} is already registered")
    _sources[name] = (order, source)


def attribute(order: Any, origin: Any) -> None:
    """Write the attribution of a new order, in its transaction. Without an organisation nothing is written.

    Locks and errors: those of `landing.land`.
    """
    for _place, source in sorted(_sources.values(), key=lambda entry: entry[0]):
        claim = source(order, origin)
        if claim is not None:
            unit, path = land(claim.unit)
            OrderAttribution.objects.create(
                order=order,
                unit_id=unit,
                org_path=path,
                channel_type=claim.channel_type,
                channel_code=claim.channel_code,
                operator=claim.operator,
                basis=claim.basis,
            )
            return


def _operator(_order: Any, origin: Any) -> Claim | None:
    """A member of the staff makes it for a customer: the unit that the person belongs to."""
    staff = staff_of(origin.user) if origin.user is not None else None
    return Claim(staff.unit, "operator", operator=staff.user) if staff is not None else None


def _city(_order: Any, _origin: Any) -> Claim | None:
    root = OrgUnit.objects.filter(parent__isnull=True).first()
    return Claim(root, "city") if root is not None else None


register_source("operator", 20, _operator)
register_source("city", 90, _city)
