"""A distributor's products taken over into our catalogue: spots, products, classes, calendars, what is left.

What is theirs is written each time (settlement prices, limits, days, stock); what people here decided stays (names,
whether a product is on sale). A new product is a draft until somebody puts it on sale.
"""

from __future__ import annotations

import logging
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.ticketing.admission.choices import Audience, ProductKind, RealName, ValidMode
from plugins.ticketing.admission.models import (
    AdmissionProduct,
    PriceDay,
    Quota,
    ScenicSpot,
    Slot,
    TicketClass,
)
from plugins.ticketing.admission.services.catalogue import add_class, change_class, make_product
from plugins.ticketing.admission.suppliers import distributor
from plugins.ticketing.admission.suppliers.trips import slot_code
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import SupplierSilent
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import AdvisoryKey, advisory_lock
from saleor_o2o.kernel.money import to_yuan

logger = logging.getLogger(__name__)
#: Days that are taken over: three months.
AHEAD = 91
_AUDIENCES = {
    "adult": Audience.ADULT, "child": Audience.CHILD, "student": Audience.STUDENT, "family": Audience.FAMILY,
    "vip": Audience.VIP, "senior": Audience.SENIOR,
}  # fmt: skip
_REAL = {"NONE": RealName.NONE, "ONE": RealName.ONE, "EACH": RealName.EACH}
STOCK = "上游库存"


class CatalogueLock(AdvisoryKey):
    """SUPPLIER: whoever takes over a supplier's catalogue."""

    SUPPLIER = "ticketing.supplier_catalogue"


@dataclass(frozen=True, slots=True)
class Taken:
    """How much was taken over; of how many spots nothing was, because what was told could not be read."""

    products: int
    classes: int
    days: int
    failed: int = 0


def take_over(account: SupplierAccount, *, spot: str = "") -> Taken:
    """Take over all of a distributor's products, or those of one spot. Asks it, so call it outside transactions.

    Each spot is one transaction; of all of them one that fails is told of and does not stop the others. Raises
    SupplierRefused, SupplierSilent, and for one spot whatever is wrong with it.
    """
    by_spot: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for product in distributor.all_products():
        if not spot or product["spot"]["spotCode"] == spot:
            by_spot[product["spot"]["spotCode"]].append(product)
    classes = days = failed = 0
    for code, told in by_spot.items():
        try:
            days += _take_spot(account, told)
        except SupplierSilent:
            raise
        except Exception:
            if spot:
                raise
            logger.exception("taking over spot %s of %s", code, account.code)
            failed += 1
        else:
            classes += len(told)
    return Taken(len(by_spot) - failed, classes, days, failed)


def _take_spot(account: SupplierAccount, told: Sequence[dict[str, Any]]) -> int:
    """Ask for the calendars of a spot's products, and write all of it down; returns how many days."""
    calendars = {
        one["productCode"]: distributor.calendar(one["productCode"], today(), today() + timedelta(days=AHEAD))
        for one in told
        if one["onSale"]
    }
    return _write(account, told, calendars)


@transaction.atomic
def _write(account: SupplierAccount, told: Sequence[dict[str, Any]], calendars: dict[str, Any]) -> int:
    """One spot. Locks: the account's takeover (advisory), its product, its classes."""
    advisory_lock(CatalogueLock.SUPPLIER, account.pk)
    product = _product(account, told[0]["spot"])
    known = {one.supplier_code: one for one in product.classes.all()}
    days = 0
    for one in told:
        row = _class(product, known.get(one["productCode"]), one, calendars.get(one["productCode"], []))
        days += _days(row, calendars.get(one["productCode"], []))
    _stock(product, calendars)
    return days


def _product(account: SupplierAccount, told: dict[str, Any]) -> AdmissionProduct:
    found = AdmissionProduct.objects.filter(supplier=account, supplier_code=told["spotCode"]).first()
    if found is not None:
        return found
    city = OrgUnit.objects.get(parent__isnull=True)
    code = f"{account.code}-{told['spotCode']}".lower()[:40]
    spot = _ours(told["spotName"]) or ScenicSpot.objects.create(
        unit=city, code=code, name=told["spotName"][:60], city=told["district"][:40], address=told["address"][:200],
        level=int(told["level"][0]) if told["level"][:1] in set("12345") else 0, opening_hours=told["openHours"][:200],
        notices=told["notice"][:2000],
    )  # fmt: skip
    return make_product(
        None, city, code=code, kind=ProductKind.SCENIC, name=told["spotName"][:80], spot=spot, supplier=account,
        supplier_code=told["spotCode"], notices=told["notice"][:2000],
    )  # fmt: skip


def _ours(name: str) -> ScenicSpot | None:
    """The spot that we have by that name, however it is spelt: 大足石刻·北山 is 大足石刻北山, 武隆天生三桥景区 is
    武隆天生三桥."""
    return min(
        (one for one in ScenicSpot.objects.order_by("pk") if _core(one.name) == _core(name)),
        key=lambda one: one.name != name,
        default=None,
    )


