"""Material: received by a unit, issued to its channels, used, returned, voided. Numbers follow the goods."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import current

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel, Material, MaterialMovement, MaterialStock, MovementKind, NumberRange
from ..types import ChannelStatus

Ranges = list[list[int]]
MOST = 10_000_000


def receive(
    material: Material, unit: OrgUnit, quantity: int, *, first: int | None = None, reason: str = ""
) -> MaterialMovement:
    """Put material into a unit's stock; a numbered one from number `first` on.

    Locks: the stock, and for a numbered material its kind. Raises ChannelError: INVALID, RANGE_INVALID for numbers that
    were received before.
    """
    _check_quantity(quantity)
    with transaction.atomic():
        ranges: Ranges = []
        if material.is_numbered:
            if first is None or first < 1:
                raise ChannelError(ChannelErrorCode.RANGE_INVALID, _("请填写起始号码"), "first")
            ranges = [[first, first + quantity - 1]]
            lock_rows(Material.objects.filter(pk=material.pk))  # two units receive the same numbers at once
            _refuse_known(material, ranges[0])
        stock = _stock(material, unit, None)
        _put(stock, quantity, ranges)
        return _note(MovementKind.RECEIVE, material, unit, None, quantity, ranges, reason)


def issue(material: Material, channel: Channel, quantity: int, reason: str = "") -> MaterialMovement:
    """From the unit's stock to one of its channels, lowest numbers first.

    Locks: both stocks in primary-key order. Raises ChannelError: NOT_ENOUGH, INVALID, WRONG_STATE.
    """
    if channel.status == ChannelStatus.LEFT:
        raise ChannelError(ChannelErrorCode.WRONG_STATE, _("渠道已退出，不能领用"), "channel")
    return _shift(MovementKind.ISSUE, material, channel, quantity, reason, to_channel=True)


def give_back(material: Material, channel: Channel, quantity: int, reason: str = "") -> MaterialMovement:
    """From a channel back to its unit, highest numbers first. Locks and errors as `issue`."""
    return _shift(MovementKind.RETURN, material, channel, quantity, reason, to_channel=False)


def use(material: Material, channel: Channel, quantity: int, reason: str = "") -> MaterialMovement:
    """A channel used material, lowest numbers first. Locks: its stock. Raises ChannelError: NOT_ENOUGH, INVALID."""
    return _consume(MovementKind.USE, material, channel, quantity, reason)


def void(material: Material, channel: Channel, quantity: int, reason: str) -> MaterialMovement:
    """A channel spoilt material, lowest numbers first. Locks and errors as `use`; REQUIRED without a reason."""
    if not reason.strip():
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写作废原因"), "reason")
    return _consume(MovementKind.VOID, material, channel, quantity, reason)


def _consume(
    kind: MovementKind, material: Material, channel: Channel, quantity: int, reason: str
) -> MaterialMovement:
    _check_quantity(quantity)
    with transaction.atomic():
        stock = _stock(material, channel.unit, channel)
        ranges = _take(stock, quantity)
        return _note(kind, material, channel.unit, channel, quantity, ranges, reason)


def _shift(
    kind: MovementKind, material: Material, channel: Channel, quantity: int, reason: str, *, to_channel: bool
) -> MaterialMovement:
    _check_quantity(quantity)
    with transaction.atomic():
        ours, theirs = _both(material, channel)
        source, target = (ours, theirs) if to_channel else (theirs, ours)
        ranges = _take(source, quantity, highest=not to_channel)
        _put(target, quantity, ranges)
        return _note(kind, material, channel.unit, channel, quantity, ranges, reason)


def _both(material: Material, channel: Channel) -> tuple[MaterialStock, MaterialStock]:
    """The unit's stock and the channel's, locked in primary-key order."""
    MaterialStock.objects.bulk_create(
        [
            MaterialStock(material=material, unit=channel.unit),
            MaterialStock(material=material, unit=channel.unit, channel=channel),
        ],
        ignore_conflicts=True,
    )
    rows = lock_rows(
        MaterialStock.objects.filter(material=material, unit=channel.unit).filter(channel_id__isnull=True)
        | MaterialStock.objects.filter(material=material, unit=channel.unit, channel=channel)
    )
    by_channel = {row.channel_id: row for row in rows}
    return by_channel[None], by_channel[channel.pk]


def _stock(material: Material, unit: OrgUnit, channel: Channel | None) -> MaterialStock:
    """One stock, made if missing, locked."""
    MaterialStock.objects.bulk_create(
        [MaterialStock(material=material, unit=unit, channel=channel)], ignore_conflicts=True
    )
    wanted: dict[str, Any] = {"channel": channel} if channel is not None else {"channel__isnull": True}
    [row] = lock_rows(MaterialStock.objects.filter(material=material, unit=unit, **wanted))
    return row


def _check_quantity(quantity: int) -> None:
    if not 0 < quantity <= MOST:
        raise ChannelError(ChannelErrorCode.INVALID, _("数量应为大于 0 的整数"), "quantity")


def _take(stock: MaterialStock, quantity: int, *, highest: bool = False) -> Ranges:
    """Take from a locked stock; returns the numbers taken, lowest first."""
    if stock.quantity < quantity:
        raise ChannelError(
            ChannelErrorCode.NOT_ENOUGH,
            _("数量不足：现有 %(have)s，需要 %(want)s") % {"have": stock.quantity, "want": quantity},
            "quantity",
        )
    taken: Ranges = []
    if stock.material.is_numbered:
        wanted = quantity
        for part in stock.ranges.order_by("-first" if highest else "first"):
            size = min(wanted, part.last - part.first + 1)
            if highest:
                taken.append([part.last - size + 1, part.last])
                part.last -= size
            else:
                taken.append([part.first, part.first + size - 1])
                part.first += size
            if part.first > part.last:
                part.delete()
            else:
                part.save(update_fields=["first", "last"])
            wanted -= size
            if not wanted:
                break
    stock.quantity -= quantity
    stock.save(update_fields=["quantity"])
    return sorted(taken)


def _put(stock: MaterialStock, quantity: int, ranges: Ranges) -> None:
    """Add to a locked stock; neighbouring numbers become one range."""
    stock.quantity += quantity
    stock.save(update_fields=["quantity"])
    if not ranges:
        return
    parts = sorted([*ranges, *([one.first, one.last] for one in stock.ranges.all())])
    joined: Ranges = []
    for first, last in parts:
        if joined and joined[-1][1] + 1 == first:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    stock.ranges.all().delete()
    NumberRange.objects.bulk_create(NumberRange(stock=stock, first=a, last=b) for a, b in joined)


def _refuse_known(material: Material, wanted: list[int]) -> None:
    """Refuse numbers that were ever received, anywhere."""
    received = MaterialMovement.objects.filter(material=material, kind=MovementKind.RECEIVE)
    for ranges in received.values_list("ranges", flat=True):
        for first, last in ranges:
            if first <= wanted[1] and wanted[0] <= last:
                raise ChannelError(
                    ChannelErrorCode.RANGE_INVALID,
                    _("号段与已入库的 %(first)s–%(last)s 重叠") % {"first": first, "last": last},
                    "first",
                )


def _note(
    kind: MovementKind, material: Material, unit: OrgUnit, channel: Channel | None, quantity: int, ranges: Ranges,
    reason: str,
) -> MaterialMovement:  # fmt: skip
    movement = MaterialMovement.objects.create(
        kind=kind, material=material, unit=unit, channel=channel, quantity=quantity, ranges=ranges,
        reason=reason.strip()[:200], actor=current().actor,
    )  # fmt: skip
    audit.record(
        audits.MATERIAL, movement,
        after={"kind": str(kind), "material": material.code, "quantity": quantity, "ranges": ranges},
        org_path=unit.path,
    )  # fmt: skip
    return movement
