"""What a person still has in hand, asked of every plugin, and giving it into other hands before leaving."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import NotAllowed, get_row

from ..errors import OrgError, OrgErrorCode
from ..locks import lock_units
from ..models import HandedOver, OrderAttribution, OrgUnit, RoleGrant, Staff, StaffStatus
from .delegation import lent_by
from .rights import Actor, may_at, name_of

HANDED = action("org_hierarchy.staff.handed_over", _("交接事项"))
#: Of one kind this many are listed; the rest follows when these are done.
LISTED = 200


@dataclass(frozen=True, slots=True)
class Holding:
    """One matter in a person's hands.

    `hand` puts it into another person's hands, inside a transaction, and may raise a DomainError; without one it must
    be settled on the page `href` names (`admin:…` address or "").
    """

    kind: str
    key: str
    label: Text
    note: Text = ""
    href: str = ""
    hand: Callable[[Staff, str], None] | None = None


Finder = Callable[[Staff], Iterable[Holding]]
_finders: dict[str, tuple[Text, Finder]] = {}


def register_holding(kind: str, label: Text, finder: Finder) -> None:
    """Register what a plugin knows of: `finder(staff)` lists what is open, at most a few hundred rows.

    Raises ValueError for a kind that is taken.
    """
    if kind in _finders:
        raise ValueError(f"holding {kind!r} is already registered")
    _finders[kind] = (label, finder)


def kind_label(kind: str) -> str:
    """What to call a kind of matter in front of people."""
    return str(_finders[kind][0]) if kind in _finders else kind


def holdings(staff: Staff) -> list[Holding]:
    """Everything that the person still has in hand, by kind in the order of registration."""
    return [holding for _label, finder in _finders.values() for holding in finder(staff)]


def hand_over(by: Actor, staff: Staff, kind: str, keys: Iterable[str], successor: Staff) -> int:
    """Give these matters into a successor's hands; returns how many. All of them or none.

    Raises OutOfScope, NotAllowed, OrgError (SAME_PERSON, STAFF_NOT_ACTIVE, NOT_FOUND, HANDOVER_OPEN), and what a plugin
    refuses. Locks: both people by key, then what the plugin locks.
    """
    wanted = set(keys)
    with transaction.atomic():
        people = {one.pk: one for one in lock_rows(Staff.objects.filter(pk__in=(staff.pk, successor.pk)))}
        person, heir = people[staff.pk], people[successor.pk]
        if by is not None:
            get_row(by, Staff, pk=person.pk)
            get_row(by, Staff, pk=heir.pk)
        if not may_at(by, "staff.leave", person.unit):
            raise NotAllowed
        if person.pk == heir.pk:
            raise OrgError(OrgErrorCode.SAME_PERSON, _("接手人不能是移交人自己"), field="successor")
        if heir.status != StaffStatus.ACTIVE:
            raise OrgError(
                OrgErrorCode.STAFF_NOT_ACTIVE,
                _("%(name)s已停用或离职，不能接手") % {"name": heir.name},
                field="successor",
            )
        found = [one for one in holdings(person) if one.kind == kind and one.key in wanted]
        if len(found) != len(wanted):
            raise OrgError(
                OrgErrorCode.NOT_FOUND, _("部分事项已不在此人名下"), hint=_("请刷新后查看最新清单")
            )
        for holding in found:
            if holding.hand is None:
                raise OrgError(
                    OrgErrorCode.HANDOVER_OPEN,
                    _("“%(label)s”不能移交，须先办结") % {"label": holding.label},
                    hint=_("请打开该事项办理"),
                )
            holding.hand(heir, name_of(by))
            HandedOver.objects.create(
                staff=person,
                kind=kind,
                key=holding.key,
                label=str(holding.label)[:200],
                successor=heir,
                actor=name_of(by),
            )
        record(HANDED, person, after={"kind": kind, "count": len(found), "successor": heir.employee_no})
    return len(found)


def require_nothing_open(staff: Staff) -> None:
    """Raise HANDOVER_OPEN with what is still open by kind."""
    counts: dict[str, int] = {}
    for holding in holdings(staff):
        counts[holding.kind] = counts.get(holding.kind, 0) + 1
    if counts:
        listed = "、".join(f"{kind_label(kind)} {count} 项" for kind, count in counts.items())
        raise OrgError(
            OrgErrorCode.HANDOVER_OPEN,
            _("%(name)s还有未交接的事项：%(list)s") % {"name": staff.name, "list": listed},
            hint=_("请在交接清单中逐项移交给接手人或办结"),
        )


# -- what the organisation itself knows of ----------------------------------------------------------------------------


def _managed(staff: Staff) -> Iterable[Holding]:
    for unit in OrgUnit.objects.filter(manager=staff).order_by("path")[:LISTED]:

        def hand(heir: Staff, _actor: str, unit: OrgUnit = unit) -> None:
            [locked] = lock_units([unit.pk])
            locked.manager = heir
            locked.save(update_fields=["manager"])

        yield Holding("managed-unit", unit.code, f"{unit.name}（{unit.code}）", _("负责人"), hand=hand)


def _lent(staff: Staff) -> Iterable[Holding]:
    for grant in lent_by(staff):
        yield Holding(
            "delegation",
            str(grant.pk),
            f"{grant.role.name} → {grant.staff.name}",
            _("委托至 %(day)s，请先收回") % {"day": grant.valid_to},
            href=f"admin:o2o_org_hierarchy_rolegrant_change:{grant.pk}",
        )


def _orders(staff: Staff) -> Iterable[Holding]:
    done = HandedOver.objects.filter(staff=staff, kind="order").values("key")
    found = (
        OrderAttribution.objects.filter(
            operator_id=staff.user_id, order__status__in=("draft", "unfulfilled", "partially fulfilled")
        )
        .exclude(order_id__in=[int(row["key"]) for row in done])
        .select_related("unit")
        .order_by("order_id")
    )
    for row in found[:LISTED]:
        yield Holding(
            "order",
            str(row.order_id),
            _("订单 #%(number)s") % {"number": row.order_id},
            row.unit.name,
            href=f"admin:o2o_backoffice_order_change:{row.order_id}",
            # who made the order stays what it was; the successor is on the hand-over list
            hand=lambda heir, actor: None,
        )


def _waiting(staff: Staff) -> Iterable[Holding]:
    pending = RoleGrant.objects.filter(granted_by=f"user:{staff.user_id}", state="pending")
    for grant in pending.select_related("staff", "role").order_by("pk")[:LISTED]:
        yield Holding(
            "pending-grant",
            str(grant.pk),
            f"{grant.staff.name} · {grant.role.name}",
            _("由其授予，待复核"),
            href=f"admin:o2o_org_hierarchy_rolegrant_change:{grant.pk}",
        )


register_holding("managed-unit", _("负责的机构"), _managed)
register_holding("order", _("经办未完成的订单"), _orders)
register_holding("delegation", _("委托给他人的角色"), _lent)
register_holding("pending-grant", _("待复核的授权"), _waiting)
