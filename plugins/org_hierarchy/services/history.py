"""What is written beside every change of a unit: its version, and the audit line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from saleor_o2o.kernel.audit import Action, record, snapshot
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.redaction import redact

from ..models import OrgUnit, UnitVersion

#: Columns that say nothing about the unit itself.
_BOOKKEEPING = ("id", "revision", "created_at")


def picture(unit: OrgUnit) -> dict[str, Any]:
    """A unit's values, to be compared with what they are later."""
    return {name: value for name, value in snapshot(unit).items() if name not in _BOOKKEEPING}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What changed, as plain JSON with personal data hidden: `{"before": {…}, "after": {…}}`."""
    changed = [name for name in after if before.get(name) != after[name]]
    sides = {
        "before": {name: before[name] for name in changed if name in before},
        "after": {name: after[name] for name in changed},
    }
    plain: dict[str, Any] = json.loads(json.dumps(redact(sides), cls=DjangoJSONEncoder))
    return plain


def write_version(
    unit: OrgUnit,
    before: Mapping[str, Any],
    actor: str,
    reason: str = "",
    moment: datetime | None = None,
) -> UnitVersion:
    """End the current version and write the next one; the unit is saved, locked, and has its new revision."""
    at = moment or now()
    UnitVersion.objects.filter(unit=unit, valid_to__isnull=True).update(valid_to=at)
    return UnitVersion.objects.create(
        unit=unit,
        revision=unit.revision,
        valid_from=at,
        parent_id=unit.parent_id,
        path=unit.path,
        code=unit.code,
        name=unit.name,
        status=unit.status,
        changed=difference(before, picture(unit)),
        reason=reason[:200],
        actor=actor,
    )


def audit(action: Action, unit: OrgUnit, before: Mapping[str, Any], actor: str, reason: str = "") -> None:
    """Write the audit line of a change."""
    after = picture(unit)
    record(
        action,
        unit,
        before=before,
        after={**after, "reason": reason} if reason else after,
        actor=actor,
        org_path=unit.path,
    )


def write_versions_below(old_path: str, unit: OrgUnit, actor: str, reason: str, moment: datetime) -> None:
    """Write the versions of a whole subtree that was moved from `old_path` to the unit's path: two statements."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [moment, _below(unit.path)])
        cursor.execute(
            _BEGIN,
            {
                "moment": moment,
                "old": old_path,
                "rest": len(unit.path) + 1,
                "below": _below(unit.path),
                "reason": reason[:200],
                "actor": actor,
            },
        )


def _below(path: str) -> str:
    return f"{path}%"  # a path has digits and slashes only


_END = """
    UPDATE o2o_org_hierarchy_unitversion SET valid_to = %s
    WHERE valid_to IS NULL
      AND unit_id IN (SELECT id FROM o2o_org_hierarchy_orgunit WHERE path LIKE %s)
"""
_BEGIN = """
    INSERT INTO o2o_org_hierarchy_unitversion
        (unit_id, revision, valid_from, parent_id, path, code, name, status, changed, reason, actor)
    SELECT id, revision, %(moment)s, parent_id, path, code, name, status,
           jsonb_build_object(
               'before', jsonb_build_object('path', %(old)s::text || substr(path, %(rest)s)),
               'after', jsonb_build_object('path', path)
           ),
           %(reason)s, %(actor)s
    FROM o2o_org_hierarchy_orgunit WHERE path LIKE %(below)s
"""
