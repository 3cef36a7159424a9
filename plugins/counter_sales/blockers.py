"""What keeps a unit from closing, as far as counters know."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.channels.interfaces import Channel
from plugins.channels.interfaces import register_blocker as register_channel_blocker
from plugins.org_hierarchy.interfaces import Blocker, OrgUnit, register_blocker

from .models import CounterSale, Delivery, FloatAccount, SaleState, Shift, ShiftState


def unfinished_sales(unit: OrgUnit) -> list[Blocker]:
    """Sales that wait for money, or for the customer to fetch the goods."""
    waiting = Q(state=SaleState.PLACED) | Q(state=SaleState.PAID, delivery=Delivery.PICKUP)
    count = CounterSale.objects.filter(waiting, unit=unit).count()
    href = f"{reverse('admin:o2o_counter_sales_countersale_changelist')}?unit__id__exact={unit.pk}"
    return [Blocker(_("未收款或未取货的柜台销售"), count, href)]


def open_floats(unit: OrgUnit) -> list[Blocker]:
    """Floats whose balance is not settled."""
    count = FloatAccount.objects.filter(unit=unit).exclude(balance=0).count()
    href = f"{reverse('admin:o2o_counter_sales_floataccount_changelist')}?unit__id__exact={unit.pk}"
    return [Blocker(_("余额未结清的备付金账户"), count, href)]


def open_shifts(unit: OrgUnit) -> list[Blocker]:
    """Shifts that nobody has handed over, or whose difference nobody has confirmed."""
    count = Shift.objects.filter(unit=unit).exclude(state=ShiftState.CLOSED).count()
    href = f"{reverse('admin:o2o_counter_sales_shift_changelist')}?unit__id__exact={unit.pk}"
    return [Blocker(_("未交的班次"), count, href)]


def _unfinished_of(channel: Channel) -> int:
    waiting = Q(state=SaleState.PLACED) | Q(state=SaleState.PAID, delivery=Delivery.PICKUP)
    return CounterSale.objects.filter(waiting, channel_code=channel.code).count()


def _open_floats_of(channel: Channel) -> int:
    return FloatAccount.objects.filter(channel_code=channel.code).exclude(balance=0).count()


def install() -> None:
    """Register them, with units and with channels; called once when the app is ready."""
    register_channel_blocker("counter_sales.unfinished", str(_("未收款或未取货的代客下单")), _unfinished_of)
    register_channel_blocker("counter_sales.floats", str(_("余额未结清的备付金账户")), _open_floats_of)
    register_blocker("counter_sales.unfinished", unfinished_sales)
    register_blocker("counter_sales.floats", open_floats)
    register_blocker("counter_sales.shifts", open_shifts)
