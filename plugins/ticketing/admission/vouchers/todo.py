"""What waits for somebody on the home page: conflicts of gates that were without a network, gates that are away."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.scope import rows_for

from ..models import ScanConflict
from .access import RESOLVE
from .choices import ConflictState

#: Shown at most.
MOST = 20


def todo(user: Any) -> list[Todo]:
    """The oldest conflicts that this user may resolve."""
    if not user.has_perm(RESOLVE):
        return []
    rows = rows_for(user, ScanConflict, RESOLVE).filter(state=ConflictState.OPEN).order_by("pk")[:MOST]
    return [
        Todo(
            _("检票冲突：%(kind)s") % {"kind": row.get_kind_display()},
            row.words,
            reverse("admin:o2o_admission_scanconflict_change", args=[row.pk]),
            row.made_at,
        )
        for row in rows
    ]
