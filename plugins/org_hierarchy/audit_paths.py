"""Where an audit line belongs: to the unit of the row it is about, else to the unit of whoever did it."""

from __future__ import annotations

from django.db.models import Model

from .access.registry import rule_of
from .models import OrgUnit, Staff


def path_of_line(actor: str, subject: Model | None) -> str | None:
    """The materialised path that an audit line is scoped by; None outside the organisation. Two statements at most."""
    if subject is not None:
        path = _path_of_row(subject)
        if path is not None:
            return path
    kind, _colon, key = actor.partition(":")
    if kind != "user" or not key.isdecimal():
        return None
    return Staff.objects.filter(user_id=int(key)).values_list("unit__path", flat=True).first()


def _path_of_row(subject: Model) -> str | None:
    if isinstance(subject, OrgUnit):
        return subject.path
    rule = rule_of(type(subject))
    if rule is None or not rule.unit or rule.unit == "self" or subject.pk is None:
        return None
    found: str | None = (
        type(subject)
        ._default_manager.filter(pk=subject.pk)
        .values_list(f"{rule.unit}__path", flat=True)
        .first()
    )
    return found
