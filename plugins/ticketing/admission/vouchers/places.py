"""Where somebody is let in, and whether a ticket is for there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugins.org_hierarchy.interfaces import OrgUnit, access_of

from ..choices import ProductKind
from ..models import AdmissionProduct, Device, Gate, Session, Voucher
from .access import REDEEM


@dataclass(frozen=True, slots=True)
class Post:
    """Who lets in, where: a device at its gate, or somebody of the staff at a gate or at a counter."""

    unit: OrgUnit
    gate: Gate | None = None
    device: Device | None = None
    operator: Any = None

    @property
    def words(self) -> str:
        """How the place is called."""
        return str(self.unit.name) if self.gate is None else self.gate.words

    @property
    def asker(self) -> str:
        """Who asks, for numbers of requests and for the pace."""
        return f"d{self.device.pk}" if self.device is not None else f"u{self.operator.pk}"


def in_scope(post: Post, voucher: Voucher) -> bool:
    """Whether the voucher is any business of whoever asks: of the place, or of a product whose unit is within reach."""
    if post.gate is not None and _of_place(post.gate, voucher.product):
        return True
    unit = voucher.product.unit
    if post.device is not None:
        return unit.path.startswith(post.unit.path)
    return bool(post.operator.is_superuser) or access_of(post.operator).may_at(REDEEM, unit)


def right_gate(post: Post, voucher: Voucher) -> bool:
    """Whether it is for this gate. Counters have none, and are for whatever is in their reach, but not for combined
    tickets: those let into each place once, so that it must be said which one it is (0123)."""
    if post.gate is None:
        return voucher.product.kind != ProductKind.COMBO
    if not _of_place(post.gate, voucher.product):
        return False
    if voucher.session_id is None:
        return True
    gates = {gate.pk for gate in voucher.session.gates.all()}  # type: ignore[union-attr]
    return not gates or post.gate.pk in gates


def _of_place(gate: Gate, product: AdmissionProduct) -> bool:
    if gate.venue_id is not None:
        return gate.venue_id == product.venue_id
    if product.kind == ProductKind.COMBO:
        return bool(product.spots.filter(gates=gate.pk).exists())
    return bool(gate.spot_id == product.spot_id)


def another_session_now(voucher: Voucher, moment: Any) -> bool:
    """Whether its product has another session at this moment: then the session is wrong, not the time."""
    if voucher.session_id is None:
        return False
    others = Session.objects.filter(product=voucher.product_id, starts_at__date=moment.date())
    return others.exclude(pk=voucher.session_id).exclude(state="cancelled").exists()


def unit_of(gate: Gate) -> OrgUnit:
    """The unit of a gate's place; the place read along."""
    place = gate.spot if gate.spot is not None else gate.venue
    if place is None:  # a constraint forbids it
        raise ValueError(f"gate {gate.pk} is of no place")
    unit: OrgUnit = place.unit
    return unit
