"""Which unit looks after a member: by where he lives, until he or the staff decide."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import HomeBasis
from ..models import AddressPlace, Member, MemberProfile

HOME_CHANGED = audit.action("members.home_changed", _("变更归属机构"))


def choose_home(member: Member, code: str) -> Member:
    """Put oneself into the care of an open branch or outlet; an empty code: by where one lives, as at first.

    Locks: the member. Raises MemberError NOT_FOUND, LockTimeout.
    """
    told = code.strip().upper()[:40]
    unit = None
    if told:
        unit = OrgUnit.objects.filter(code=told, level__gte=Level.BRANCH).first()
        if unit is None or not unit.is_open:
            raise MemberError(
                Code.NOT_FOUND, _("没有这个网点，或暂未营业"), "unitCode", _("请从附近的网点里选择")
            )
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        if unit is not None:
            put_home(member, unit, HomeBasis.CHOSEN)
        else:
            profile_of(member)
            MemberProfile.objects.filter(pk=member.pk).update(home_basis=HomeBasis.ADDRESS)
            match_home(member)
    return member


def match_home(member: Member) -> None:
    """Let where a member lives say who looks after him, unless somebody has decided; under the lock of the member.

    The community that he named counts, else the default address. What serves neither changes nothing.
    """
    profile = MemberProfile.objects.select_related("community__unit").filter(pk=member.pk).first()
    basis = profile.home_basis if profile is not None else HomeBasis.GIVEN
    now_home = Member.objects.values_list("home_unit_id", flat=True).get(pk=member.pk)
    if basis in (HomeBasis.CHOSEN, HomeBasis.STAFF) or (now_home is not None and basis != HomeBasis.ADDRESS):
        return
    unit = profile.community.unit if profile is not None and profile.community is not None else None
    key = member.user.default_shipping_address_id
    if key is not None and (unit is None or not unit.is_open):
        place = AddressPlace.objects.select_related("unit").filter(address_id=key).first()
        unit = place.unit if place is not None else None
    if unit is not None and unit.is_open and unit.pk != now_home:
        put_home(member, unit, HomeBasis.ADDRESS)


def put_home(member: Member, unit: OrgUnit | None, basis: HomeBasis, *, actor: str | None = None) -> None:
    """Write who looks after a member and why, under the lock of the member."""
    before = Member.objects.select_related("home_unit").get(pk=member.pk).home_unit
    profile_of(member)
    MemberProfile.objects.filter(pk=member.pk).update(home_basis=basis, updated_at=now())
    if (before.pk if before else None) != (unit.pk if unit else None):
        Member.objects.filter(pk=member.pk).update(home_unit=unit)
        audit.record(
            HOME_CHANGED, member, before={"unit": before.code if before else ""},
            after={"unit": unit.code if unit else "", "basis": str(basis.label)}, actor=actor,
        )  # fmt: skip
    member.home_unit = unit


def profile_of(member: Member, **defaults: Any) -> MemberProfile:
    """The profile of a member, written now if there is none; under the lock of the member."""
    return MemberProfile.objects.get_or_create(member=member, defaults=defaults)[0]
