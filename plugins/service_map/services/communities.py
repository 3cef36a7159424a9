"""The dictionary of communities: written by branches, searched by everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

from plugins.org_hierarchy.interfaces import Datum, OrgUnit, UnitStatus
from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.clock import now

from ..errors import MapError, MapErrorCode
from ..kinds import MIRRORED, RowState
from ..lookup import remember
from ..models import Community, GeocodeRow, Place
from ..serving import serve_at
from .rights import Actor, name_of, require_at, require_on
from .texts import names_of, tidy

CREATED = action("service_map.community.created", _("新建小区"))
EDITED = action("service_map.community.edited", _("修改小区"))

#: Results of one search at most.
MOST = 20
_STORED = ("name", "aliases", "unit", "unit_fixed", "address", "households", "is_active", "lng", "lat")


def search_text(name: str, aliases: list[str]) -> str:
    """What a search looks into: names, their pinyin, and its initials; a blank between any two."""
    words: list[str] = []
    for one in (name, *aliases):
        words += [
            one.lower(),
            "".join(lazy_pinyin(one, errors="default")).lower(),
            "".join(lazy_pinyin(one, style=Style.FIRST_LETTER, errors="default")).lower(),
        ]
    return f" {' '.join(dict.fromkeys(words))} "


def search(rows: QuerySet[Community], text: str) -> QuerySet[Community]:
    """Active communities whose name, alias, pinyin or initials hold the text; names that begin with it come first."""
    asked = "".join(text.split()).lower()[:40]
    if not asked:
        return rows.none()
    found = rows.filter(is_active=True, search_text__contains=asked).select_related("unit")
    return found.extra(  # the standard expressions cannot order by a condition on a parameter in one short line
        select={"begins": "position(%s in search_text) > 0"}, select_params=[f" {asked}"],
        order_by=["-begins", "name", "pk"],
    )  # fmt: skip


def write_community(
    values: Mapping[str, Any], *, community: Community | None = None, by: Actor = None
) -> Community:
    """Make or change a community. `unit` empty: the branch that serves its position.

    Raises OutOfScope, NotAllowed, OrgError(POSITION_INVALID), MapError REQUIRED, INVALID, NAME_TAKEN, NOT_SERVED.
    """
    row = community or Community()
    before = snapshot(row, _STORED) if community is not None else {}
    row.name = tidy(values["name"], "name", 80, required=True)
    if len(row.name) < 2:
        raise MapError(MapErrorCode.INVALID, _("小区名称至少两个字"), field="name")
    row.aliases = names_of(values.get("aliases"))
    row.address = tidy(values.get("address"), "address", 200)
    row.households = values.get("households")
    row.is_active = bool(values.get("is_active", True))
    row.search_text = search_text(row.name, row.aliases)
    row.put_at(values["lng"], values["lat"], values.get("datum") or Datum.GCJ02)
    chosen: OrgUnit | None = values.get("unit")
    row.unit_fixed = chosen is not None
    row.unit = chosen or _serving(row)
    row.region_code = row.unit.region_code
    row.updated_at = now()
    with transaction.atomic():
        if community is not None:
            require_on(by, "map.edit", community)
        require_at(by, "map.edit" if community is not None else "map.create", row.unit, Community)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise MapError(
                MapErrorCode.NAME_TAKEN,
                _("本区县已有同名小区"),
                field="name",
                hint=_("可在名称里加上街道或期数"),
            ) from None
        if community is not None:
            remember_addresses(row)
        record(
            EDITED if community is not None else CREATED, row, before=before, after=snapshot(row, _STORED),
            actor=name_of(by), org_path=row.unit.path,
        )  # fmt: skip
    return row


def remember_addresses(community: Community) -> None:
    """Addresses that a person placed as this community stand where it stands now."""
    by_hand = GeocodeRow.objects.filter(community=community, state=RowState.CORRECTED)
    for address, district in by_hand.values_list("address", "district"):
        remember(address, district, (community.lng, community.lat), community.region_code)


def _serving(row: Community) -> OrgUnit:
    served = serve_at(row.lng, row.lat)
    if served is None:
        raise MapError(
            MapErrorCode.NOT_SERVED,
            _("这个位置不在任何支局的服务范围内"),
            field="unit",
            hint=_("请指定服务机构"),
        )
    return served.unit


def follow_merge(closed: int, successor: int) -> int:
    """The successor serves the communities of a unit that ended, and looks after its places; answers how many went.

    Their district stays what it is, for addresses are written with it. The unit's own place is its mirror and stays.
    """
    went = Community.objects.filter(unit=closed).update(unit=successor, updated_at=now())
    places = Place.objects.filter(unit=closed).exclude(kind__in=MIRRORED)
    return went + places.update(unit=successor, updated_at=now())


def reassign_communities(unit: OrgUnit) -> int:
    """Find the serving branch anew for communities in a unit's area or of its own; answers how many changed.

    For after a change of areas, or the end of the unit: then also for those that were given to it by hand. One question
    per community: run it in a task.
    """
    from ..models import ServiceArea

    rows = Community.objects.filter(unit=unit)
    if unit.status == UnitStatus.CLOSED:
        rows.update(unit_fixed=False)
    rows = rows.filter(unit_fixed=False)
    area = ServiceArea.objects.filter(pk=unit.pk).first()
    if area is not None:
        inside = Community.objects.filter(
            unit_fixed=False, lng__range=(area.west, area.east), lat__range=(area.south, area.north)
        )
        rows = rows | inside
    changed = 0
    for row in rows.select_related("unit").order_by("pk"):
        served = serve_at(row.lng, row.lat)
        if served is not None and served.unit.pk != row.unit_id:
            Community.objects.filter(pk=row.pk).update(
                unit=served.unit, region_code=served.unit.region_code, updated_at=now()
            )
            changed += 1
    return changed
