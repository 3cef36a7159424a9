"""Bills are asked for every day, per account and kind: after ten, again while they are made, once and for all when
here."""

from __future__ import annotations

import gzip
import hashlib
import logging
import zlib
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import drive_each

from ..bill_files import BadBill, Parsed, parse_flow_bill, parse_sharing_bill, parse_trade_bill
from ..client import Api, api_of, call, fetch
from ..error_codes import WechatPayErrorCode as Code
from ..errors import WechatPayError
from ..events import BillStored
from ..models import PURSES, Bill, BillKind, BillLine, BillState, MerchantAccount
from ..reading import needed

logger = logging.getLogger(__name__)

STORED = audit.action("wechat_pay.bill_stored", _("微信账单入库"))
#: When yesterday's bill is asked for (WeChat: ready from nine, ten is advised), and how far back WeChat keeps them.
READY, KEPT_DAYS = time(10, 0), 90
#: Days that a daily run makes up for, should it not have run.
LOOK_BACK = 7
MOST_TRIES = 30
#: Who reads which bill.
PARSERS = {
    BillKind.TRADE: parse_trade_bill,
    BillKind.SHARING: parse_sharing_bill,
    **dict.fromkeys(PURSES, parse_flow_bill),
}
#: The largest file that is taken in, unpacked.
MOST_BYTES = 64 * 1024 * 1024


def plan_bills(moment: datetime | None = None) -> int:
    """Write the rows of the bills that should exist by now; returns how many are new. Running it twice changes
    nothing."""
    local = timezone.localtime(moment or now())
    last = local.date() - timedelta(days=1 if local.time() >= READY else 2)
    made = 0
    for account in MerchantAccount.objects.order_by("pk"):
        first = max(timezone.localtime(account.created_at).date(), last - timedelta(days=LOOK_BACK - 1))
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        # the other purses are hardly used: their bills are fetched when a person asks
        kinds = [BillKind.TRADE, BillKind.FLOW, *([BillKind.SHARING] if account.shares else [])]
        rows = [
            Bill(account=account, day=day, kind=kind, next_try_at=now()) for day in days for kind in kinds
        ]
        before = Bill.objects.filter(account=account).count()
        Bill.objects.bulk_create(rows, ignore_conflicts=True)
        made += Bill.objects.filter(account=account).count() - before
    return made


def ask_bill(account: MerchantAccount, day: date, kind: str) -> Bill:
    """A person asks for a bill now; a failed one is tried again. Calls the provider.

    Raises WechatPayError BILL_DAY, BILL_FINAL (it is here already and never changes).
    """
    if day >= today() or day < today() - timedelta(days=KEPT_DAYS):
        raise WechatPayError(Code.BILL_DAY, "day")
    bill, _made = Bill.objects.get_or_create(
        account=account, day=day, kind=kind, defaults={"next_try_at": now()}
    )
    with transaction.atomic():
        bill = lock_rows(Bill.objects.filter(pk=bill.pk))[0]
        if bill.state == BillState.STORED:
            raise WechatPayError(Code.BILL_FINAL)
        if bill.state == BillState.FAILED:
            move(bill, "retry")
    if bill.state == BillState.EMPTY:
        return bill
    Bill.objects.filter(pk=bill.pk).update(next_try_at=now())
    return fetch_bill(bill.pk)


def fetch_due(limit: int = 50) -> int:
    """Fetch the bills whose time has come; returns how many were tried."""
    due = Bill.objects.filter(state=BillState.WAITING, next_try_at__lte=now())
    return drive_each(due.order_by("next_try_at").values_list("pk", flat=True)[:limit], fetch_bill)


def fetch_bill(bill_pk: int) -> Bill:
    """Fetch one bill: ask, download, prove the hash on the unpacked bytes and the sums, store. Locks: the bill, at
    the end.

    "No statement" is a fact and ends it; "being made", no answer, a broken file are tried again, at most
    :data:`MOST_TRIES` times.
    """
    bill = Bill.objects.select_related("account").get(pk=bill_pk)
    if bill.state != BillState.WAITING:
        return bill
    wait = timedelta(minutes=min(5 * 2 ** min(bill.tries, 4), 60))
    Bill.objects.filter(pk=bill_pk).update(tries=bill.tries + 1, next_try_at=now() + wait)
    try:
        content, sha1 = _download(api_of(bill.account.code), bill)
        parsed = PARSERS[BillKind(bill.kind)](content)
    except ProviderRefused as refusal:
        if refusal.code == "NO_STATEMENT_EXIST":
            return _empty(bill_pk)
        return _postpone(bill_pk, refusal.code)
    except ProviderUnknown as silence:
        return _postpone(bill_pk, silence.code)
    except CashierError as error:
        return _postpone(bill_pk, str(error.code.value))
    except BadBill as broken:
        return _postpone(bill_pk, broken.code)
    return _store(bill_pk, content, sha1, parsed)


