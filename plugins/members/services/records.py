"""Passengers, payer numbers, vehicles and invoice titles: taken in, checked, kept within a number, moved by a merge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import plain
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import PaperKind, PassengerKind, PayerService, TitleKind, VerifyState
from ..models import InvoiceTitle, Member, Passenger, PayerNumber, Vehicle
from ..models.records import Record
from ..papers import birth_on, check_kind, clean_paper, clean_plate, clean_six, clean_tax_number
from ..values import clean_mobile
from .profiles import one_line

_NUMBER = re.compile(r"[A-Z0-9]{4,30}")
_ACCOUNT = re.compile(r"\d{8,30}")
#: The mark that the values of a row are made from, beside the values: two rows with the same are one thing.
Cleaned = tuple[dict[str, Any], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept, how many of it, and how it is checked: `clean(told)` gets what is there with what is told on it."""

    #: A model made of `Record`; mypy does not see the key to the member that each has.
    model: Any
    most: int
    words: Text
    clean: Callable[[Mapping[str, Any]], Cleaned]


def save_record(member: Member, kind: str, told: Mapping[str, Any], key: int | None = None) -> Any:
    """Write a row of one's own; of one that is there (`key`) what is not told, or None, stays.

    A new one that is there already is that one. Locks: the member. Raises MemberError NOT_FOUND, TOO_MANY, DUPLICATE
    and those of the fields, LockTimeout.
    """
    spec = KINDS[kind]
    given = {name: value for name, value in told.items() if value is not None}
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        row = _own(spec, member, key) if key is not None else None
        values, mark = spec.clean({**(_there(row) if row is not None else {}), **given})
        digest = blind_index(mark, f"members.record.{kind}")
        same = spec.model._default_manager.filter(member=member, digest=digest).first()
        if row is None:
            row = same or _new(spec, member)
        elif same is not None and same.pk != row.pk:
            raise MemberError(
                Code.DUPLICATE,
                _("已经登记过相同的%(what)s") % {"what": spec.words},
                None,
                _("请修改原来的那一条"),
            )
        if isinstance(row, Passenger) and row.digest not in ("", digest):
            row.verified = VerifyState.NONE
        if isinstance(row, InvoiceTitle):
            values["is_default"] = _one_default(member, row, values["is_default"])
        for name, value in values.items():
            setattr(row, name, value)
        row.digest, row.updated_at = digest, now()
        row.save()
    return row


def drop_record(member: Member, kind: str, key: int) -> None:
    """Take a row of one's own away. Locks: the member. Raises MemberError NOT_FOUND, LockTimeout."""
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        row = _own(KINDS[kind], member, key)
        row.delete()
        if isinstance(row, InvoiceTitle) and row.is_default:
            other = InvoiceTitle.objects.filter(member=member).first()
            if other is not None:
                InvoiceTitle.objects.filter(pk=other.pk).update(is_default=True)


def records_of(member: Member, kind: str) -> list[Any]:
    """A member's rows, the newest first; invoice titles with the default one first. One statement."""
    rows = list(KINDS[kind].model._default_manager.filter(member=member).order_by("-pk"))
    return sorted(rows, key=lambda one: not getattr(one, "is_default", False))


def move_records(kept: Member, absorbed: Member) -> int:
    """Let a merged member's rows be the kept one's, those that it has already left behind; under both locks."""
    moved = 0
    InvoiceTitle.objects.filter(member=absorbed).update(is_default=False)
    for spec in KINDS.values():
        rows = spec.model._default_manager
        there = rows.filter(member=kept).values("digest")
        moved += rows.filter(member=absorbed).exclude(digest__in=there).update(member=kept)
        rows.filter(member=absorbed).delete()
    return moved


def _own(spec: Kind, member: Member, key: int) -> Any:
    row = spec.model._default_manager.filter(member=member, pk=key).first()
    if row is None:
        raise MemberError(Code.NOT_FOUND, _("没有这条记录，或已删除"), "id")
    return row


def _new(spec: Kind, member: Member) -> Any:
    if spec.model._default_manager.filter(member=member).count() >= spec.most:
        raise MemberError(
            Code.TOO_MANY,
            _("最多保存 %(most)d 个%(what)s") % {"most": spec.most, "what": spec.words},
            None,
            _("请先删除不用的"),
        )
    return spec.model(member=member)


def _there(row: Record) -> dict[str, Any]:
    return {
        field.name: getattr(row, field.name) for field in row._meta.concrete_fields if not field.is_relation
    }


