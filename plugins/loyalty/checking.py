"""Whether the purses agree with the ledger, asked by the health page; cheap, for it looks at the newest lines only."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from .kinds import Side
from .models import Line, Purse

#: Purses looked at in one go: those that moved last.
LOOKED_AT = 200


def purses_add_up() -> None:
    """Raise RuntimeError where a purse that moved lately is not what its newest line says. Two statements."""
    lines = Line.objects.filter(side=Side.MEMBER).order_by("-pk")
    recent = list(lines.values_list("purse_id", flat=True)[:LOOKED_AT])
    newest = lines.filter(purse=OuterRef("pk")).values("balance_after")[:1]
    rows = Purse.objects.filter(pk__in=recent).annotate(told=Subquery(newest)).order_by()
    wrong = [row.pk for row in rows if row.told != row.balance]
    if wrong:
        raise RuntimeError(f"purses differ from their ledger: {wrong[:5]}")
