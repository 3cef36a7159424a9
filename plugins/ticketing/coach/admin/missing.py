"""误班改乘: a button on the page of a ticket order, then one for each later bus; two clicks for a clerk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from plugins.ticketing.kernel.access import REFUND
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from plugins.ticketing.kernel.services.reach import typed_key
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at
from saleor_o2o.backoffice.doors import add_doors, door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_name
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..services.missing import Later, has_missed, later_buses, of_passengers, reroute

#: Buses that have a button.
SHOWN = 8


class MissedForm(forms.Form):
    """Who missed the bus; all of them unless some are taken out."""

    tickets = forms.MultipleChoiceField(
        label=_("没有上车的乘客"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": _("请选择没有上车的乘客")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    #: What each ticket was shown to come to, by bus.
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20000)

    def __init__(self, data: Any, tickets: Sequence[Ticket], shown: str) -> None:
        choices = [(str(one.pk), _named(one)) for one in tickets]
        super().__init__(
            data,
            initial={"tickets": [value for value, _words in choices], "key": uuid4().hex, "shown": shown},
        )
        self.fields["tickets"].choices = choices  # type: ignore[attr-defined]

    def expected(self, bus: int) -> Decimal | None:
        """What the chosen tickets were shown to come to on a bus; None where that cannot be read."""
        try:
            told = json.loads(self.cleaned_data["shown"])[str(bus)]
            return sum((Decimal(told[pk]) for pk in self.cleaned_data["tickets"]), Decimal(0))
        except (ValueError, KeyError, TypeError, InvalidOperation):
            return None


def _named(ticket: Ticket) -> str:
    person = ticket.passenger
    return f"{mask_name(person.name) if person is not None else ''} {ticket.fare_name} {ticket.seat}".strip()


def _doors(request: HttpRequest, order: TicketOrder) -> Sequence[Mapping[str, Any]]:
    """误班改乘 on the page of a ticket order whose bus has left."""
    if not policy_for(TicketOrder).may(request.user, REFUND, order) or not has_missed(order):
        return ()
    return [
        door(_("误班改乘"), "departure_board", reverse("admin:o2o_coach_gatecheck_missed", args=[order.pk]))
    ]


add_doors(TicketOrder, _doors)


class MissedPage(ActingAdmin):
    """The page, for the admin of the gate's checks to have."""

    def get_urls(self) -> list[Any]:
        return [self.own("missed/<int:order_pk>/", self.missed_view, "missed"), *super().get_urls()]

    def missed_view(self, request: HttpRequest, order_pk: int) -> HttpResponse:
        """Later buses with their seats and what it comes to; one button each does it."""
        user: Any = request.user
        rows = TicketOrder.objects.select_related(
            "unit", "supplier", "coach_trip__start", "coach_trip__goal", "coach_trip__shift_day__shift"
        )
        try:
            order = get_row(user, rows.filter(coach_trip__isnull=False), pk=order_pk)
        except OutOfScope:
            raise Http404 from None
        if not policy_for(TicketOrder).may(user, REFUND, order):
            raise PermissionDenied
        tickets = of_passengers(order)
        problem, found = "", []
        try:
            found = later_buses(order, tickets)[:SHOWN] if tickets else []
        except DomainError as refusal:
            problem = refusal.in_words
        shown = json.dumps(
            {
                one.bus.shift_day.pk: {str(pk): str(one.net([pk])) for pk in one.fees}
                for one in found
            }
        )  # fmt: skip
        data = request.POST.copy() if request.method == "POST" else None
        form = MissedForm(data, tickets, shown)
        bus = typed_key(request.POST.get("bus"))
        if data is not None and form.is_valid():
            # shown once more it says what things come to now, not what was refused
            data["shown"] = shown

        def do(told: dict[str, Any]) -> str:
            done = reroute(
                user, order.pk, [int(pk) for pk in told["tickets"]], bus, told["key"], form.expected(bus)
            )
            return str(
                _("改签单 %(number)s：%(state)s，应补 %(pay)s，应退 %(back)s。要补款的，到收款处按改签单号收款")
                % {"number": done.number, "state": done.get_state_display(), "pay": yuan(done.to_pay),
                   "back": yuan(done.back)}
            )  # fmt: skip

        note = problem or (
            _("点一个班次即改乘；过时没有补款的，原票恢复。") if found else _("当日后面没有可以改乘的班次")
        )
        return self.act(
            request, _("误班改乘 %(number)s") % {"number": order.number}, form, do,
            reverse("admin:o2o_ticketing_ticketorder_change", args=[order.pk]),
            facts=(
                (_("行程"), order.title), (_("发车时间"), at(order.coach_trip.shift_day.departs)),
                *((_("手续费"), words) for words in _common(found)),
            ),
            table=_table(found, tickets) if found else None, note=note, only_look=not bus,
            buttons=[("bus", str(one.bus.shift_day.pk), _button(one), "" if not place else "secondary")
                     for place, one in enumerate(found)],
        )  # fmt: skip


def _leaves(one: Later) -> str:
    return f"{timezone.localtime(one.bus.shift_day.departs):%H:%M}"


def _button(one: Later) -> str:
    return str(_("改乘 %(leaves)s") % {"leaves": _leaves(one)})


def _common(found: Sequence[Later]) -> list[str]:
    """What is said of every bus is said once; nothing where one differs."""
    told = {_explained(one) for one in found}
    return list(told) if len(told) == 1 else []


def _explained(one: Later) -> str:
    fees = list(one.fees.values())
    return next((fee for fee in fees if not fee.allowed), fees[0]).text


def _table(found: Sequence[Later], tickets: Sequence[Ticket]) -> Table:
    keys, differ = [one.pk for one in tickets], not _common(found)
    rows = []
    for one in found:
        net, fees = one.net(keys), list(one.fees.values())
        rows.append(
            (
                _leaves(one), one.bus.shift_day.shift.number,
                one.option.left if one.option.left is not None else "—",
                yuan(sum((fee.fee for fee in fees), Decimal(0))), yuan(max(net, Decimal(0))),
                yuan(max(-net, Decimal(0))), *([_explained(one)] if differ else []),
            )
        )  # fmt: skip
    headers = ("发车", "班次", "余票", "手续费", "应补", "应退", *(["说明"] if differ else []))
    return Table(str(_("当日后面的班次（%(count)d 位乘客）") % {"count": len(tickets)}), headers, rows)
