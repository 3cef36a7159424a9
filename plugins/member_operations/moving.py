"""Two members become one: what reached the absorbed one counts for the kept one."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from plugins.members.interfaces import Member
from plugins.org_hierarchy.interfaces import register_customer_erasure, register_customer_move

from .models import CampaignMessage, MemberFigures, Survey


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("member_operations", _move, _("营销消息与评价"))
    register_customer_erasure("member_operations", _forget)


def _move(old: User, new: User) -> int:
    """A campaign reaches one person once: where both are on its list, the kept one's message stays."""
    kept = Member.objects.filter(user=new).first()
    if kept is None:
        return 0
    same = CampaignMessage.objects.filter(campaign=OuterRef("campaign"), member=kept)
    rows = CampaignMessage.objects.filter(member__user=old).exclude(Exists(same))
    return int(rows.update(member=kept)) + Survey.objects.filter(member__user=old).update(member=kept)


def _forget(user: User) -> int:
    """What somebody said goes; the number that he gave stays, of nobody. What he bought is not counted any more."""
    touched = Survey.objects.filter(member__user=user).update(word="")
    return touched + int(MemberFigures.objects.filter(member__user=user).delete()[0])
