"""What a member says of himself is taken in: by himself, or by the staff in his presence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.service_map.interfaces import Community
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import InvalidNumber, parse_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import require

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import CheckState, Gender, MemberStatus
from ..models import Member, MemberProfile, RealNameCheck
from ..numbers import MEMBER
from ..permissions import EDIT
from .homes import match_home, profile_of
from .registering import clean_name

EDITED = audit.action("members.profile_edited", _("修改会员资料"))
OLDEST = 120
#: What may be said; anything else in `told` is a mistake of the caller's.
FIELDS = (
    "name", "gender", "birthday", "community_id", "community_name", "building", "marketing", "referrer",
)  # fmt: skip

#: What the audit calls what was changed; never what it was changed to.
WORDS: Mapping[str, Text] = {
    "name": _("姓名"), "gender": _("性别"), "birthday": _("生日"), "building": _("楼栋"), "marketing": _("营销信息"),
    "community": _("小区"), "referrer": _("推荐人"),
}  # fmt: skip


def edit_profile(member: Member, told: Mapping[str, Any], *, by: Any = None) -> Member:
    """Write what is told (`FIELDS`); what is not, or is None, stays. `by`: of the staff, with the right to edit.

    An empty community takes it away. Who named him is told once, within the first month. Locks: the member. Raises
    MemberError (the field says which), OutOfScope, NotAllowed, LockTimeout.
    """
    if by is not None:
        require(by, EDIT, member)
    given = {key: value for key, value in told.items() if key in FIELDS and value is not None}
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        profile = profile_of(member)
        _require_unverified(member, profile, given)
        changed = _name(member, given) + _plain(profile, given) + _community(profile, given)
        changed += _referrer(member, profile, given)
        if changed:
            profile.updated_at = now()
            profile.save()
            audit.record(
                EDITED, member, after={"changed": [str(WORDS[one]) for one in changed]},
                actor=actor_label(by) if by is not None else None,
            )  # fmt: skip
        if "community" in changed:
            match_home(member)
    return Member.objects.select_related("user", "home_unit").get(pk=member.pk)


def note_origin(member: Member, *, referrer: str = "", channel: str = "") -> None:
    """Note who sent somebody new and through what, in the transaction that registers; a wrong number is no obstacle."""
    found = _by_number(referrer) if referrer else None
    if found is not None and found.pk == member.pk:
        found = None
    code = "".join(one for one in channel if one.isprintable()).strip()[:60]
    if found is None and not code:
        return
    MemberProfile.objects.create(
        member=member, referrer=found, referred_at=now() if found is not None else None, channel=code
    )


def referrer_of(member: Member) -> Member | None:
    """Whoever brought a member along, as it was written down (he may have been merged since). One statement."""
    found = MemberProfile.objects.select_related("referrer").filter(member=member).first()
    return found.referrer if found is not None else None


def take_over(kept: Member, absorbed: Member) -> int:
    """Let what was said of a merged member count where nothing was said of the kept one; under both locks."""
    moved = MemberProfile.objects.filter(referrer=absorbed).exclude(pk=kept.pk).update(referrer=kept)
    MemberProfile.objects.filter(pk=kept.pk, referrer=absorbed).update(referrer=None, referred_at=None)
    old = MemberProfile.objects.filter(pk=absorbed.pk).first()
    if old is None:
        return moved
    new = profile_of(kept)
    for names in (
        ("gender",), ("birthday",), ("community_id", "community_name"), ("building",), ("channel",),
        ("marketing_at", "marketing"), ("referrer_id", "referred_at"),
    ):  # fmt: skip
        empty = getattr(new, names[0]) in (None, "", Gender.UNKNOWN)
        if empty and getattr(old, names[0]) != kept.pk:
            for name in names:
                setattr(new, name, getattr(old, name))
            moved += 1
    new.save()
    return moved


def clean_birthday(value: date) -> date:
    """A day on which somebody who lives may have been born. Raises BIRTHDAY_INVALID."""
    if value > today() or value.year < today().year - OLDEST:
        raise MemberError(Code.BIRTHDAY_INVALID, _("生日不正确"), "birthday", _("请按身份证上的出生日期填写"))
    return value


def one_line(text: str, most: int) -> str:
    """A text in one line without control characters, cut to `most`."""
    return clean_name(" ".join((text or "").split()))[:most]


def _require_unverified(member: Member, profile: MemberProfile, given: Mapping[str, Any]) -> None:
    """What the register of persons said is not changed by hand."""
    changes = (
        "name" in given and clean_name(given["name"]) != f"{member.user.last_name}{member.user.first_name}"
    )
    changes = changes or ("birthday" in given and given["birthday"] != profile.birthday)
    if changes and RealNameCheck.objects.filter(member=member, state=CheckState.PASSED).exists():
        raise MemberError(
            Code.INVALID, _("已通过实名认证，姓名和生日不能修改"), "name" if "name" in given else "birthday",
            _("更正请持证件到网点办理"),
        )  # fmt: skip


def _name(member: Member, given: Mapping[str, Any]) -> list[str]:
    if "name" not in given:
        return []
    called = clean_name(given["name"])
    if not called:
        raise MemberError(Code.REQUIRED, _("请填写姓名"), "name")
    user = member.user
    if f"{user.last_name}{user.first_name}" == called:
        return []
    user.first_name, user.last_name = called, ""
    user.save(update_fields=["first_name", "last_name"])
    return ["name"]


def _plain(profile: MemberProfile, given: Mapping[str, Any]) -> list[str]:
    changed = []
    if "gender" in given and profile.gender != given["gender"]:
        profile.gender = Gender(given["gender"])
        changed.append("gender")
    if "birthday" in given and profile.birthday != given["birthday"]:
        profile.birthday = clean_birthday(given["birthday"])
        changed.append("birthday")
    if "building" in given and profile.building != (building := one_line(given["building"], 40)):
        profile.building = building
        changed.append("building")
    if "marketing" in given and profile.marketing != given["marketing"]:
        profile.marketing, profile.marketing_at = bool(given["marketing"]), now()
        changed.append("marketing")
    return changed


def _community(profile: MemberProfile, given: Mapping[str, Any]) -> list[str]:
    """By its key, else by its name: one that the dictionary has once is that one."""
    found: Community | None = None
    if given.get("community_id"):
        key = str(given["community_id"])
        rows = Community.objects.filter(is_active=True)
        found = (
            rows.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 18 else None
        )
        if found is None:
            raise MemberError(Code.NOT_FOUND, _("没有这个小区"), "communityId", _("可以直接填写小区名称"))
        name = found.name
    elif "community_id" in given or "community_name" in given:
        name = one_line(given.get("community_name", ""), 80)
        same = list(Community.objects.filter(is_active=True, name=name)[:2]) if name else []
        found = same[0] if len(same) == 1 else None
    else:
        return []
    if (profile.community_id, profile.community_name) == (found.pk if found else None, name):
        return []
    profile.community, profile.community_name = found, name
    return ["community"]


def _referrer(member: Member, profile: MemberProfile, given: Mapping[str, Any]) -> list[str]:
    if not given.get("referrer"):
        return []
    found = _by_number(given["referrer"])
    if found is None or found.pk == member.pk:
        raise MemberError(Code.NOT_FOUND, _("没有这个推荐人"), "referrer", _("请核对推荐人的会员号"))
    if profile.referrer_id == found.pk:
        return []
    if profile.referrer_id is not None:
        raise MemberError(Code.INVALID, _("推荐人已经登记过，不能更改"), "referrer")
    if (now() - member.registered_at).days >= 30:
        raise MemberError(Code.INVALID, _("推荐人须在注册后 30 天内登记"), "referrer")
    if MemberProfile.objects.filter(pk=found.pk, referrer=member).exists():
        raise MemberError(Code.INVALID, _("对方是您推荐的，不能互为推荐人"), "referrer")
    profile.referrer, profile.referred_at = found, now()
    return ["referrer"]


def _by_number(text: str) -> Member | None:
    try:
        number = parse_number(MEMBER, text.strip()[:40])
    except InvalidNumber:
        return None
    return Member.objects.filter(number=number, status=MemberStatus.ACTIVE).first()
