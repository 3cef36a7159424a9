"""Somebody becomes a member."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User
from saleor.plugins.manager import get_plugins_manager

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.numbering import next_number

from ..events import MemberRegistered
from ..kinds import IdentityKind, Source
from ..models import Member
from ..numbers import MEMBER, address_of
from ..values import Value
from .identities import write_identity

REGISTERED = audit.action("members.registered", _("注册会员"))
AGREED = audit.action("members.agreed", _("同意会员协议"))
LONGEST_NAME = 40


def register(
    values: Iterable[Value] = (),
    *,
    source: Source,
    name: str = "",
    verified: bool = False,
    home_unit: OrgUnit | None = None,
    by: Any = None,
    registered_unit: OrgUnit | None = None,
    agreement: str = "",
) -> Member:
    """Make a user and a member with these identities, in one transaction.

    The user gets a synthetic address and no password. `verified`: the identities were shown to be the person's. `by`
    is who of the staff does it, at `registered_unit`. Raises MemberError IDENTITY_TAKEN when one of the identities is
    somebody's by now: of two at the same moment, one registers.
    """
    called = clean_name(name)
    with transaction.atomic():
        number = next_number(MEMBER)
        user = User(email=address_of(number), first_name=called)
        user.set_unusable_password()
        user.save()
        member = Member.objects.create(
            user=user, number=number, source=source, home_unit=home_unit, registered_by=by,
            registered_unit=registered_unit, agreement=agreement, agreed_at=now() if agreement else None,
        )  # fmt: skip
        for value in values:
            write_identity(member, value, verified=verified)
        at = registered_unit or home_unit
        path = at.path if at is not None else None
        audit.record(REGISTERED, member, after={"number": number, "source": str(source)}, org_path=path)
        publish(
            MemberRegistered(member_id=member.pk, user_id=user.pk, source=str(source)),
            key=f"member:{member.pk}",
        )
    # stock's other plugins (webhooks) hear of it as of any new customer
    transaction.on_commit(lambda: get_plugins_manager().customer_created(customer=user))
    return member


def ensure_member(user: Any) -> Member:
    """The member of a shopper that stock knows; made now if there is none. Raises ValueError for the staff."""
    if user.is_staff:
        raise ValueError("the staff are no members")
    found = Member.objects.filter(user_id=user.pk).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            made = Member.objects.create(
                user=user, number=next_number(MEMBER), source=Source.STOCK, registered_at=user.date_joined
            )
            publish(
                MemberRegistered(member_id=made.pk, user_id=user.pk, source=str(Source.STOCK)),
                key=f"member:{made.pk}",
            )
            return made
    except IntegrityError:  # made by another request meanwhile
        return Member.objects.get(user_id=user.pk)


def agree(member: Member, version: str) -> None:
    """Note that a member agreed to a version of the agreement; the same one again changes nothing."""
    with transaction.atomic():
        others = Member.objects.filter(pk=member.pk).exclude(agreement=version)
        noted = others.update(agreement=version, agreed_at=now())
        if noted:
            audit.record(AGREED, member, before={"version": member.agreement}, after={"version": version})
    member.agreement = version


def current_agreement() -> str:
    """The version that new members agree to."""
    return str(settings.O2O_MEMBERS["AGREEMENT"])


def clean_name(text: str) -> str:
    """A name in one line, control characters left out, at most forty characters; emoji are names too."""
    told = "".join(one for one in (text or "") if one.isprintable() or one in "\u200d\ufe0f").strip()
    return told[:LONGEST_NAME]


def mobile_value(mobile: str) -> Value:
    """A cleaned mobile number as an identity."""
    return Value(IdentityKind.MOBILE, "", mobile)
