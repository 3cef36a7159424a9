"""Who the customer of a business is: found by what the core system knows of him, kept as indexes alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plugins.members.interfaces import (
    IdentityKind,
    Member,
    MemberError,
    MemberIdentity,
    masked_value,
    unified,
)

from .errors import PostalError, PostalErrorCode
from .models import PostalBusiness

#: By what a customer may be known, the surest first: of several members the first found counts.
KINDS = (IdentityKind.ID_NUMBER, IdentityKind.CARD, IdentityKind.MOBILE)
#: The column of each kind's index.
COLUMNS = {kind: f"{kind.value}_index" for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Who:
    """Blind indexes by kind, and a text that may be shown."""

    indexes: Mapping[IdentityKind, str]
    clue: str

    def columns(self) -> dict[str, str]:
        """The indexes as columns of a business."""
        return {COLUMNS[kind]: self.indexes.get(kind, "") for kind in KINDS}


def read(told: Mapping[str, str]) -> Who:
    """From `mobile`, `id_number`, `card`, some of them empty. Raises PostalError INVALID with the field at fault."""
    found = {}
    clues = []
    for kind in KINDS:
        text = told.get(kind.value, "").strip()
        if not text:
            continue
        try:
            value = unified(kind, text)
        except MemberError as error:
            raise PostalError(PostalErrorCode.INVALID, error.message, kind.value, error.hint) from None
        found[kind] = value.index
        clues.append(masked_value(kind, value.text))
    return Who(found, " ".join(clues[:2]))


def members_of(everybody: list[Mapping[IdentityKind, str]]) -> list[Member | None]:
    """Of each customer the member, in one statement for all; none where nobody is known."""
    wanted = {index for one in everybody for index in one.values()}
    rows = MemberIdentity.objects.filter(
        kind__in=KINDS, value_index__in=wanted, released_at__isnull=True
    ).select_related("member__user")
    by_key = {(row.kind, row.value_index): row.member for row in rows} if wanted else {}
    found: list[Member | None] = []
    for one in everybody:
        hits = [by_key[kind, one[kind]] for kind in KINDS if kind in one and (kind, one[kind]) in by_key]
        found.append(hits[0] if hits else None)
    return found


def indexes_of(row: PostalBusiness) -> dict[IdentityKind, str]:
    """What a business keeps of its customer."""
    return {kind: value for kind in KINDS if (value := getattr(row, COLUMNS[kind]))}
