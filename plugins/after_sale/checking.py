"""Reading what people typed."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for, require, rows_for

from .errors import AfterSaleError
from .errors import AfterSaleErrorCode as Code
from .models import AfterSale, Complaint
from .permissions import APPLY

MOST_TEXT = 500
_WAYBILL = re.compile(r"[A-Z0-9-]{6,40}")


def clean(text: str, field: str, *, required: Any = "", most: int = MOST_TEXT) -> str:
    """Trim a text. Raises AfterSaleError REQUIRED (with the words given) and TEXT_TOO_LONG."""
    found = (text or "").replace("\x00", "").strip()
    if required and not found:
        raise AfterSaleError(Code.REQUIRED, required, field)
    if len(found) > most:
        raise AfterSaleError(Code.TEXT_TOO_LONG, _("最多 %(most)s 个字") % {"most": most}, field)
    return found


def check_key(key: str) -> str:
    """A client's key: 8 to 64 letters, digits, `-`, `_`. Raises AfterSaleError KEY_INVALID."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", key or ""):
        raise AfterSaleError(Code.KEY_INVALID, _("请求号须为 8 到 64 位字母、数字、- 或 _"), "key")
    return key


def read_waybill(carrier: str, waybill: str) -> tuple[str, str]:
    """A carrier and a waybill as people typed them. Raises AfterSaleError REQUIRED, TEXT_TOO_LONG."""
    name = clean(carrier, "carrier", required=_("请填写快递公司"), most=40)
    code = clean(waybill, "waybill", required=_("请填写运单号"), most=40).upper().replace(" ", "")
    if not _WAYBILL.fullmatch(code):
        raise AfterSaleError(Code.REQUIRED, _("运单号应为 6 到 40 位字母和数字"), "waybill")
    return name, code


def mine(user: Any, number: str) -> AfterSale:
    """Lock a customer's own after-sale, or one of a customer whom the staff serves (`after_sale.apply` over it).

    Raises OutOfScope for any other, LockTimeout.
    """
    return _locked(AfterSale, user, number)


def my_complaint(user: Any, number: str) -> Complaint:
    """Lock a customer's own complaint, or one of a customer whom the staff serves. Errors as `mine`."""
    return _locked(Complaint, user, number)


def _locked(model: Any, user: Any, number: str) -> Any:
    rows = lock_rows(model.objects.filter(number=(number or "")[:32])) if user.is_authenticated else []
    if not rows or (rows[0].customer_id != user.pk and not serves(user, rows[0])):
        raise OutOfScope
    return rows[0]


def serves(user: Any, row: Any) -> bool:
    """True when the user may act for the customer of an after-sale or a complaint."""
    return bool(user.is_active) and policy_for(type(row)).may(user, APPLY, row)


def order_served(user: Any, order_id: int) -> Order:
    """The order of a customer for whom the user may apply. Raises OutOfScope."""
    found = rows_for(user, Order, APPLY).filter(pk=order_id).first() if user.is_authenticated else None
    if found is None:
        raise OutOfScope
    return found


def for_staff(user: Any, model: Any, pk: int, permission: str, seen: str = "") -> Any:
    """Lock a row in the staff's scope, for whoever has the permission over it, as it was `seen` (its state).

    Raises OutOfScope, NotAllowed, AfterSaleError CHANGED_MEANWHILE, SAME_PERSON (the customer), LockTimeout.
    """
    found = get_row(user, model, pk=pk)
    require(user, permission, found)
    rows = lock_rows(model.objects.filter(pk=found.pk))
    if not rows:
        raise OutOfScope
    if rows[0].customer_id == user.pk and not user.is_superuser:
        raise AfterSaleError(Code.SAME_PERSON, _("不能处理自己订单的售后和投诉"), hint=_("请由其他人员处理"))
    if seen and rows[0].state != seen:
        raise AfterSaleError(
            Code.CHANGED_MEANWHILE,
            _("这单刚刚有了变化，现在是“%(state)s”") % {"state": rows[0].get_state_display()},
            hint=_("请核对后再处理"),
        )
    return rows[0]
