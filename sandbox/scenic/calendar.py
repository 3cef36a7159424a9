"""Prices and stock by day and slot: computed from the catalogue, kept once something was sold or set by hand."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.clock import stamp
from sandbox.scenic.catalogue import PRODUCT, SPOT, Product
from sandbox.scenic.memory import Refused, Scenic, after

AHEAD = 92  # days that can be bought: three months
_LOW = (11, 12, 1, 2)


@dataclass(frozen=True, slots=True)
class Place:
    """One day (and slot) of a product, as it stands. Amounts in fen."""

    product: Product
    day: date
    slot: str
    market: int
    retail: int
    settle: int
    total: int
    taken: int

    @property
    def left(self) -> int:
        """Pieces that can still be had."""
        return max(0, self.total - self.taken)


def product_of(db: sqlite3.Connection, code: Any) -> Product:
    """A product that is sold. Raises Refused."""
    product = PRODUCT.get(str(code))
    if product is None:
        raise Refused("NO_PRODUCT", "产品不存在")
    if not _state(db, product.code)[0]:
        raise Refused("OFF_SALE", "产品已下架")
    return product


def _state(db: sqlite3.Connection, code: str) -> tuple[bool, int, float]:
    row = db.execute("SELECT * FROM scenic_products WHERE code = ?", (code,)).fetchone()
    return (bool(row["on_sale"]), int(row["percent"]), float(row["changed_at"])) if row else (True, 100, 0.0)


def place_of(db: sqlite3.Connection, product: Product, day: date, slot: str) -> Place:
    """What a day (and slot) costs and has left."""
    _on_sale, percent, _at = _state(db, product.code)
    market = product.market
    if day.month in _LOW:
        market = market * product.low // 10_000 * 100
    if day.weekday() >= 5:
        market += product.weekend
    retail = market * 95 // 10_000 * 100 if market >= 5000 else market
    settle = retail * product.settle * percent // 10_000
    row = db.execute(
        "SELECT * FROM scenic_stock WHERE product = ? AND day = ? AND slot = ?",
        (product.code, day.isoformat(), slot),
    ).fetchone()
    total, taken = (int(row["total"]), int(row["taken"])) if row else (product.stock, 0)
    if row is not None and row["settle"] is not None:
        settle = int(row["settle"])
    return Place(product, day, slot, market, retail, settle, total, taken)


def sellable(system: Scenic, product: Product, day: date, slot: str) -> None:
    """Whether the day (and slot) can be bought at this moment. Raises Refused."""
    today = system.today()
    if day < today:
        raise Refused("PAST_DATE", "游玩日期已过")
    if day > after(today, AHEAD):
        raise Refused("TOO_FAR", f"最多预订 {AHEAD} 天内")
    if day < after(today, product.ahead):
        raise Refused("CUT_OFF", f"须提前 {product.ahead} 天预订")
    if product.slots and slot not in product.slots:
        raise Refused("BAD_SLOT", "没有这个时段")
    if not product.slots and slot:
        raise Refused("BAD_SLOT", "此产品不分时段")
    now = stamp(system.clock.now(), "%H:%M")
    ends = slot.partition("-")[2]
    if day == today and ((product.cutoff and now >= product.cutoff) or (ends and now >= ends)):
        raise Refused("CUT_OFF", "今天的已停止预订")


def take(db: sqlite3.Connection, place: Place, quantity: int) -> None:
    """Take pieces out of the stock. Raises Refused (SOLD_OUT)."""
    db.execute(
        "INSERT OR IGNORE INTO scenic_stock (product, day, slot, total) VALUES (?, ?, ?, ?)",
        (place.product.code, place.day.isoformat(), place.slot, place.total),
    )
    done = db.execute(
        "UPDATE scenic_stock SET taken = taken + ? WHERE product = ? AND day = ? AND slot = ? AND taken + ? <= total",
        (quantity, place.product.code, place.day.isoformat(), place.slot, quantity),
    ).rowcount
    if not done:
        raise Refused("SOLD_OUT", "库存不足", stock=place.left)


def put_back(db: sqlite3.Connection, product: str, day: str, slot: str, quantity: int) -> None:
    """Give pieces back to the stock."""
    db.execute(
        "UPDATE scenic_stock SET taken = taken - ? WHERE product = ? AND day = ? AND slot = ?",
        (quantity, product, day, slot),
    )


def product_json(db: sqlite3.Connection, product: Product) -> dict[str, Any]:
    """A product with its spot, as `product.list` tells it."""
    spot = SPOT[product.spot]
    on_sale, _percent, changed = _state(db, product.code)
    return {
        "productCode": product.code, "productName": f"{spot.name}{product.name}", "className": product.name,
        "kind": product.kind, "onSale": on_sale, "changedAt": int(changed),
        "spot": {
            "spotCode": spot.code, "spotName": spot.name, "level": spot.level, "district": spot.district,
            "address": spot.address, "openHours": spot.hours, "notice": spot.notice,
        },
        "marketPrice": product.market, "peoplePerPiece": product.people, "realName": product.real_name.upper(),
        "slots": list(product.slots), "validDays": product.days, "cutoffTime": product.cutoff,
        "aheadDays": product.ahead, "minQuantity": product.least, "maxQuantity": product.most,
        "perIdLimit": product.per_id,
        "confirm": "LATE" if product.confirm else "INSTANT", "refundAudit": product.audit.upper(),
        "refundFeePercent": product.fee, "refundNoticeDays": product.notice_days, "amendable": product.amendable,
    }  # fmt: skip


def calendar_json(
    system: Scenic, db: sqlite3.Connection, product: Product, first: date, last: date
) -> list[dict[str, Any]]:
    """The days of a product. Raises Refused for more than three months."""
    if last < first or (last - first).days > AHEAD:
        raise Refused("BAD_PARAM", f"日期范围应在 {AHEAD} 天以内")
    days, day = [], max(first, system.today())
    while day <= min(last, after(system.today(), AHEAD)):
        days.append(_day_json(system, db, product, day))
        day = after(day, 1)
    return days


def _day_json(system: Scenic, db: sqlite3.Connection, product: Product, day: date) -> dict[str, Any]:
    places = [place_of(db, product, day, slot) for slot in product.slots or ("",)]
    told = {
        "date": day.isoformat(), "marketPrice": places[0].market, "retailPrice": places[0].retail,
        "settlePrice": min(place.settle for place in places), "stock": sum(place.left for place in places),
        "onSale": any(_open(system, place) for place in places),
    }  # fmt: skip
    if product.slots:
        told["slots"] = [
            {
                "slot": place.slot,
                "settlePrice": place.settle,
                "stock": place.left,
                "onSale": _open(system, place),
            }
            for place in places
        ]
    return told


def _open(system: Scenic, place: Place) -> bool:
    try:
        sellable(system, place.product, place.day, place.slot)
    except Refused:
        return False
    return place.left > 0
