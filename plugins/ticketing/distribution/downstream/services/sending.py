"""Sending notices: one request each, without a lock; again later where nobody took it, for a day.

At least once: whoever reads a notice goes by its number. Of one subject the next waits for the one before. Resellers
take turns, and one whose hook cannot be reached is left alone until the next run: nobody waits for it.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
from django.db import transaction
from django.db.models import Exists, OuterRef, Window
from django.db.models.functions import RowNumber

from plugins.ticketing.admission.suppliers import wire
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.sweeping import sum_each

from ..access import SEND
from ..addresses import Target, target_of
from ..choices import NoticeState, ResellerState
from ..errors import ResaleError
from ..models import ResellerNotice
from .keys import current_key

AGAIN = audit.action("resale.notice_again", "补发渠道通知")
#: Nobody took it for so long: people have to look.
PATIENCE = timedelta(days=1)
TIMEOUT = httpx.Timeout(6.0, connect=3.0)
#: Seconds that a request may take with all of its parts: whoever answers byte by byte never runs into the others.
ALTOGETHER = 10.0
#: So much of an answer is read.
_READ = 4096
#: How long the one who sends has a notice for himself.
LEASE = timedelta(seconds=60)
_LONGEST = 3600
W = NoticeState.WAITING


def body_of(notice: ResellerNotice) -> dict[str, Any]:
    """A notice as it is told, by the hook and by the interface."""
    return {
        "noticeNo": notice.number, "kind": notice.kind, "subject": notice.subject,
        "at": notice.made_at.astimezone(SHANGHAI).isoformat(timespec="seconds"), **notice.body,
    }  # fmt: skip


def due(limit: int = 50) -> list[int]:
    """Notices whose time has come and before which nothing of the same subject waits; one of each reseller first."""
    earlier = ResellerNotice.objects.filter(
        reseller=OuterRef("reseller"), subject=OuterRef("subject"), state=W, pk__lt=OuterRef("pk")
    )
    rows = ResellerNotice.objects.filter(state=W, next_at__lte=now()).exclude(Exists(earlier))
    turn = Window(RowNumber(), partition_by="reseller", order_by=("next_at", "pk"))
    return list(
        rows.annotate(turn=turn).order_by("turn", "next_at", "pk").values_list("pk", flat=True)[:limit]
    )


def send_due(limit: int = 50, transport: httpx.AsyncBaseTransport | None = None) -> int:
    """Send what is due; how many were taken. Of a reseller that cannot be reached one is tried, and one that fails for
    a reason of ours does not stop the others. Call outside transactions."""
    away: set[int] = set()
    due_now = due(limit)
    owners = dict(ResellerNotice.objects.filter(pk__in=due_now).values_list("pk", "reseller"))

    def sent(pk: int) -> bool:
        if owners[pk] in away:
            return False
        state, reached = _send(pk, transport)
        if not reached:
            away.add(owners[pk])
        return state == NoticeState.SENT

    return sum_each(due_now, sent, "sending of notice")


def send(pk: int, transport: httpx.AsyncBaseTransport | None = None) -> str:
    """Send one notice that waits; its state afterwards, empty where somebody else has it. Call outside transactions."""
    return _send(pk, transport)[0]


def _send(pk: int, transport: httpx.AsyncBaseTransport | None) -> tuple[str, bool]:
    """As `send`, and whether the reseller could be reached."""
    notice = _claim(pk)
    if notice is None:
        return "", True
    answer, taken = _post(notice, transport)
    moment = now()
    if taken:
        after: dict[str, Any] = {"state": NoticeState.SENT, "done_at": moment, "next_at": None}
    elif moment - notice.made_at >= PATIENCE and notice.tries > 1:
        after = {"state": NoticeState.GIVEN_UP, "next_at": None}
    else:
        after = {"next_at": moment + timedelta(seconds=min(10 * 2 ** min(notice.tries, 10), _LONGEST))}
    ResellerNotice.objects.filter(pk=pk, state=W).update(answer=answer[:80], **after)
    return str(after.get("state", W)), answer.startswith("HTTP ")


@transaction.atomic
def _claim(pk: int) -> ResellerNotice | None:
    """Take it for a minute. Locks: the notice, let go at once."""
    rows = lock_rows(
        ResellerNotice.objects.filter(pk=pk, state=W, next_at__lte=now()).select_related("reseller")
    )
    if not rows:
        return None
    notice = rows[0]
    notice.tries += 1
    notice.next_at = now() + LEASE
    notice.save(update_fields=["tries", "next_at"])
    return notice


def _post(notice: ResellerNotice, transport: httpx.AsyncBaseTransport | None) -> tuple[str, bool]:
    reseller = notice.reseller
    key = current_key(reseller)
    if not reseller.hook or key is None or reseller.state == ResellerState.CLOSED:
        return "没有通知地址或密钥", False
    try:
        target = target_of(reseller.hook)
    except ResaleError as refusal:
        return refusal.message, False
    except (OSError, UnicodeError):
        return "域名解析失败", False
    told = wire.envelope(key.key, key.secret, body_of(notice), method=notice.kind)
    try:
        # only a loop cuts off a request as a whole; time-outs of its parts begin anew with every byte
        status, text = asyncio.run(asyncio.wait_for(_say(target, told, transport), ALTOGETHER))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return type(error).__name__, False
    return f"HTTP {status}", status == 200 and _is_yes(text)


async def _say(
    target: Target, told: dict[str, str], transport: httpx.AsyncBaseTransport | None
) -> tuple[int, bytes]:
    """One request: the status and the beginning of the answer."""
    more = {"sni_hostname": target.host.partition(":")[0]} if target.secure else {}
    async with (
        httpx.AsyncClient(timeout=TIMEOUT, transport=transport, trust_env=False) as client,
        client.stream(
            "POST", target.url, json=told, headers={"Host": target.host}, extensions=more
        ) as response,
    ):
        text = b""
        async for part in response.aiter_bytes():
            text += part
            if len(text) >= _READ:
                break
        return response.status_code, text[:_READ]


def _is_yes(text: bytes) -> bool:
    """Whether an answer is `{"code": "0"}`, whatever else it says."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("code") == "0"


def send_again(by: Any, pk: int) -> ResellerNotice:
    """Let a notice that nobody took, or one that was sent, be sent once more under its number.

    Raises OutOfScope, NotAllowed. Locks: the notice.
    """
    found = get_row(by, ResellerNotice, pk=pk)
    require(by, SEND, found)
    with transaction.atomic():
        [row] = lock_rows(ResellerNotice.objects.filter(pk=pk).select_related("reseller__unit"))
        row.state, row.next_at, row.tries = W, now(), 0
        row.save(update_fields=["state", "next_at", "tries"])
        audit.record(
            AGAIN, row, after={"number": row.number}, actor=actor_label(by), org_path=row.reseller.unit.path
        )
    return row
