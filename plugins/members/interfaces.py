"""What other plugins may use of members.

- `member_of(user)`: the member a request's user is, None for nobody and for the staff;
- `asking_member(user)`: the same for an operation of one's own; a shopper of stock's becomes a member by it;
- `member_by(kind, value, namespace="")`: who has this identity; `kind` is one of `IdentityKind`, the namespace of an
  openid its appid;
- `unified(kind, value)`: an identity's stored form, with the blind index that finds it; `masked_value` for pages;
- `bind(member, kind, value, namespace="", verified=True)`: give a member an identity (MemberError IDENTITY_TAKEN);
- `unbind(member, kind, value, namespace="")`: take one away that is no login by itself (a lost card);
- `register(source, mobile=…, identities=[(kind, value, namespace)], …)`: make a member;
- `sign_in(member, device) -> Tokens`: log in whom the caller has made sure of; `device_of(request, key, name)`;
- `send_code`, `check_code`, then `use_code` in the transaction of the work: prove a mobile; `send_code_saying` for a
  code whose message says what it is good for, and whose ticket is kept;
- `merge_proven(kept, absorbed, reason)`: two members whom the caller has shown to be one person become one;
- `tell(member, occasion, key, words) -> Told`: something of his own, by what reaches him first (`register_way`);
- `text_instead(user_id, occasion, words)`: a way failed after it had promised to tell: the text message after all;
- `referrer_of(member)`: whoever brought a member along;
- `notify(member, template, parameters)`: a text message; words by `register_text`; `send_text` to a number;
  `text_to` gives its number, `outcomes_of_texts` says what became of such numbers; `text_of` is the whole text;
- `register_precedence(name, rows)`: who is served first by a plugin's promise; `comes_first(user)`: the condition
  that queues sort by;
- `of_members(lookup)`, `happened(member, unit)`: rules of rows that are a member's, as members are seen;
- `clean_tax_number(text)`: a company's number with its check character, in one form (MemberError INVALID);
- `tagged_with(tags, member)`: the rows that say a member has one of these tags, for EXISTS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from plugins.org_hierarchy.interfaces import OrgUnit

from .devices import NOWHERE, Device, device_of
from .errors import CodeWrong, MemberError, MemberErrorCode, NotActive, TooOften
from .kinds import IdentityKind, MemberStatus, Purpose, Source, Told, Way
from .models import Member, MemberIdentity, MemberTag, Passenger, Tag
from .numbers import is_synthetic
from .papers import clean_tax_number
from .permissions import happened, of_members
from .precedence import comes_first, register_precedence
from .seeds import agree_to_marketing
from .selectors import (
    live_identities,
    masked_mobiles,
    member_by,
    member_of,
    members_by_text,
    primary_mobile,
    primary_mobiles,
)
from .services import codes as _codes
from .services import identities as _identities
from .services import registering as _registering
from .services.codes import Asked as SentCode
from .services.merging import current, merge_proven
from .services.profiles import referrer_of
from .services.records import PASSENGER as _PASSENGER
from .services.records import records_of as _records_of
from .services.registering import current_agreement, ensure_member
from .services.signing_in import Tokens, by_code, sign_in
from .services.sms import compose as _compose
from .services.sms import dispatch as _dispatch
from .services.sms import outcomes_of as outcomes_of_texts
from .services.tagging import usable_tags
from .telling import register_way, tell, text_instead
from .texts import register_text, text_of
from .values import clean_mobile, same_mobile, unified
from .values import masked as masked_value

__all__ = [
    "NOWHERE",
    "CodeWrong",
    "Device",
    "IdentityKind",
    "Member",
    "MemberError",
    "MemberErrorCode",
    "MemberIdentity",
    "MemberStatus",
    "NotActive",
    "Passenger",
    "Purpose",
    "SentCode",
    "Source",
    "Tag",
    "Tokens",
    "Told",
    "TooOften",
    "Way",
    "agree_to_marketing",
    "asking_member",
    "bind",
    "by_code",
    "check_code",
    "clean_mobile",
    "clean_tax_number",
    "comes_first",
    "current",
    "current_agreement",
    "device_of",
    "ensure_member",
    "happened",
    "is_synthetic",
    "live_identities",
    "masked_mobiles",
    "masked_value",
    "member_by",
    "member_of",
    "members_by_text",
    "merge_proven",
    "notify",
    "of_members",
    "outcomes_of_texts",
    "passengers_of",
    "primary_mobile",
    "primary_mobiles",
    "referrer_of",
    "register",
    "register_precedence",
    "register_text",
    "register_way",
    "same_mobile",
    "send_code",
    "send_code_saying",
    "send_text",
    "sign_in",
    "tagged_with",
    "tell",
    "text_instead",
    "text_of",
    "text_to",
    "unbind",
    "unified",
    "usable_tags",
    "use_code",
]


def asking_member(user: Any) -> Member | None:
    """Whose an operation of one's own is: the member, made of a shopper of stock's; None for nobody and the staff."""
    if not user.is_authenticated or user.is_staff:
        return None
    return member_of(user) or ensure_member(user)


def bind(
    member: Member, kind: str, value: str, namespace: str = "", *, verified: bool = True
) -> MemberIdentity:
    """Give a member an identity; the member's own already stays. Locks: the member.

    Raises MemberError IDENTITY_TAKEN and those of malformed values, LockTimeout.
    """
    return _identities.bind(member, unified(kind, value, namespace), verified=verified)


def unbind(member: Member, kind: str, value: str, namespace: str = "") -> bool:
    """Take an identity away that is no login by itself (a lost card); False where the member has it not.

    Locks: the member. Raises MemberError of malformed values, LockTimeout.
    """
    return _identities.release_value(member, unified(kind, value, namespace))


def register(
    source: Source,
    *,
    mobile: str = "",
    identities: Iterable[tuple[str, str, str]] = (),
    name: str = "",
    verified: bool = True,
    home_unit: OrgUnit | None = None,
    agreement: str = "",
    by: Any = None,
) -> Member:
    """Make a member known by a mobile and by `identities` (kind, value, namespace), in one transaction.

    Raises MemberError IDENTITY_TAKEN and those of malformed values.
    """
    wanted = [("mobile", mobile, "")] if mobile else []
    values = [unified(*one) for one in (*wanted, *identities)]
    return _registering.register(
        values, source=source, name=name, verified=verified, home_unit=home_unit, agreement=agreement, by=by
    )


def passengers_of(member: Member) -> list[Passenger]:
    """Those with whom a member travels, the newest first. One statement."""
    return _records_of(member, _PASSENGER)


def send_code(mobile: str, purpose: Purpose, device: Device) -> int:
    """Send a code to a number; returns seconds until the next. Raises MOBILE_INVALID, TooOften, LockTimeout."""
    return _codes.ask(clean_mobile(mobile), purpose, device).again_after


def send_code_saying(
    mobile: str, purpose: Purpose, device: Device, template: str, told: Mapping[str, str]
) -> SentCode:
    """Send a code in the words of a registered text that says what it is good for; with the ticket of this very code.

    `check_code` answers with the row whose `ticket` it is: whoever keeps the ticket knows what the code was asked for.
    Raises MOBILE_INVALID, TooOften, LockTimeout, KeyError for an unknown template.
    """
    return _codes.ask(clean_mobile(mobile), purpose, device, template=template, told=told)


def check_code(mobile: str, purpose: Purpose, code: str, device: Device) -> Any:
    """Look at a typed code, outside a transaction; hand the answer to `use_code`. Raises CodeWrong, LOCKED_OUT."""
    return _codes.check(clean_mobile(mobile), purpose, code, device)


def use_code(checked: Any) -> None:
    """Use a code that was checked, in the transaction of what it is good for. Raises CodeWrong."""
    _codes.use(checked)


def notify(member: Member, template: str, parameters: Mapping[str, str]) -> bool:
    """Send a text message to a member's primary mobile, after the commit; False where there is none."""
    mobile = primary_mobile(member)
    if not mobile:
        return False
    _dispatch(_compose(mobile, template, parameters))
    return True


def text_to(
    member: Member,
    template: str,
    parameters: Mapping[str, str],
    *,
    expires_after: timedelta = timedelta(hours=12),
) -> str:
    """Send a member a text message after the commit, as `notify`; its number, or "" where there is no mobile."""
    mobile = primary_mobile(member)
    if not mobile:
        return ""
    message = _compose(mobile, template, parameters, expires_after=expires_after)
    _dispatch(message)
    return message.number


def tagged_with(tags: Collection[int], member: Any) -> QuerySet[MemberTag]:
    """The rows that put one of these tags on a member (an OuterRef)."""
    return MemberTag.objects.filter(member=member, tag__in=tags)


def send_text(
    mobile: str,
    template: str,
    parameters: Mapping[str, str],
    *,
    expires_after: timedelta = timedelta(hours=12),
) -> None:
    """Send a text message to a number, member or not, after the commit; worth nothing after `expires_after`.

    How many a number may get is the caller's question. Raises MOBILE_INVALID, KeyError for an unknown template.
    """
    _dispatch(_compose(clean_mobile(mobile), template, parameters, expires_after=expires_after))
