"""What a person sees of a task, and what that person can do with it now: the same on pages and in the API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from plugins.org_hierarchy.interfaces import Level
from plugins.service_map.interfaces import navigation_link
from saleor_o2o.backoffice.privacy import masked_person, masked_phone
from saleor_o2o.kernel.masking import HIDDEN

from .checking import may_at
from .choices import State
from .models import DispatchTask
from .permissions import ASSIGN, GRAB

#: What is read along with tasks that are shown.
RELATED = (
    "unit", "offered_to", "holder__o2o_staff", "sub_order__seller", "sub_order__warehouse",
    "order__shipping_address", "order__o2o_profile",
)  # fmt: skip


def shown(rows: QuerySet[DispatchTask]) -> QuerySet[DispatchTask]:
    """Tasks with all that is shown of them: three statements, whatever their number."""
    return rows.select_related(*RELATED).prefetch_related("sub_order__lines__order_line")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where to and to whom; `whole`: nothing is hidden."""

    name: str
    phone: str
    address: str
    map_url: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Goods:
    """A line of the part: what, how many, and how many of them are still to go."""

    name: str
    sku: str
    quantity: int
    left: int


def receiver_of(user: Any, row: DispatchTask) -> Receiver:
    """Whole for whoever has the open task in hand; the street without a number for others.

    Whoever decides at a county which branch it goes to reads the whole address, but not whose it is.
    """
    at = row.order.shipping_address
    whole = row.state == State.TAKEN and row.holder_id is not None and row.holder_id == user.pk
    link = ""
    if row.lng is not None and row.lat is not None and (whole or may_at(user, ASSIGN, row.unit)):
        link = navigation_link(row.lng, row.lat, row.number)  # never an address in an address
    if at is None:
        return Receiver("—", "—", "—", link, whole)
    street = f"{at.street_address_1}{at.street_address_2}"
    if not whole:
        decides = not row.is_over and row.unit.level <= Level.COUNTY and may_at(user, ASSIGN, row.unit)
        where = f"{at.city}{street if decides else rough(street)}"
        return Receiver(masked_person(at), masked_phone(at.phone), where, link, False)
    phone = getattr(at.phone, "as_e164", None) or str(at.phone or "—")
    where = f"{at.country_area}{at.city}{at.city_area}{street}"
    return Receiver(f"{at.last_name}{at.first_name}" or "—", phone.removeprefix("+86"), where, link, True)


def rough(street: str) -> str:
    """A street without house and flat: `中山四路 1 栋` → `中山四路***`."""
    found = re.match(r"[^\d０-９一二三四五六七八九十]{2,}(?:[一二三四五六七八九十]+路)?", street)
    head = found[0].strip() if found else ""
    if head == street.strip():  # no number in it: not all of it then
        head = head[: max(2, len(head) // 2)]
    return f"{head[:20]}{HIDDEN}"


def goods_of(row: DispatchTask) -> list[Goods]:
    """What is to be delivered; without what went back before it left. Prefetched by `shown`."""
    found = []
    for line in row.sub_order.lines.all():
        name = f"{line.order_line.product_name} {line.order_line.variant_name}".strip()
        quantity = line.quantity - line.withdrawn
        found.append(Goods(name, line.order_line.product_sku, quantity, max(quantity - line.shipped, 0)))
    return found


def fetched_from(row: DispatchTask) -> str:
    """Where the goods are fetched: the seller's, from which warehouse."""
    part = row.sub_order
    return " · ".join(one.name for one in (part.seller, part.warehouse) if one is not None) or "—"


def actions_of(user: Any, row: DispatchTask) -> list[str]:
    """The codes of what this person can do now: GRAB, SEND, PASS, MOVE, ASSIGN, ACCEPT, REFUSE. No statement."""
    grabs, assigns = may_at(user, GRAB, row.unit), may_at(user, ASSIGN, row.unit)
    match row.state:
        case State.WAITING:
            up = assigns and row.unit.level > Level.COUNTY  # a county has nobody to give it back to
            found = {"GRAB": grabs, "ASSIGN": assigns, "MOVE": assigns, "REFUSE": up}
        case State.TAKEN:
            mine = grabs and row.holder_id == user.pk
            found = {"SEND": mine, "PASS": mine, "ASSIGN": assigns, "MOVE": mine or assigns, "REFUSE": mine}
        case State.OFFERED:
            asked = may_at(user, ASSIGN, row.offered_to)
            own = row.holder_id == user.pk or assigns
            found = {"GRAB": may_at(user, GRAB, row.offered_to), "ACCEPT": asked, "REFUSE": asked or own}
        case _:
            found = {}
    return [code for code, yes in found.items() if yes]