def _core(name: str) -> str:
    """What is left of a spot's name without signs and the word for its kind."""
    letters = "".join(one for one in unicodedata.normalize("NFKC", name) if one.isalnum())
    for kind in ("风景名胜区", "旅游景区", "旅游区", "风景区", "景区"):
        letters = letters.removesuffix(kind) or letters
    return letters


def _class(
    product: AdmissionProduct, row: TicketClass | None, told: dict[str, Any], days: Sequence[dict[str, Any]]
) -> TicketClass:
    settle = to_yuan(min((day["settlePrice"] for day in days), default=told["marketPrice"]))
    theirs: dict[str, Any] = {
        "market_price": to_yuan(told["marketPrice"]), "cost": settle, "settlement_price": settle,
        "people": told["peoplePerPiece"], "min_per_order": told["minQuantity"], "max_per_order": told["maxQuantity"],
        "max_per_person": told["perIdLimit"], "advance_days": told["aheadDays"],
        "cut_off": time.fromisoformat(told["cutoffTime"]) if told["cutoffTime"] else None,
        "valid_mode": ValidMode.SLOT if told["slots"] else ValidMode.DAY, "valid_days": told["validDays"],
        "real_name": _REAL[told["realName"]], "active": told["onSale"],
    }  # fmt: skip
    if row is not None:
        changed = {name: value for name, value in theirs.items() if getattr(row, name) != value}
        return change_class(None, row, **changed) if changed else row
    price = to_yuan(min((day["retailPrice"] for day in days), default=told["marketPrice"]))
    return add_class(
        None, product, code=told["productCode"].lower()[:40], name=told["className"][:60], price=price,
        audience=_AUDIENCES.get(told["kind"], Audience.ANY), supplier_code=told["productCode"], **theirs,
    )  # fmt: skip


def _days(row: TicketClass, days: Iterable[dict[str, Any]]) -> int:
    """The calendar of a class: their proposed price, never below what it costs us; closed where it is not sold."""
    rows = [
        PriceDay(
            ticket_class=row, day=date.fromisoformat(day["date"]),
            price=max(to_yuan(day["retailPrice"]), to_yuan(day["settlePrice"])),
            settlement_price=to_yuan(day["settlePrice"]), closed=not day["onSale"],
        )
        for day in days
    ]  # fmt: skip
    PriceDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["ticket_class", "day"],
        update_fields=["price", "settlement_price", "closed"],
    )  # fmt: skip
    return len(rows)


def _stock(product: AdmissionProduct, calendars: dict[str, Any]) -> None:
    """Slots, and what is left there as quotas: for showing only, the distributor decides when it is bought."""
    classes = {one.supplier_code: one for one in product.classes.all()}
    wanted: dict[tuple[str, date, str], int] = {}
    for code, days in calendars.items():
        for day in days:
            for part in day.get("slots") or ({"slot": "", "stock": day["stock"]},):
                wanted[code, date.fromisoformat(day["date"]), part["slot"]] = int(part["stock"])
    slots = _slots(product, {(day, slot) for _code, day, slot in wanted if slot})
    # by their code: a class may be renamed here
    names = {code: f"{STOCK} {code}"[:60] for code in classes}
    there = {
        (quota.name, quota.day, quota.slot_id): quota
        for quota in Quota.objects.filter(product=product, day__gte=today(), name__startswith=STOCK)
    }
    fresh, changed, owners = [], [], []
    for (code, day, slot), left in wanted.items():
        key = slots[day, slot].pk if slot else None
        quota = there.get((names[code], day, key))
        if quota is None:
            fresh.append(
                Quota(product=product, name=names[code], day=day, slot_id=key, for_all=False, capacity=left)
            )
            owners.append(classes[code].pk)
        elif quota.capacity - quota.taken != left:
            quota.capacity = quota.taken + left
            changed.append(quota)
    made = Quota.objects.bulk_create(fresh)
    through = Quota.classes.through
    through.objects.bulk_create(
        through(quota_id=quota.pk, ticketclass_id=owner) for quota, owner in zip(made, owners, strict=True)
    )
    Quota.objects.bulk_update(changed, ["capacity"])


def _slots(product: AdmissionProduct, wanted: set[tuple[date, str]]) -> dict[tuple[date, str], Slot]:
    if not wanted:
        return {}
    rows = []
    for day, text in sorted(wanted):
        starts, _dash, ends = text.partition("-")
        rows.append(
            Slot(product=product, day=day, starts=time.fromisoformat(starts), ends=time.fromisoformat(ends))
        )
    Slot.objects.bulk_create(rows, ignore_conflicts=True)
    found = Slot.objects.filter(product=product, day__in={day for day, _text in wanted})
    return {(one.day, slot_code(one.starts, one.ends)): one for one in found}


def said(taken: Taken) -> str:
    """What was done, for people."""
    done = _("已同步 %(products)d 个景区、%(classes)d 种票、%(days)d 天价格") % {
        "products": taken.products, "classes": taken.classes, "days": taken.days,
    }  # fmt: skip
    if not taken.failed:
        return done
    return _("%(done)s；%(count)d 个景区的资料读不出，保持原样，请联系平台方核对") % {
        "done": done, "count": taken.failed,
    }  # fmt: skip