def _download(api: Api, bill: Bill) -> tuple[bytes, str]:
    """The unpacked bytes and their SHA-1, as WeChat stated it. Raises ProviderUnknown HASH_DIFFERS for anything
    else."""
    day = bill.day.isoformat()
    if bill.kind == BillKind.TRADE:
        answer = call(lambda: api.pay.trade_bill(day, bill_type="ALL", tar_type="GZIP"))
    elif bill.kind == BillKind.SHARING:
        answer = call(lambda: api.pay.profitsharing_bill(day, tar_type="GZIP"))
    else:
        purse = PURSES[BillKind(bill.kind)]
        answer = call(lambda: api.pay.fundflow_bill(day, account_type=purse, tar_type="GZIP"))
    address, stated = needed(answer, "download_url"), needed(answer, "hash_value").lower()
    if not address.startswith(f"{api.ring.base_url}/"):
        raise ProviderUnknown("FOREIGN_ADDRESS")  # our signature goes to WeChat only
    status, raw = fetch(lambda: api.pay.download_bill(address))
    if status != 200:
        raise ProviderUnknown(f"FILE_{status}")
    packed = raw.encode() if isinstance(raw, str) else bytes(raw)
    content = _unpacked(packed)
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    if answer.get("hash_type") != "SHA1" or sha1 != stated:
        raise ProviderUnknown("HASH_DIFFERS")
    return content, sha1


def _unpacked(packed: bytes) -> bytes:
    if not packed.startswith(b"\x1f\x8b"):
        return packed
    worker = zlib.decompressobj(wbits=31)
    try:
        content = worker.decompress(packed, MOST_BYTES)
    except zlib.error:
        raise ProviderUnknown("BROKEN_FILE") from None
    if worker.unconsumed_tail or not worker.eof:
        raise ProviderUnknown("BROKEN_FILE")
    return content


@transaction.atomic
def _store(bill_pk: int, content: bytes, sha1: str, parsed: Parsed) -> Bill:
    bill = lock_rows(Bill.objects.select_related("account").filter(pk=bill_pk))[0]
    if bill.state != BillState.WAITING:
        return bill
    BillLine.objects.bulk_create(
        (
            BillLine(
                bill=bill,
                position=position,
                at=line.at,
                kind=line.kind,
                trade_number=line.trade_number,
                provider_ref=line.provider_ref,
                refund_number=line.refund_number,
                refund_ref=line.refund_ref,
                amount=line.amount,
                fee=line.fee,
                payer=line.payer,
                fields=line.fields,
            )
            for position, line in enumerate(parsed.lines, 1)
        ),
        batch_size=1000,
    )
    move(
        bill,
        "store",
        content=gzip.compress(content, mtime=0),
        size=len(content),
        sha1=sha1,
        line_count=len(parsed.lines),
        summary=parsed.summary,
    )
    audit.record(STORED, bill, after={"sha1": sha1, "lines": len(parsed.lines)})
    publish(
        BillStored(bill_id=bill.pk, account=bill.account.code, day=bill.day.isoformat(), kind=bill.kind),
        key=f"bill:{bill.account.code}",
    )
    return bill


@transaction.atomic
def _empty(bill_pk: int) -> Bill:
    bill = lock_rows(Bill.objects.filter(pk=bill_pk))[0]
    if bill.state == BillState.WAITING:
        move(bill, "mark_empty")
    return bill


@transaction.atomic
def _postpone(bill_pk: int, code: str) -> Bill:
    bill = lock_rows(Bill.objects.filter(pk=bill_pk))[0]
    logger.warning("bill %s: %s", bill_pk, code)
    if bill.state != BillState.WAITING:
        return bill
    bill.last_error = code[:64]
    bill.save(update_fields=["last_error"])
    if bill.tries >= MOST_TRIES:
        move(bill, "give_up", reason=code)
    return bill
