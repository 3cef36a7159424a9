"""Pre-order check, lock, payment from the deposit, issue, cancel, amend, resend."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from datetime import date
from typing import Any

from sandbox.clock import Clock
from sandbox.messages import post
from sandbox.people import PEOPLE
from sandbox.scenic import calendar, notices, orders
from sandbox.scenic.calendar import Place
from sandbox.scenic.memory import Refused, Scenic, balance, day_of, flow
from sandbox.scenic.orders import CANCELLED, FAILED, ISSUED, ISSUING, LOCKED, Line, Order

_MOBILE = re.compile(r"1[3-9]\d{9}")
_NUMBER = re.compile(r"[A-Za-z0-9_-]{6,40}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESENDS, RESEND_EVERY = 5, 60


def whole(data: dict[str, Any], name: str, least: int, most: int) -> int:
    """A whole number. Raises Refused."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused("BAD_PARAM", f"{name} 应为 {least} 到 {most} 的整数")
    return value


def number_of(data: dict[str, Any], name: str) -> str:
    """A number of the platform's own. Raises Refused."""
    value = data.get(name)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise Refused("BAD_PARAM", f"{name} 应为 6 到 40 位字母、数字、下划线或短横")
    return value


def digest(data: Any) -> str:
    """What a question was, so that the same number with another question is seen."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def check(system: Scenic, db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    """order.check (预判下单): whether such an order would be taken now; nothing is held. Raises Refused."""
    expire(system, db)
    stock = []
    for line, place in _judged(system, db, data):
        if place.left < line.quantity:
            raise Refused("SOLD_OUT", "库存不足", productCode=line.product.code, stock=place.left)
        stock.append({"productCode": line.product.code, "stock": place.left, "settlePrice": place.settle})
    return {"ok": True, "lines": stock, "balance": balance(db)}


def create(system: Scenic, db: sqlite3.Connection, data: dict[str, Any], spoil: str = "") -> dict[str, Any]:
    """order.create {outOrderNo, date, slot?, contact, lines: [{productCode, quantity, settlePrice, travellers, refs}]}.

    Holds the pieces for a quarter of an hour. The same number and question: the same order. Raises Refused; CONFLICT
    for the number of another question.
    """
    expire(system, db)
    out_number, asked = number_of(data, "outOrderNo"), digest(data)
    known = orders.find(db, "out_number", out_number)
    if known is not None:
        if known.digest != asked:
            raise Refused("CONFLICT", "此订单号已用于另一个订单")
        db.execute("UPDATE scenic_orders SET copies = copies + 1 WHERE id = ?", (known.id,))
        return orders.order_json(system, db, known)
    if spoil == "sold_out":
        raise Refused("SOLD_OUT", "库存不足", stock=0)
    judged = _judged(system, db, data, spoil)
    for line, place in judged:
        calendar.take(db, place, line.quantity)
    contact, place = data["contact"], judged[0][1]
    now = system.clock.now()
    lines = json.dumps([line.as_dict() for line, _place in judged], ensure_ascii=False)
    db.execute(
        "INSERT INTO scenic_orders (number, out_number, digest, state, day, slot, lines, contact, mobile, created_at,"
        " locked_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            system.new_number("SC"), out_number, asked, LOCKED, place.day.isoformat(), place.slot, lines,
            str(contact["name"])[:40], contact["mobile"], now, now + float(system.option("lock_seconds")),
        ),
    )  # fmt: skip
    return orders.order_json(system, db, orders.get(db, data))


def _judged(
    system: Scenic, db: sqlite3.Connection, data: dict[str, Any], spoil: str = ""
) -> list[tuple[Line, Place]]:
    day, slot = day_of(data.get("date")), str(data.get("slot") or "")
    contact = data.get("contact")
    if not isinstance(contact, dict) or not str(contact.get("name") or "").strip():
        raise Refused("BAD_CONTACT", "缺少取票人姓名")
    if not isinstance(contact.get("mobile"), str) or not _MOBILE.fullmatch(contact["mobile"]):
        raise Refused("BAD_CONTACT", "取票人手机号不正确")
    told = data.get("lines")
    if (
        not isinstance(told, list)
        or not 1 <= len(told) <= 10
        or not all(isinstance(one, dict) for one in told)
    ):
        raise Refused("BAD_PARAM", "lines 应为 1 到 10 个产品的数组")
    found = []
    for one in told:
        product = calendar.product_of(db, one.get("productCode"))
        quantity = whole(one, "quantity", product.least, product.most)
        calendar.sellable(system, product, day, slot)
        place = calendar.place_of(db, product, day, slot)
        settle = place.settle + 500 if spoil == "price_changed" else place.settle
        if whole(one, "settlePrice", 0, 10**9) != settle:
            raise Refused("PRICE_CHANGED", "结算价已变动", productCode=product.code, settlePrice=settle)
        travellers = _travellers(db, place, quantity, one.get("travellers"))
        found.append((Line(product, quantity, settle, travellers, _refs(one.get("refs"), quantity)), place))
    codes = [line.product.code for line, _place in found]
    if len({line.product.spot for line, _place in found}) > 1 or len(set(codes)) < len(codes):
        raise Refused("BAD_PARAM", "一个订单只能有同一景区的不同产品")
    return found


def _refs(told: Any, quantity: int) -> list[str]:
    if told is None:
        return []
    if not isinstance(told, list) or len(told) != quantity or not all(isinstance(one, str) for one in told):
        raise Refused("BAD_PARAM", "refs 应为与数量相同个数的字符串")
    return [one[:40] for one in told]


def _travellers(db: sqlite3.Connection, place: Place, quantity: int, told: Any) -> list[dict[str, str]]:
    product = place.product
    wanted = {"none": 0, "one": 1, "each": quantity}[product.real_name]
    told = told if isinstance(told, list) else []
    if len(told) < wanted:
        raise Refused("NEED_TRAVELLERS", f"须提供 {wanted} 位游客的姓名和证件")
    found = []
    for one in told[:wanted]:
        if not isinstance(one, dict) or not all(isinstance(value, str) for value in one.values()):
            raise Refused("BAD_PARAM", "travellers 应为对象数组，值为字符串")
        name, kind, number = (one.get(key, "").strip() for key in ("name", "idType", "idNumber"))
        if not name or not number or (kind == "ID" and not resident(number)):
            raise Refused("BAD_TRAVELLER", f"游客 {name or '（未填姓名）'} 的证件不正确")
        found.append({"name": name[:40], "idType": kind[:20], "idNumber": number[:40].upper()})
    numbers = [one["idNumber"] for one in found]
    if len(set(numbers)) < len(numbers):
        raise Refused("SAME_TRAVELLER", "同一证件重复")
    for number in numbers:
        taken = db.execute(
            "SELECT count(*) FROM scenic_orders o, json_each(o.lines) l, json_each(l.value, '$.travellers') t"
            " WHERE json_extract(l.value, '$.product') = ? AND o.day = ?"
            " AND o.state IN ('LOCKED', 'ISSUING', 'ISSUED') AND json_extract(t.value, '$.idNumber') = ?"
            " AND NOT EXISTS (SELECT 1 FROM scenic_vouchers v WHERE v.order_id = o.id AND v.id_number = ?"
            " AND v.refunded = v.quantity)",
            (product.code, place.day.isoformat(), number, number),
        ).fetchone()[0]
        if taken >= product.per_id:
            raise Refused("ID_LIMIT", f"每个证件当天限购 {product.per_id} 份")
    return found


def resident(number: str) -> bool:
    """Whether a citizen's number has the right check character (GB 11643)."""
    text = number.upper()
    if not re.fullmatch(r"\d{17}[\dX]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[-1]


def pay(
    system: Scenic, db: sqlite3.Connection, data: dict[str, Any], spoil: str = "", delay: float = 0
) -> dict[str, Any]:
    """order.pay {orderNo or outOrderNo, outPayNo}: takes the money from the deposit and issues, at once or later.

    Paying twice is paying once, under whatever number.

    spoil: late_confirm (issued after `delay` sandbox seconds), confirm_failed (fails then, the money is put back).
    Raises Refused.
    """
    expire(system, db)
    order, number = orders.get(db, data), number_of(data, "outPayNo")
    if order.state == CANCELLED:
        raise Refused("LOCK_EXPIRED", "订单已取消或超过付款时间")
    if order.state != LOCKED:
        return orders.order_json(system, db, order)
    amount = order.amount
    if orders.find(db, "pay_number", number) is not None:
        raise Refused("CONFLICT", "此付款号已用于另一个订单")
    if balance(db) < amount:
        raise Refused("NO_BALANCE", "预存款余额不足", balance=balance(db))
    flow(system, db, "pay", number, order_id=order.id, quantity=order.quantity, amount=-amount)
    wait = (
        delay
        if spoil in ("late_confirm", "confirm_failed")
        else max(one.product.confirm for one in order.lines)
    )
    at = system.clock.wall() + system.clock.real(wait) if wait or spoil else None
    db.execute(
        "UPDATE scenic_orders SET state = ?, pay_number = ?, paid_at = ?, confirm_at = ?, fails = ? WHERE id = ?",
        (ISSUING, number, system.clock.now(), at, spoil == "confirm_failed", order.id),
    )
    if at is None:
        issue(system, db, order)
    system.wake()
    return orders.order_json(system, db, orders.by_id(db, order.id))


def issue(system: Scenic, db: sqlite3.Connection, order: Order) -> None:
    """Make the vouchers: one for each traveller, or one for all."""
    for index, line in enumerate(order.lines):
        each = line.product.real_name == "each"
        holders: list[dict[str, str]] = line.travellers if each else (line.travellers or [{}])[:1]
        for holder in holders:
            code = f"{secrets.randbelow(9 * 10**11) + 10**11}"
            db.execute(
                "INSERT INTO scenic_vouchers (code, order_id, line, traveller, id_number, quantity)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    code, order.id, index, holder.get("name", ""), holder.get("idNumber", ""),
                    1 if each else line.quantity,
                ),
            )  # fmt: skip
    db.execute(
        "UPDATE scenic_orders SET state = ?, issued_at = ?, confirm_at = NULL WHERE id = ?",
        (ISSUED, system.clock.now(), order.id),
    )
    _text(db, system.clock, orders.by_id(db, order.id), order.mobile)


