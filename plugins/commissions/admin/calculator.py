"""佣金试算: a sale that somebody thinks of, with every step and a tree of who gets what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from plugins.channels.interfaces import Channel
from plugins.org_hierarchy.interfaces import OrgUnit, staff_of
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row

from ..access import CALCULATE
from ..calculating import Sale, calculate
from ..choices import Rank
from ..engine import Result
from ..errors import CommissionError, CommissionErrorCode
from ..loading import category_of
from .forms import CalculatorForm
from .pages import address, need, page

AMOUNTS = ("paid", "margin", "fee", "rebate", "quantity", "business", "channel_type", "operator")


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree: `share` is its part of the total in per cent, for the bar."""

    indent: int
    label: str
    name: str
    amount: Decimal
    share: int
    steps: tuple[str, ...]


def tree_of(result: Result) -> list[Branch]:
    """The parts of a result as a tree, the highest rank first."""
    return [
        Branch(
            at,
            str(Rank(part.rank).label),
            part.name,
            part.amount,
            round(part.amount / result.total * 100) if result.total else 0,
            part.steps,
        )
        for at, part in enumerate(result.parts)
    ]


def calculator(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Nothing is written, so the question is in the address: a result can be sent to a colleague."""
    need(request, CALCULATE)
    staff = staff_of(request.user)
    first = {"on_date": today(), "quantity": 1, "unit": staff.unit.code if staff is not None else ""}
    asked = "paid" in request.GET
    form = CalculatorForm(request.GET if asked else None, initial=first)
    result = None
    if asked and form.is_valid():
        try:
            result = calculate(_sale(request, form.cleaned_data))
        except DomainError as error:
            form.refuse(error)
    return page(
        model_admin, request, "calculator.html", _("佣金试算"), form=form, result=result,
        tree=tree_of(result) if result else (), media=model_admin.media + form.media,
        back=address("commissionplan_changelist"),
    )  # fmt: skip


def _sale(request: HttpRequest, given: dict[str, Any]) -> Sale:
    try:
        unit = get_row(request.user, OrgUnit, code=given["unit"].strip())
    except OutOfScope:
        raise CommissionError(
            CommissionErrorCode.NOT_FOUND, _("没有这个机构，或不在您的范围内"), "unit"
        ) from None
    channel = None
    if given["channel"]:
        try:
            channel = get_row(request.user, Channel, code=given["channel"].strip())
        except OutOfScope:
            raise CommissionError(
                CommissionErrorCode.NOT_FOUND, _("没有这个渠道，或不在您的范围内"), "channel"
            ) from None
        unit = channel.unit
    return Sale(
        unit=unit,
        channel=channel,
        category_id=category_of(given["category"] or None),
        on_date=given["on_date"],
        volume_amount=given["volume_amount"] or Decimal("0.00"),
        volume_quantity=given["volume_quantity"] or 0,
        **{name: given[name] for name in AMOUNTS},
    )
