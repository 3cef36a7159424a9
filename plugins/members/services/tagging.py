"""Tags are put on members and taken off, by whoever may edit both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, keys_of, staff_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope, require, rows_for

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..models import Member, MemberTag, Tag
from ..permissions import EDIT
from .profiles import one_line

TAGGED = audit.action("members.tagged", _("设置会员标签"))
TAG_MADE = audit.action("members.tag_made", _("新建会员标签"))
#: Tags on one member at most: more say nothing.
MOST = 20


def usable_tags(by: Any) -> QuerySet[Tag]:
    """The active tags somebody may use: those of the units in reach, and those made above his own unit."""
    staff = staff_of(by)
    above = keys_of(staff.unit.path) if staff is not None else []
    units = rows_for(by, OrgUnit, EDIT).order_by().values("pk")
    return (
        Tag.objects.filter(is_active=True)
        .filter(Q(unit__in=units) | Q(unit__in=above))
        .order_by("name", "pk")
    )


def make_tag(by: Any, unit: OrgUnit, name: str, note: str = "") -> Tag:
    """Make a tag of a unit in reach; one that is there already is it. Raises OutOfScope, MemberError REQUIRED."""
    if not rows_for(by, OrgUnit, EDIT).filter(pk=unit.pk).exists():
        raise OutOfScope
    called = one_line(name, 20)
    if not called:
        raise MemberError(Code.REQUIRED, _("请填写标签"), "name")
    with transaction.atomic():
        tag, made = Tag.objects.get_or_create(unit=unit, name=called, defaults={"note": one_line(note, 100)})
        if made:
            audit.record(TAG_MADE, tag, after={"name": called}, actor=actor_label(by), org_path=unit.path)
        elif not tag.is_active:
            Tag.objects.filter(pk=tag.pk).update(is_active=True)
            tag.is_active = True
    return tag


def set_tags(by: Any, member: Member, wanted: Iterable[Tag]) -> bool:
    """Let a member carry these of the tags that the person may use; tags beyond his reach stay. False for no change.

    Locks: the member. Raises OutOfScope, NotAllowed, MemberError TOO_MANY, LockTimeout.
    """
    require(by, EDIT, member)
    usable = set(usable_tags(by).values_list("pk", flat=True))
    told = {tag.pk for tag in wanted}
    if told - usable:
        raise OutOfScope
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        there = dict(MemberTag.objects.filter(member=member).values_list("tag_id", "tag__name"))
        added, gone = told - there.keys(), (there.keys() & usable) - told
        if not added and not gone:
            return False
        if len(there) + len(added) - len(gone) > MOST:
            raise MemberError(Code.TOO_MANY, _("一个会员最多 %(most)d 个标签") % {"most": MOST}, "tags")
        MemberTag.objects.filter(member=member, tag_id__in=gone).delete()
        MemberTag.objects.bulk_create([MemberTag(member=member, tag_id=key, by=by) for key in sorted(added)])
        names = dict(Tag.objects.filter(pk__in=added).values_list("pk", "name"))
        audit.record(
            TAGGED, member, before={"tags": sorted(there[key] for key in gone)},
            after={"tags": sorted(names.values())}, actor=actor_label(by),
        )  # fmt: skip
    return True


def move_tags(kept: Member, absorbed: Member) -> int:
    """Let a merged member's tags be the kept one's; under both locks."""
    there = MemberTag.objects.filter(member=kept).values("tag_id")
    moved = MemberTag.objects.filter(member=absorbed).exclude(tag_id__in=there).update(member=kept)
    MemberTag.objects.filter(member=absorbed).delete()
    return moved