def _passenger(told: Mapping[str, Any]) -> Cleaned:
    name = one_line(told.get("name", ""), 60)
    if not name:
        raise MemberError(Code.REQUIRED, _("请填写姓名，与证件一致"), "name")
    paper = PaperKind(told.get("paper") or PaperKind.ID_CARD)
    kind = PassengerKind(told.get("kind") or PassengerKind.ADULT)
    number = clean_paper(paper, told.get("number", ""))
    birth = birth_on(paper, number, told.get("birth"))
    check_kind(kind, paper, birth)
    mobile = clean_mobile(told["mobile"]) if told.get("mobile") else ""
    return {
        "name": name, "kind": kind, "paper": paper, "number": number, "birth": birth, "mobile": mobile,
    }, f"{paper}\0{number}"  # fmt: skip


def _payer(told: Mapping[str, Any]) -> Cleaned:
    service = PayerService(told.get("service") or PayerService.OTHER)
    biller, number = one_line(told.get("biller", ""), 60), plain(told.get("number", ""))
    if not biller:
        raise MemberError(Code.REQUIRED, _("请填写收费单位"), "biller")
    if not _NUMBER.fullmatch(number):
        raise MemberError(Code.INVALID, _("户号不正确"), "number", _("请按账单或缴费卡上的户号填写"))
    label = one_line(told.get("label", ""), 40)
    return {"service": service, "biller": biller, "number": number, "label": label}, (
        f"{service}\0{biller}\0{number}"
    )


def _vehicle(told: Mapping[str, Any]) -> Cleaned:
    plate, new_energy = clean_plate(told.get("plate", ""))
    registered = told.get("registered_on")
    if registered is not None and registered > today():
        raise MemberError(Code.INVALID, _("注册登记日期不能晚于今天"), "registeredOn")
    for name, field in (("inspection_due", "inspectionDue"), ("insurance_due", "insuranceDue")):
        day = told.get(name)
        if day is not None and registered is not None and day < registered:
            raise MemberError(Code.INVALID, _("到期日期不能早于注册登记日期"), field)
        if day is not None and not 1990 <= day.year <= today().year + 20:
            raise MemberError(Code.INVALID, _("到期日期不正确"), field)
    return {
        "plate": plate, "new_energy": new_energy, "model": one_line(told.get("model", ""), 40),
        "vin": clean_six(told.get("vin", ""), "vin"), "engine": clean_six(told.get("engine", ""), "engine"),
        "registered_on": registered, "inspection_due": told.get("inspection_due"),
        "insurance_due": told.get("insurance_due"), "remind": bool(told.get("remind", True)),
    }, plate  # fmt: skip


def _title(told: Mapping[str, Any]) -> Cleaned:
    kind = TitleKind(told.get("kind") or TitleKind.PERSONAL)
    title = one_line(told.get("title", ""), 100)
    if not title:
        raise MemberError(Code.REQUIRED, _("请填写发票抬头"), "title")
    company = kind == TitleKind.COMPANY
    account, email = plain(told.get("account", "")), one_line(told.get("email", ""), 100)
    if company and account and not _ACCOUNT.fullmatch(account):
        raise MemberError(Code.INVALID, _("银行账号不正确"), "account", _("只填数字"))
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise MemberError(Code.INVALID, _("邮箱不正确"), "email") from None
    tax_number = clean_tax_number(told.get("tax_number", "")) if company else ""
    return {
        "kind": kind, "title": title, "tax_number": tax_number, "email": email,
        "address": one_line(told.get("address", ""), 120) if company else "",
        "phone": one_line(told.get("phone", ""), 30) if company else "",
        "bank": one_line(told.get("bank", ""), 80) if company else "", "account": account if company else "",
        "is_default": bool(told.get("is_default", False)),
    }, f"{kind}\0{title}\0{tax_number}"  # fmt: skip


def _one_default(member: Member, row: InvoiceTitle, wanted: bool) -> bool:
    """The first is the default one; a new default takes the place of the one before."""
    others = InvoiceTitle.objects.filter(member=member).exclude(pk=row.pk)
    if wanted:
        others.filter(is_default=True).update(is_default=False)
        return True
    return not others.filter(is_default=True).exists()


PASSENGER, PAYER, VEHICLE, TITLE = "passenger", "payer", "vehicle", "title"
KINDS: Mapping[str, Kind] = {
    PASSENGER: Kind(Passenger, 20, _("常用旅客"), _passenger),
    PAYER: Kind(PayerNumber, 20, _("缴费户号"), _payer),
    VEHICLE: Kind(Vehicle, 10, _("车辆"), _vehicle),
    TITLE: Kind(InvoiceTitle, 20, _("发票抬头"), _title),
}
