"""Reads: whose member, by what known."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from saleor.account.models import User

from saleor_o2o.kernel.numbering import InvalidNumber, parse_number

from .errors import MemberError
from .kinds import IdentityKind
from .models import Member, MemberIdentity
from .numbers import MEMBER
from .values import Value, plausible, unified


def member_of(user: Any) -> Member | None:
    """The member that a user is, if any; never one of the staff."""
    if user is None or not getattr(user, "is_authenticated", False) or user.is_staff:
        return None
    return Member.objects.select_related("user", "home_unit").filter(user_id=user.pk).first()


def member_by(kind: str, value: str, namespace: str = "") -> Member | None:
    """The member with this live identity; None for nobody and for a value that cannot be one.

    `namespace` is the appid of an openid. One statement.
    """
    try:
        wanted = unified(kind, value, namespace)
    except MemberError:
        return None
    return member_with(wanted)


def member_with(value: Value) -> Member | None:
    """The member with this live identity."""
    found = (
        MemberIdentity.objects.filter(kind=value.kind, value_index=value.index, released_at__isnull=True)
        .select_related("member__user", "member__home_unit")
        .first()
    )
    return found.member if found is not None else None


def members_by_text(text: str) -> list[Member]:
    """The members that a typed text may mean: number, mobile, identity number, user name, card, e-mail address.

    Whole values only. Two statements at most.
    """
    told = text.strip()[:200]
    if not told:
        return []
    rows = Member.objects.select_related("user", "home_unit")
    try:
        return list(rows.filter(number=parse_number(MEMBER, told)))
    except InvalidNumber:
        pass
    if "@" in told:
        return list(rows.filter(user__email__iexact=told, user__is_staff=False))
    indexes = [(one.kind, one.index) for one in plausible(told)]
    found = MemberIdentity.objects.filter(
        released_at__isnull=True,
        kind__in=[kind for kind, _index in indexes],
        value_index__in=[index for _kind, index in indexes],
    )
    return list(rows.filter(pk__in=found.values("member_id")).order_by("pk"))


def user_by_login(text: str) -> User | None:
    """The one shopper that a typed login means; None for nobody, several, or the staff. Mail addresses are stock's."""
    found = members_by_text(text)
    if len(found) == 1:
        return found[0].user
    if "@" in text:
        return User.objects.filter(email__iexact=text.strip(), is_staff=False).first()
    return None


def live_identities(member: Member) -> list[MemberIdentity]:
    """What a member is known by now, in the order of binding."""
    return list(member.identities.filter(released_at__isnull=True).order_by("pk"))


def masked_mobiles(keys: Collection[int]) -> dict[int, str]:
    """Of these members, the mobiles that messages go to, masked, by member. One statement."""
    return {key: row.masked for key, row in primary_mobiles(keys).items()}


def primary_mobiles(keys: Collection[int]) -> dict[int, MemberIdentity]:
    """Of these members, the mobiles that messages go to, by member. One statement."""
    rows = MemberIdentity.objects.filter(
        member__in=keys, kind=IdentityKind.MOBILE, released_at__isnull=True, is_primary=True
    )
    return {row.member_id: row for row in rows}


def primary_mobile(member: Member) -> str:
    """The mobile that messages go to; empty where there is none."""
    found = member.identities.filter(
        kind=IdentityKind.MOBILE, released_at__isnull=True, is_primary=True
    ).first()
    return found.value if found is not None else ""