def confirm_due(system: Scenic, db: sqlite3.Connection) -> None:
    """Orders whose late confirmation is due: issued or failed, and told."""
    rows = db.execute(
        "SELECT * FROM scenic_orders WHERE state = ? AND confirm_at IS NOT NULL AND confirm_at <= ?"
        " ORDER BY id LIMIT 50",
        (ISSUING, system.clock.wall() + 0.001),
    ).fetchall()
    for row in rows:
        order = orders.order_of(row)
        if row["fails"]:
            _fail(system, db, order)
            notices.add(system, db, "order.failed", order, {"reason": "景区未确认"})
        else:
            issue(system, db, order)
            notices.add(system, db, "order.issued", order, {})


def _fail(system: Scenic, db: sqlite3.Connection, order: Order) -> None:
    db.execute("UPDATE scenic_orders SET state = ?, confirm_at = NULL WHERE id = ?", (FAILED, order.id))
    _put_back(db, order)
    flow(
        system, db, "back", order.pay_number, order_id=order.id, quantity=order.quantity, amount=order.amount
    )


def _put_back(db: sqlite3.Connection, order: Order) -> None:
    for line in order.lines:
        calendar.put_back(db, line.product.code, order.day.isoformat(), order.slot, line.quantity)


def cancel(system: Scenic, db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    """order.cancel: frees what is locked and not paid. Cancelling twice is cancelling once. Raises Refused."""
    expire(system, db)
    order = orders.get(db, data)
    if order.state in (ISSUING, ISSUED):
        raise Refused("ALREADY_PAID", "订单已付款，请走退票")
    if order.state == LOCKED:
        _free(db, order)
    return orders.order_json(system, db, orders.by_id(db, order.id))


def expire(system: Scenic, db: sqlite3.Connection) -> None:
    """Free the locks whose time is over."""
    rows = db.execute(
        "SELECT * FROM scenic_orders WHERE state = ? AND locked_until <= ?", (LOCKED, system.clock.now())
    ).fetchall()
    for row in rows:
        _free(db, orders.order_of(row))


def _free(db: sqlite3.Connection, order: Order) -> None:
    db.execute("UPDATE scenic_orders SET state = ? WHERE id = ?", (CANCELLED, order.id))
    _put_back(db, order)


def amend(system: Scenic, db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    """order.amend {orderNo or outOrderNo, outAmendNo, date, slot?, heldOrderNo?}: another day or slot, same prices.

    Once, the whole order, before anything is used. heldOrderNo: a locked order of the same lines on that day, whose
    places are taken over and which is cancelled by it. Raises Refused.
    """
    expire(system, db)
    order, number = orders.get(db, data), number_of(data, "outAmendNo")
    day, slot = day_of(data.get("date")), str(data.get("slot") or "")
    wanted = f"{number} {day.isoformat()} {slot}"
    if order.amended == wanted:
        return orders.order_json(system, db, order)
    if order.state != ISSUED or not all(line.product.amendable for line in order.lines):
        raise Refused("NOT_AMENDABLE", "此订单不能改期")
    if order.amended:
        raise Refused("AMENDED", "只能改期一次")
    if any(orders.counters(db, order)) or orders.expired(system, order):
        raise Refused("NOT_AMENDABLE", "已使用、已退或已过期的不能改期")
    held = _held(db, order, str(data.get("heldOrderNo") or ""), day, slot)
    for line in order.lines:
        calendar.sellable(system, line.product, day, slot)
        place = calendar.place_of(db, line.product, day, slot)
        if place.settle != line.settle:
            raise Refused("PRICE_CHANGED", "新日期价格不同，请退票后重买", settlePrice=place.settle)
        if held is None:
            calendar.take(db, place, line.quantity)
    _put_back(db, order)
    if held is not None:
        db.execute("UPDATE scenic_orders SET state = ? WHERE id = ?", (CANCELLED, held.id))
    db.execute(
        "UPDATE scenic_orders SET day = ?, slot = ?, amended = ?, amend_number = ? WHERE id = ?",
        (day.isoformat(), slot, wanted, number, order.id),
    )
    return orders.order_json(system, db, orders.by_id(db, order.id))


def _held(db: sqlite3.Connection, order: Order, number: str, day: date, slot: str) -> Order | None:
    if not number:
        return None
    held = orders.find(db, "number", number)
    if held is None or held.state != LOCKED:
        raise Refused("LOCK_EXPIRED", "新日期的占位已失效")
    lines = {(line.product.code, line.quantity) for line in order.lines}
    if (held.day, held.slot) != (day, slot) or {
        (line.product.code, line.quantity) for line in held.lines
    } != lines:
        raise Refused("BAD_PARAM", "新日期的占位与原订单不一致，只能整单改期")
    return held


def resend(system: Scenic, db: sqlite3.Connection, data: dict[str, Any]) -> dict[str, Any]:
    """order.resend: the text with the codes once more; five a day, a minute between them. Raises Refused."""
    order = orders.get(db, data)
    mobile = data.get("mobile") or order.mobile
    if not isinstance(mobile, str) or not _MOBILE.fullmatch(mobile):
        raise Refused("BAD_CONTACT", "手机号不正确")
    if order.state != ISSUED:
        raise Refused("NOT_ISSUED", "尚未出票")
    now = system.clock.now()
    recent = [at for at in order.sent if at > now - 86400]
    if len(recent) >= RESENDS or (recent and recent[-1] > now - RESEND_EVERY):
        raise Refused("TOO_OFTEN", "发送过于频繁，请稍后再试")
    db.execute("UPDATE scenic_orders SET sent = ? WHERE id = ?", (json.dumps([*recent, now]), order.id))
    _text(db, system.clock, order, mobile)
    return {"sent": True, "leftToday": RESENDS - len(recent) - 1}


def _text(db: sqlite3.Connection, clock: Clock, order: Order, mobile: str) -> None:
    """The text message, on the phones of the sandbox's people."""
    codes = [row["code"] for row in orders.vouchers(db, order)]
    for person in PEOPLE:
        if person.mobile == mobile:
            lines = [
                ("门票", order.title),
                ("日期", f"{order.day.isoformat()} {order.slot}".strip()),
            ]
            post(
                db, system="scenic", receiver=person.openid, title="短信 · 景区电子票", headline="、".join(codes),
                lines=lines, now=clock.now(),
            )  # fmt: skip
