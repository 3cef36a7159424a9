"""Two entries for one community become one."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import distance_m
from saleor_o2o.kernel.audit import action, record, snapshot
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope

from ..errors import MapError, MapErrorCode
from ..models import Community, GeocodeRow, PinCorrection
from .communities import search_text
from .rights import Actor, name_of, require_on
from .texts import names_of

MERGED = action("service_map.community.merged", _("合并小区"))

#: Metres within which two entries may be one community, and the degrees that surely hold them.
NEAR_M, _NEAR = 1500, 0.02
_STORED = ("name", "aliases", "unit", "households", "is_active")


def candidates(rows: QuerySet[Community], community: Community) -> list[tuple[Community, float]]:
    """Active entries that may be the same community: near it, or known by one of its names; nearest first."""
    names = [community.name, *community.aliases]
    near = Q(
        lng__range=(community.lng - _NEAR, community.lng + _NEAR),
        lat__range=(community.lat - _NEAR, community.lat + _NEAR),
    )
    found = rows.filter(is_active=True).filter(near | Q(name__in=names) | Q(aliases__overlap=names))
    measured = [
        (one, distance_m(community.lng, community.lat, one.lng, one.lat))
        for one in found.exclude(pk=community.pk).select_related("unit")[:200]
    ]
    return sorted((pair for pair in measured if pair[1] <= NEAR_M or set(names) & {pair[0].name, *pair[0].aliases}),
                  key=lambda pair: pair[1])[:30]  # fmt: skip


def merge_communities(kept: Community, other: Community, *, by: Actor = None) -> Community:
    """Make `other` a part of `kept`: its names become aliases, its corrections and batch rows follow.

    The other one is switched off. The kept one's position, branch and address stay. Locks both, in key order.

    Raises OutOfScope, NotAllowed, MapError
    INVALID (the same one, already switched off, too many aliases).
    """
    with transaction.atomic():
        rows = {row.pk: row for row in lock_rows(Community.objects.filter(pk__in=[kept.pk, other.pk]))}
        if len(rows) < 2:
            if kept.pk == other.pk:
                raise MapError(MapErrorCode.INVALID, _("不能与自己合并"), field="other")
            raise OutOfScope
        row, gone = rows[kept.pk], rows[other.pk]
        for one in (row, gone):
            require_on(by, "map.edit", one)
            if not one.is_active:
                raise MapError(
                    MapErrorCode.INVALID, _("“%(name)s”已停用") % {"name": one.name}, field="other",
                    hint=_("可能刚刚已被合并，请刷新后再看"),
                )  # fmt: skip
        before = [snapshot(one, _STORED) for one in (row, gone)]
        row.aliases = names_of(
            [name for name in (*row.aliases, gone.name, *gone.aliases) if name != row.name]
        )
        row.households = row.households or gone.households
        row.search_text = search_text(row.name, row.aliases)
        gone.is_active = False
        row.updated_at = gone.updated_at = now()
        row.save(update_fields=["aliases", "households", "search_text", "updated_at"])
        gone.save(update_fields=["is_active", "updated_at"])
        PinCorrection.objects.filter(community=gone).update(community=row)
        GeocodeRow.objects.filter(community=gone).update(community=row)
        for one, was in zip((row, gone), before, strict=True):
            after = {**snapshot(one, _STORED), "merged_into": row.name}
            record(MERGED, one, before=was, after=after, actor=name_of(by), org_path=one.unit.path)
    return row
