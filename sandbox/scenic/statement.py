"""The daily statement: every movement of the deposit account of a business day, as a CSV file with its checksum."""

from __future__ import annotations

import csv
import hashlib
import io
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
    "时间",
    "业务",
    "平台单号",
    "平台订单号",
    "分销订单号",
    "产品代码",
    "数量",
    "金额(分)",
    "手续费(分)",
    "已用数量",
    "已退数量",
)
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
    for row in rows:
        writer.writerow(_line(db, row))
    content = text.getvalue().encode()
    token = secrets.token_urlsafe(24)
    db.execute("DELETE FROM scenic_files WHERE expires < ?", (system.clock.wall(),))
    db.execute(
        "INSERT INTO scenic_files VALUES (?, ?, ?, ?)",
        (token, f"statement-{day.isoformat()}.csv", content, system.clock.wall() + URL_SECONDS),
    )
    return {
        "url": f"{base_url}/scenic/statements/{token}", "sha256": hashlib.sha256(content).hexdigest(),
        "lines": len(rows), "amount": sum(row["amount"] for row in rows), "fee": sum(row["fee"] for row in rows),
    }  # fmt: skip


def _line(db: sqlite3.Connection, row: sqlite3.Row) -> tuple[Any, ...]:
    at = stamp(row["at"], "%Y-%m-%d %H:%M:%S")
    if row["order_id"] is None:
        return (
            at,
            KINDS[row["kind"]],
            row["number"],
            "",
            "",
            "",
            row["quantity"],
            row["amount"],
            row["fee"],
            "",
            "",
        )
    order = orders.by_id(db, row["order_id"])
    used, refunded, _held = orders.counters(db, order)
    return (
        at, KINDS[row["kind"]], row["number"], order.out_number, order.number, order.product.code, row["quantity"],
        row["amount"], row["fee"], used, refunded,
    )  # fmt: skip


def download(system: Scenic, request: Request) -> Response:
    """GET /scenic/statements/{token}."""
    row = system.store.one("SELECT * FROM scenic_files WHERE token = ?", request.path_params["token"])
    if row is None or row["expires"] < system.clock.wall():
        return Response("链接已失效", status_code=404, media_type="text/plain; charset=utf-8")
    return Response(
        row["content"], media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{row["name"]}"'},
    )  # fmt: skip
