"""Where a unit may stand in the tree."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ..errors import OrgError, OrgErrorCode
from ..levels import Level, UnitStatus
from ..models import OrgUnit


def direct_branches() -> bool:
    """True where a branch may stand directly below the city or an area (直属支局, setting O2O_ORG_DIRECT_BRANCHES)."""
    return bool(getattr(settings, "O2O_ORG_DIRECT_BRANCHES", False))


def levels_below(parent: OrgUnit) -> list[Level]:
    """The levels that a child of this unit may have, the usual one first; none below an outlet."""
    if parent.level >= Level.OUTLET:
        return []
    found = [Level(parent.level + 1)]
    if direct_branches() and parent.level < Level.COUNTY:
        found.append(Level.BRANCH)
    return found


def check_place(level: int, parent: OrgUnit, field: str = "parent") -> None:
    """Raise WRONG_LEVEL or PARENT_CLOSED unless a unit of this level may stand below the parent."""
    if parent.status == UnitStatus.CLOSED:
        raise OrgError(
            OrgErrorCode.PARENT_CLOSED,
            _("上级机构“%(name)s”已撤并，不能再有下级") % {"name": parent.name},
            field=field,
            hint=_("请选择并入后的机构或其他上级"),
        )
    if level not in levels_below(parent):
        raise _wrong(level, parent, field)


def _wrong(level: int, parent: OrgUnit, field: str) -> OrgError:
    allowed = levels_below(parent)
    if not allowed:
        return OrgError(OrgErrorCode.WRONG_LEVEL, _("网点下面不能再设机构"), field=field)
    named = Level(level).label if level in Level else level
    hint = _("%(parent)s的下级应是%(levels)s") % {
        "parent": Level(parent.level).label,
        "levels": "、".join(str(one.label) for one in allowed),
    }
    if level == Level.BRANCH and parent.level < Level.COUNTY:
        hint = _("直属支局没有启用；%(hint)s") % {"hint": hint}
    return OrgError(
        OrgErrorCode.WRONG_LEVEL,
        _("%(level)s不能设在%(parent)s“%(name)s”之下")
        % {"level": named, "parent": Level(parent.level).label, "name": parent.name},
        field=field,
        hint=hint,
    )
