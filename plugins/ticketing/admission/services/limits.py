"""So many for one document, mobile, account or device: counted by a guarded upsert, given back with the hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import IdentityKind, member_by, same_mobile
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.locks import bounded_wait, lock_rows, require_transaction

from ..access import EDIT
from ..candidates import Visit
from ..choices import LimitBy, LimitPer
from ..errors import AdmissionError
from ..errors import AdmissionErrorCode as Code
from ..models import AdmissionProduct, LimitEntry, LimitRule, LimitUse
from .common import actor, allow, invalid

SET = audit.action("admission.limit_set", _("设置限购"))

#: Nothing is written where somebody would have too many; then no row comes back.
_COUNT = """
INSERT INTO o2o_admission_limituse AS mine (key, rule_id, taken) VALUES (%(key)s, %(rule)s, %(units)s)
ON CONFLICT (key) DO UPDATE SET taken = mine.taken + excluded.taken WHERE mine.taken + excluded.taken <= %(most)s
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as limits see it: indices of documents (one per ticket with one), mobile, account, device, reseller.

    `assisted`: a clerk or a reseller buys for him (0126): an account he has is his mobile's, and where he has neither
    account nor device the mobile is counted instead.
    """

    documents: Sequence[str] = ()
    mobile: str = ""
    account: int | None = None
    device: str = ""
    tickets: int = 0
    assisted: bool = False
    reseller: int | None = None

    def subjects(self, by: str) -> Counter[str]:
        """Whose tickets are counted, and how many; empty where it is not known."""
        if by == LimitBy.DOCUMENT:
            return Counter(self.documents)
        told = {
            LimitBy.MOBILE.value: self.mobile, LimitBy.ACCOUNT.value: str(self.account or ""),
            LimitBy.DEVICE.value: self.device, LimitBy.RESELLER.value: str(self.reseller or ""),
        }[by]  # fmt: skip
        if not told and self.assisted and self.mobile and by != LimitBy.RESELLER:
            told = f"mobile:{self.mobile}"
        return Counter({told: self.tickets}) if told else Counter()


def buyer_of(
    *, documents: Sequence[str], mobile: str, account: int | None, device: str, tickets: int, assisted: bool,
    rules: Sequence[LimitRule], reseller: int | None = None,
) -> Buyer:  # fmt: skip
    """The buyer of a hold; however he writes his number, it is the same mobile. A statement where a clerk or a reseller
    buys for him and accounts are limited."""
    mobile = same_mobile(mobile)
    if assisted and account is None and any(one.by == LimitBy.ACCOUNT for one in rules):
        member = member_by(IdentityKind.MOBILE, mobile)
        account = member.user_id if member is not None else None
    return Buyer(documents, mobile, account, "" if assisted else device, tickets, assisted, reseller)


_NEEDED = {
    LimitBy.DOCUMENT.value: (_("这个产品按证件限购，请填写证件"), "passengers"),
    LimitBy.MOBILE.value: (_("这个产品按手机号限购，请填写手机号"), "mobile"),
    LimitBy.ACCOUNT.value: (_("这个产品按账号限购，请先登录"), None),
    LimitBy.DEVICE.value: (_("这个产品按设备限购，请在手机页面购买"), None),
}
_ASSISTED = {
    **_NEEDED,
    LimitBy.ACCOUNT.value: (_("这个产品按账号限购，请填写购票人的手机号"), "mobile"),
    LimitBy.DEVICE.value: (_("这个产品按设备限购，请填写购票人的手机号"), "mobile"),
}


@transaction.atomic
def set_limit(
    by: Any, product: AdmissionProduct, kind: str, per: str, most: int, *, active: bool = True
) -> LimitRule:
    """A limit of a product, or another number for it. What people have already counts. Raises NotAllowed, INVALID."""
    allow(by, EDIT, product)
    if kind not in LimitBy.values or per not in LimitPer.values or not 1 <= most <= 10_000:
        raise invalid(_("请选择按什么限购，数量至少 1 张"), "most")
    row, _new = LimitRule.objects.update_or_create(
        product=product, by=kind, per=per, defaults={"most": most, "active": active}
    )
    audit.record(SET, row, after=audit.snapshot(row), actor=actor(by), org_path=product.unit.path)
    return row


def count(hold: str, visit: Visit, buyer: Buyer, rules: Sequence[LimitRule], *, instead_of: str = "") -> None:
    """Count a hold for its buyer by every rule; in the transaction of the hold, which rolls back if this raises.

    `instead_of`: the hold whose tickets this one is to replace; what counts of those does not stand in its way. One
    statement per rule and person. Locks: the counters, in the order of their keys. Raises LIMIT_REACHED, and
    LIMIT_FACT_MISSING where a rule asks for something that the buyer has not told.
    """
    require_transaction()
    wanted: list[tuple[str, LimitRule, int]] = []
    for rule in rules:
        if rule.by == LimitBy.RESELLER and buyer.reseller is None:
            continue
        subjects = buyer.subjects(rule.by)
        if not subjects or (rule.by == LimitBy.DOCUMENT and sum(subjects.values()) < buyer.tickets):
            message, field = (_ASSISTED if buyer.assisted else _NEEDED)[rule.by]
            raise AdmissionError(Code.LIMIT_FACT_MISSING, message, field)
        session = visit.session.pk if visit.session is not None else None
        wanted += [(_key(rule, session, visit.day, one), rule, units) for one, units in subjects.items()]
    entries, there = [], _counted(instead_of) if instead_of and wanted else {}
    with connection.cursor() as cursor:
        for key, rule, units in sorted(wanted, key=lambda one: one[0]):
            found = None
            if units <= rule.most:
                most = rule.most + min(units, there.get(key, 0))
                told: dict[str, str | int] = {"key": key, "rule": rule.pk, "units": units, "most": most}
                cursor.execute(_COUNT, told)
                found = cursor.fetchone()
            if found is None:
                raise _too_many(rule)
            entries.append(LimitEntry(use_id=found[0], hold=hold, units=units))
    if entries:
        LimitEntry.objects.bulk_create(entries)


def check_account(visit: Visit, account: int, quantity: int, rules: Sequence[LimitRule]) -> None:
    """Refuse an account that may not have so many more; nothing is counted. Raises LIMIT_REACHED."""
    session = visit.session.pk if visit.session is not None else None
    for rule in rules:
        if rule.by == LimitBy.ACCOUNT:
            use = LimitUse.objects.filter(key=_key(rule, session, visit.day, str(account))).first()
            if quantity + (use.taken if use is not None else 0) > rule.most:
                raise _too_many(rule)


def _counted(hold: str) -> dict[str, int]:
    """What a hold counts for, by the key of the counter. One statement."""
    return dict(LimitEntry.objects.filter(hold=hold).values_list("use__key", "units"))


def rules_of(product: AdmissionProduct) -> list[LimitRule]:
    """The limits in force. One statement."""
    return list(LimitRule.objects.filter(product=product, active=True).order_by("pk"))


def _too_many(rule: LimitRule) -> AdmissionError:
    words = {
        LimitBy.DOCUMENT.value: _("同一证件%(range)s最多买 %(most)d 张"),
        LimitBy.MOBILE.value: _("同一手机号%(range)s最多买 %(most)d 张"),
        LimitBy.ACCOUNT.value: _("同一账号%(range)s最多买 %(most)d 张"),
        LimitBy.DEVICE.value: _("同一设备%(range)s最多买 %(most)d 张"),
        LimitBy.RESELLER.value: _("每个分销商%(range)s最多 %(most)d 张"),
    }[rule.by]
    told = {"range": LimitPer(rule.per).label, "most": rule.most}
    return AdmissionError(Code.LIMIT_REACHED, words % told, "tickets", _("没有付款的订单取消后可以重新购买"))


def _key(rule: LimitRule, session: int | None, day: date | None, subject: str) -> str:
    where = "all"
    if rule.per == LimitPer.SESSION:
        where = f"session:{session}" if session is not None else f"day:{day}"
    return blind_index(f"{rule.pk}\0{where}\0{subject}", "admission.limit")


def give_back(hold: str) -> None:
    """A hold does not count any more: it was let go. Again: nothing. Locks: its entries, the counters by key."""
    require_transaction()
    rows = lock_rows(LimitEntry.objects.filter(hold=hold).select_related("use"))
    _lower([(row, row.units) for row in rows])


def give_back_tickets(
    hold: str, tickets: int, documents: Sequence[str], *, session: int | None, day: date | None
) -> None:
    """Some tickets of a hold do not count any more: they were refunded; `documents` are those of their holders.

    Locks: the hold's entries, the counters by key.
    """
    require_transaction()
    rows = lock_rows(LimitEntry.objects.filter(hold=hold).select_related("use__rule"))
    found = []
    for row in rows:
        rule = row.use.rule
        if rule.by == LimitBy.DOCUMENT:
            back = sum(_key(rule, session, day, one) == row.use.key for one in documents)
        else:
            back = tickets
        found.append((row, min(back, row.units)))
    _lower(found)


def swap_document(
    hold: str, rules: Sequence[LimitRule], old: str, new: str, *, session: int | None, day: date | None
) -> None:
    """One ticket of a hold is another person's now: counted for him instead, where the hold counted by documents.

    Locks: the hold's entries, the counters. Raises LIMIT_REACHED, and nothing is counted then.
    """
    require_transaction()
    keys = [
        (rule, _key(rule, session, day, old), _key(rule, session, day, new))
        for rule in rules
        if rule.by == LimitBy.DOCUMENT
    ]
    entries = {
        row.use.key: row for row in lock_rows(LimitEntry.objects.filter(hold=hold).select_related("use"))
    }
    # both counters in the order in which `count` takes them: two people may be changed for each other at a time
    with bounded_wait():
        counters = LimitUse.objects.filter(key__in=[one for _rule, *pair in keys for one in pair])
        list(counters.order_by("key").select_for_update(no_key=True))
    for rule, was, key in keys:
        if was not in entries:
            continue  # bought before there was a limit
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"key": key, "rule": rule.pk, "units": 1, "most": rule.most})
            found = cursor.fetchone()
        if found is None:
            raise _too_many(rule)
        if key in entries:
            LimitEntry.objects.filter(pk=entries[key].pk).update(units=F("units") + 1)
        else:
            LimitEntry.objects.create(use_id=found[0], hold=hold, units=1)
        _lower([(entries[was], 1)])


def _lower(parts: Sequence[tuple[LimitEntry, int]]) -> None:
    """Take units off *locked* entries and their counters, in the order of the counters' keys."""
    for row, units in sorted(parts, key=lambda one: one[0].use.key):
        if not units:
            continue
        if units == row.units:
            row.delete()
        else:
            LimitEntry.objects.filter(pk=row.pk).update(units=F("units") - units)
        LimitUse.objects.filter(pk=row.use_id).update(taken=F("taken") - units)
