"""结算账户: the bank account that a unit is settled to, from a day on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.scope import OutOfScope

from ..errors import OrgError, OrgErrorCode
from ..locks import lock_units
from ..models import OrgUnit, SettlementAccount
from .editing import check_open
from .fields import invalid
from .rights import Actor, name_of, require_at

ACCOUNT_SET = action("org_unit.account_set", _("变更结算账户"))
PURPOSE = "org_unit.account"

_NUMBER = re.compile(r"\d{8,32}")
_BANK_CODE = re.compile(r"\d{12}")


def set_account(unit: OrgUnit, values: Mapping[str, Any], *, by: Actor = None) -> SettlementAccount:
    """Note the account (holder, bank, bank_code, number) used from `valid_from` (today) on; it ends the one before.

    Locks: the unit. Raises OrgError (fields, DATE_IN_PAST, UNIT_CLOSED), NotAllowed, OutOfScope, LockTimeout.
    """
    fields = _checked(values)
    with transaction.atomic():
        rows = lock_units([unit.pk])
        if not rows:
            raise OutOfScope
        row = rows[0]
        require_at(by, "org_unit.account", row)
        check_open(row)
        first: date = fields["valid_from"]
        current = account_on(row, first)
        later = Q(valid_to__isnull=True) | Q(valid_to__gte=first)
        SettlementAccount.objects.filter(later, unit=row).update(valid_to=first - timedelta(days=1))
        account = SettlementAccount.objects.create(
            unit=row, number_index=blind_index(fields["number"], PURPOSE), **fields
        )
        record(
            ACCOUNT_SET,
            row,
            before=snapshot(current) if current else {},
            after=snapshot(account),
            actor=name_of(by),
            org_path=row.path,
        )
    return account


def account_on(unit: OrgUnit, day: date) -> SettlementAccount | None:
    """The account that a unit is settled to on a day."""
    return (
        SettlementAccount.objects.filter(unit=unit, valid_from__lte=day)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .order_by("-pk")
        .first()
    )


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, longest in (("holder", 100), ("bank", 100)):
        text = " ".join(str(values.get(name) or "").split())
        if not text:
            raise OrgError(OrgErrorCode.REQUIRED, _("请填写此项"), field=name)
        if len(text) > longest or not text.isprintable():
            raise invalid(name, _("最多 %(most)s 个字，不能有不可见的字符") % {"most": longest})
        found[name] = text
    found["number"] = re.sub(r"[\s-]", "", str(values.get("number") or ""))
    if not _NUMBER.fullmatch(found["number"]) or not found["number"].isascii():
        raise invalid("number", _("账号应是 8 到 32 位数字"))
    found["bank_code"] = str(values.get("bank_code") or "").strip()
    if found["bank_code"] and not _BANK_CODE.fullmatch(found["bank_code"]):
        raise invalid("bank_code", _("联行号应是 12 位数字"))
    first = values.get("valid_from") or today()
    if not isinstance(first, date):
        raise invalid("valid_from", _("应是日期"))
    if first < today():
        raise OrgError(OrgErrorCode.DATE_IN_PAST, _("启用日期不能早于今天"), field="valid_from")
    return {**found, "valid_from": first}
