"""What people call the actors and units of audit lines."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _
from saleor.account.models import User

from saleor_o2o.kernel.masking import mask_name

from .models import OrgUnit, RoleGrant, Staff
from .paths import keys_of

#: Of somebody's grants so many, the newest first, are looked for.
GRANTS = 100


class AuditNames:
    """The audit's directory (`saleor_o2o.kernel.audit.Directory`): one statement for people, one for units."""

    def names(self, actors: Iterable[str], paths: Iterable[str]) -> dict[str, str]:
        actors = set(actors)
        keys = {
            int(actor[5:]): actor for actor in actors if actor.startswith("user:") and actor[5:].isdecimal()
        }
        people = User.objects.filter(pk__in=keys).values_list(
            "pk", "o2o_staff__employee_no", "o2o_staff__name", "is_staff", "last_name", "first_name"
        )
        found = {
            keys[user]: f"{number} {name}" if number else _outside(user, is_staff, f"{last}{first}")
            for user, number, name, is_staff, last, first in people
        }
        # the unit that a line belongs to is the last of its path, wherever it stands now
        last = {path: keys_of(path)[-1] for path in paths if keys_of(path)}
        units = dict(OrgUnit.objects.filter(pk__in=last.values()).values_list("pk", "name"))
        others = {actor: _other(actor) for actor in actors if actor not in found}
        return found | others | {path: units[key] for path, key in last.items() if key in units}

    def actors(self, word: str) -> list[str]:
        people = User.objects.filter(
            Q(email__iexact=word) | Q(o2o_staff__employee_no=word) | Q(o2o_staff__name=word)
        )
        return [f"user:{key}" for key in people.order_by("pk").values_list("pk", flat=True)[:20]]

    def paths(self, word: str) -> list[str]:
        return list(OrgUnit.objects.filter(Q(code=word) | Q(name=word)).values_list("path", flat=True))

    def subjects(self, word: str) -> list[tuple[str, str]]:
        people = Staff.objects.filter(Q(employee_no=word) | Q(name=word)).order_by("pk")
        keys = list(people.values_list("pk", flat=True)[:20])
        # what a person was given is told of the grant, not of the person
        grants = RoleGrant.objects.filter(staff_id__in=keys).order_by("-pk").values_list("pk", flat=True)
        return [
            *((Staff._meta.label_lower, str(key)) for key in keys),
            *((RoleGrant._meta.label_lower, str(key)) for key in (grants[:GRANTS] if keys else ())),
        ]


def _outside(user: int, is_staff: bool, name: str) -> str:
    """Who is none of the organisation's people: a shopper, by a masked name as on every other page."""
    if is_staff:
        return name or _("用户 %(key)s") % {"key": user}
    return _("客户 %(name)s") % {"name": mask_name(name) or user}


def _other(actor: str) -> str:
    """What did it that is nobody of the staff."""
    if actor.startswith(("task:", "event:", "command:")):
        return _("系统任务")
    if actor.startswith("user:"):
        return _("用户 %(key)s") % {"key": actor[5:]}
    return {"system": _("系统"), "anonymous": _("未登录")}.get(actor, actor)
