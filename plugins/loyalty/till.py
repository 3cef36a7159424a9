"""Members at the till: who it is, what there is to pay with, and the code that the member reads out.

The workbench's questions (`questions.register_question`) and the API are made of the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plugins.counter_sales.interfaces import SELL, register_question, sale_to_pay
from plugins.members.interfaces import Member, device_of
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.money import parse_yuan
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, rows_for

from .errors import LoyaltyError
from .errors import LoyaltyErrorCode as Code
from .kinds import ConsentKind
from .models import Consent
from .selectors import balance_of, standing
from .services import consenting
from .services.codes import find_member
from .services.levels import level_of


@dataclass(frozen=True, slots=True)
class AtTill:
    """A member in front of the counter. Of one from elsewhere `balance` (yuan) and `points` are not told (None)."""

    member: Member
    level: str
    balance: Decimal | None
    is_frozen: bool
    points: int | None

    @property
    def name(self) -> str:
        return masked_person(self.member.user)


def at_till(by: Any, text: str) -> AtTill:
    """The member that a whole number, mobile or card means. Raises NotAllowed, NOT_FOUND, MEMBER_NOT_ACTIVE."""
    if not getattr(by, "is_staff", False) or not by.has_perm(SELL):
        raise NotAllowed
    member = find_member(text)
    level = level_of(member.pk)
    near = rows_for(by, Member).filter(pk=member.pk).exists()
    amount, is_frozen = balance_of(member.pk)
    return AtTill(
        member,
        level.name if level is not None else "",
        amount if near else None,
        is_frozen,
        standing(member.pk).points if near else None,
    )


def install() -> None:
    """Answer what the workbench asks; called once when the app is ready."""
    register_question("member", _member)
    register_question("consent", _ask)
    register_question("consent_open", _open)
    register_question("consent_code", _again)
    register_question("consent_give", _give)


def _member(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    text = str(typed.get("text") or "").strip()[:60]
    if not text and typed.get("sale"):
        text = sale_to_pay(user, _number(typed["sale"])).phone
    found = at_till(user, text)
    return {
        "member": {
            "number": found.member.number,
            "name": found.name,
            "level": found.level,
            "balance": None if found.balance is None else str(found.balance),
            "frozen": found.is_frozen,
            "points": found.points,
        }
    }


def _ask(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    text = str(typed.get("text") or "")[:60]
    device = device_of(request, "", "")
    if typed.get("kind") == ConsentKind.POINTS:
        told = str(typed.get("points") or "").strip()
        if not told.isascii() or not told.isdigit() or len(told) > 7:
            raise LoyaltyError(Code.INVALID, _("请填写整数积分"), "points")
        place, key = str(typed.get("place") or "")[:80], str(typed.get("key") or "")[:64]
        asked = consenting.ask_for_points(user, key, place, text, int(told), device)
    else:
        amount = parse_yuan(str(typed.get("amount") or ""), "amount")
        asked = consenting.ask_for_balance(user, _number(typed.get("sale")), text, amount, device)
    return {**as_dict(asked.consent), "againAfter": asked.again_after, "sent": asked.sent}


def _open(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    found = consenting.waiting_for(user, sale_to_pay(user, _number(typed.get("sale"))).order_id)
    return as_dict(found) if found is not None else {"consent": None}


def _again(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    seconds = consenting.send_again(user, _number(typed.get("id")), device_of(request, "", ""))
    return {"againAfter": seconds}


def _give(user: Any, typed: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    code = str(typed.get("code") or "")[:20]
    return as_dict(consenting.give(user, _number(typed.get("id")), code, device_of(request, "", "")))


def as_dict(consent: Consent) -> dict[str, Any]:
    """A consent as the workbench knows it."""
    return {
        "consent": {
            "id": consent.pk,
            "number": consent.number,
            "kind": consent.kind,
            "amount": str(consent.amount),
            "member": f"{masked_person(consent.member.user)} {consent.member.number}",
            "state": consent.state,
        }
    }


def _number(value: Any) -> int:
    text = str(value or "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise OutOfScope
    return int(text)
