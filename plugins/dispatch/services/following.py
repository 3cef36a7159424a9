"""A task follows its part of the order: made when it is ready, done when it has left, closed when it is cancelled.

Events only say "look": the state is read after the order's sub-orders are locked, which every change of them does, too.
So of two who come together the later one sees what the earlier did, in whatever order the events arrive.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction

from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import DeliveryMode, lock_sub_orders
from saleor_o2o.ordering.interfaces import State as Part

from ..choices import OPEN, Deed, Stage, State
from ..clocks import due_for
from ..models import DispatchTask
from ..noting import called, named, tell
from ..placing import Address, NoOrganisation, above, by_name, by_position, is_open, stage_at
from ..serving import kept_position

NUMBER = number_kind("dispatch", "PD")
#: Parts that somebody has to deliver.
TO_DELIVER = (Part.PENDING_SHIPMENT, Part.PARTLY_SHIPPED)
_GONE = (Part.SHIPPED, Part.RECEIVED, Part.COMPLETED)


@transaction.atomic
def follow(sub_order_id: int) -> DispatchTask | None:
    """Bring the task of a part to where the part is; None where it needs none. Again: no change.

    Locks: the order's sub-orders, then the task. Raises LockTimeout.
    """
    parts = apps.get_model("o2o_ordering", "SubOrder").objects
    found = parts.filter(pk=sub_order_id).values_list("order_id", "mode").first()
    if found is None or found[1] != DeliveryMode.DELIVERY:
        return None
    part = next((one for one in lock_sub_orders(found[0]) if one.pk == sub_order_id), None)
    if part is None:
        return None
    rows = lock_rows(DispatchTask.objects.filter(sub_order_id=sub_order_id).select_related("unit"))
    if not rows:
        if part.state not in TO_DELIVER:
            return None
        try:
            return _make(part)
        except NoOrganisation:
            return None
    row = rows[0]
    if part.state in TO_DELIVER:
        if row.state not in OPEN:
            _reopen(row)
    elif row.state in OPEN:
        if part.state in _GONE:
            move(row, "finish")
            tell(row, Deed.DONE, "全部发出，派单完成")
        elif part.state == Part.CLOSED:
            move(row, "close")
            tell(row, Deed.CLOSED, "订单已取消或退款，派单关闭")
    return row


def _make(part: Any) -> DispatchTask:
    """A new task: at its unit, or with the county while the map is asked."""
    from ..tasks import locate

    order = apps.get_model("order", "Order").objects.select_related("shipping_address").get(pk=part.order_id)
    address = Address.of(order.shipping_address)
    place = by_name(address)
    if place is None:
        position = kept_position(address)
        if position is not None:
            place = by_position(order.pk, address, *position)
    if place is None and not address.street.strip():
        place = above(order.pk, address, "没有收货地址")
    first = place or above(order.pk, address, "正在按地址定位")
    row = DispatchTask.objects.create(
        number=next_number(NUMBER), order_id=order.pk, sub_order_id=part.pk, line=part.line,
        unit=first.unit, org_path=first.unit.path, stage=first.stage, basis=first.basis, why=first.why,
    )  # fmt: skip
    if place is not None:
        settle(row, place)
    else:
        transaction.on_commit(lambda: locate.delay(row.pk))
    return row


def settle(row: DispatchTask, place: Any, *, failed: bool = False) -> None:
    """Put a *locked* task that is being located where it belongs, and tell."""
    before = row.unit if row.placed_at is not None else None
    held = (
        State.TAKEN
        if row.holder_id and before == place.unit and place.stage == Stage.STAFF
        else State.WAITING
    )
    move(
        row, "place", unit=place.unit, stage=place.stage, basis=place.basis, why=place.why, position=place.position,
        due_at=due_for(place.stage, held, row.line, place.unit),
    )  # fmt: skip
    turn = "待抢单" if place.stage == Stage.STAFF else f"待{Stage(place.stage).label}"
    if row.state == State.TAKEN:
        turn = f"由{named(row.holder)}继续办理"
    verb = "仍由" if before == place.unit else "改派给" if before is not None else "派给"
    text = f"{verb}{called(place.unit)}{'办理' if before == place.unit else ''}（{place.why}），{turn}"
    moved = before if before != place.unit else None
    tell(row, Deed.NOT_FOUND if failed else Deed.PLACED, text, from_unit=moved)


def _reopen(row: DispatchTask) -> None:
    unit, stage = row.unit, stage_at(row.unit)
    if not is_open(unit):
        place = above(row.order_id, Address.of(None), "原承办机构未在营业状态", near=unit)
        unit, stage = place.unit, place.stage
    held = State.TAKEN if row.holder_id and stage == Stage.STAFF else State.WAITING
    move(row, "reopen", unit=unit, stage=stage, due_at=due_for(stage, held, row.line, unit))
    back = "由原承办人继续办理" if row.state == State.TAKEN else "待重新接单"
    tell(row, Deed.REOPENED, f"发货撤销或订单恢复，{back}")


def moved_on(limit: int = 200) -> list[int]:
    """Parts whose open task has not noticed that they left or were closed; and ready ones without a task."""
    parts = apps.get_model("o2o_ordering", "SubOrder").objects
    stale = DispatchTask.objects.filter(state__in=OPEN).exclude(sub_order__state__in=TO_DELIVER)
    found = list(stale.order_by("pk").values_list("sub_order_id", flat=True)[:limit])
    alone = parts.filter(mode=DeliveryMode.DELIVERY, state__in=TO_DELIVER, dispatch_task__isnull=True)
    return found + list(alone.order_by("-pk").values_list("pk", flat=True)[: limit // 4])
