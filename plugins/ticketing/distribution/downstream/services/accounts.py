"""Resellers: made with their contract, changed, suspended, closed. Every change says why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, may_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row, require
from saleor_o2o.kernel.states import move_locked

from ..access import EDIT
from ..addresses import check_address
from ..errors import ResaleError
from ..errors import ResaleErrorCode as Code
from ..locks import lock_reseller
from ..models import Reseller

MADE = audit.action("resale.reseller_made", _("分销商开户"))
CHANGED = audit.action("resale.reseller_changed", _("变更分销商"))
MOVED = audit.action("resale.reseller_moved", _("暂停、恢复、终止分销商"))
#: What may be changed of an account, and what the audit shows of it: nobody's name or telephone.
FIELDS = (
    "name",
    "contact",
    "mobile",
    "email",
    "contract",
    "first_day",
    "last_day",
    "credit",
    "low_below",
    "hook",
)
_SHOWN = ("name", "contract", "first_day", "last_day", "credit", "low_below", "hook")


def make_reseller(by: Any, unit: OrgUnit, code: str, **told: Any) -> Reseller:
    """A new account of a unit, without money and without a key. Yuan.

    Raises NotAllowed, INVALID, ADDRESS_REFUSED.
    """
    if not may_at(by, EDIT, unit):
        raise NotAllowed
    _check(told)
    if Reseller.objects.filter(code=code).exists():
        raise ResaleError(Code.INVALID, _("这个代码已经用了"), "code", _("请换一个代码"))
    with transaction.atomic():
        made = Reseller.objects.create(
            unit=unit, code=code, **{name: told[name] for name in FIELDS if name in told}
        )
        audit.record(
            MADE, made, after=audit.snapshot(made, _SHOWN), actor=actor_label(by), org_path=unit.path
        )
    return made


def change_reseller(by: Any, pk: int, reason: str, **told: Any) -> Reseller:
    """Another contract, contact, credit or address. A lower credit holds for later orders.

    Raises OutOfScope, NotAllowed, INVALID, ADDRESS_REFUSED. Locks: the reseller.
    """
    found = get_row(by, Reseller, pk=pk)
    require(by, EDIT, found)
    _check(told)
    with transaction.atomic():
        row = lock_reseller(pk)
        before = audit.snapshot(row, _SHOWN)
        for name in FIELDS:
            if name in told:
                setattr(row, name, told[name])
        row.note = _reason(reason)
        row.save(update_fields=[*FIELDS, "note"])
        audit.record(
            CHANGED, row, before=before, after={**audit.snapshot(row, _SHOWN), "reason": row.note},
            actor=actor_label(by), org_path=found.unit.path,
        )  # fmt: skip
    return row


def move_reseller(by: Any, pk: int, to: str, reason: str) -> Reseller:
    """`suspend`, `resume` or `close`. Tickets that were bought stay good.

    Raises OutOfScope, NotAllowed, INVALID, IllegalMove. Locks: the reseller.
    """
    found = get_row(by, Reseller, pk=pk)
    require(by, EDIT, found)
    with transaction.atomic():
        row = lock_reseller(pk)
        row.note = _reason(reason)
        move_locked(row, to, actor=actor_label(by), reason=row.note)
        audit.record(
            MOVED, row, after={"state": row.state, "reason": row.note}, actor=actor_label(by),
            org_path=found.unit.path,
        )  # fmt: skip
    return row


def _reason(text: str) -> str:
    told = text.strip()[:200]
    if len(told) < 4:
        raise ResaleError(Code.INVALID, _("请写明事由（不少于 4 个字）"), "reason")
    return told


def _check(told: dict[str, Any]) -> None:
    if told.get("last_day") and told.get("first_day") and told["last_day"] < told["first_day"]:
        raise ResaleError(Code.INVALID, _("合同结束不能早于开始"), "last_day")
    if told.get("credit", Decimal(0)) < 0:
        raise ResaleError(Code.INVALID, _("授信额度不能为负"), "credit")
    if told.get("hook"):
        check_address(told["hook"])
