"""The daily statement: every movement of the deposit account of a business day, as a CSV file with its checksum."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import secrets
import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import stamp
from sandbox.scenic import orders
from sandbox.scenic.memory import Refused, Scenic, after, day_of, midnight

READY_HOUR, URL_SECONDS, KEPT_DAYS = 6, 300, 92
COLUMNS = (
    "时间", "业务", "平台单号", "平台订单号", "分销订单号", "票码", "产品代码", "数量", "金额(分)", "手续费(分)",
)  # fmt: skip
KINDS = {"pay": "付款", "refund": "退票", "back": "出票失败退款", "deposit": "充值"}


def get(system: Scenic, db: sqlite3.Connection, data: dict[str, Any], base_url: str) -> dict[str, Any]:
    """statement.get {date}: where the file of a finished day is, for five minutes. Raises Refused."""
    day = day_of(data.get("date"))
    if system.clock.now() < midnight(after(day, 1)) + READY_HOUR * 3600:
        raise Refused("NOT_READY", f"次日 {READY_HOUR} 点后提供")
    if day < after(system.today(), -KEPT_DAYS):
        raise Refused("TOO_OLD", f"只提供 {KEPT_DAYS} 天内的账单")
    rows = db.execute(
        "SELECT * FROM scenic_flows WHERE at >= ? AND at < ? ORDER BY id",
        (midnight(day), midnight(after(day, 1))),
    ).fetchall()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    lines = [line for row in rows for line in _lines(db, row)]
    writer.writerows(lines)
    content = text.getvalue().encode()
    token = secrets.token_urlsafe(24)
    db.execute("DELETE FROM scenic_files WHERE expires < ?", (system.clock.wall(),))
    db.execute(
        "INSERT INTO scenic_files VALUES (?, ?, ?, ?)",
        (token, f"statement-{day.isoformat()}.csv", content, system.clock.wall() + URL_SECONDS),
    )
    return {
        "url": f"{base_url}/scenic/statements/{token}", "sha256": hashlib.sha256(content).hexdigest(),
        "lines": len(lines), "amount": sum(row["amount"] for row in rows), "fee": sum(row["fee"] for row in rows),
    }  # fmt: skip


def _lines(db: sqlite3.Connection, row: sqlite3.Row) -> list[tuple[Any, ...]]:
    """A movement, voucher by voucher; amounts are above zero, 业务 says which way."""
    at, kind = stamp(row["at"], "%Y-%m-%d %H:%M:%S"), KINDS[row["kind"]]
    if row["order_id"] is None:
        return [(at, kind, row["number"], "", "", "", "", row["quantity"], abs(row["amount"]), row["fee"])]
    order = orders.by_id(db, row["order_id"])
    start = (at, kind, row["number"], order.out_number, order.number)
    vouchers = {voucher["code"]: voucher for voucher in orders.vouchers(db, order)}
    if row["kind"] == "refund":
        told = db.execute(
            "SELECT given FROM scenic_refunds WHERE out_number = ?", (row["number"],)
        ).fetchone()
        given = json.loads(told["given"])
        return [
            (
                *start, code, order.lines[vouchers[code]["line"]].product.code, one["quantity"], one["amount"],
                order.lines[vouchers[code]["line"]].settle * one["quantity"] - one["amount"],
            )
            for code, one in given.items()
        ]  # fmt: skip
    if not vouchers:  # paid, and not confirmed yet or never
        return [
            (
                *start,
                "",
                "+".join(line.product.code for line in order.lines),
                row["quantity"],
                abs(row["amount"]),
                0,
            )
        ]
    return [
        (
            *start, code, order.lines[one["line"]].product.code, one["quantity"],
            order.lines[one["line"]].settle * one["quantity"], 0,
        )
        for code, one in vouchers.items()
    ]  # fmt: skip


def download(system: Scenic, request: Request) -> Response:
    """GET /scenic/statements/{token}."""
    row = system.store.one("SELECT * FROM scenic_files WHERE token = ?", request.path_params["token"])
    if row is None or row["expires"] < system.clock.wall():
        return Response("链接已失效", status_code=404, media_type="text/plain; charset=utf-8")
    return Response(
        row["content"], media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{row["name"]}"'},
    )  # fmt: skip
