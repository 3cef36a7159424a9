"""Who did it, by name, on pages whose rows keep an actor's label (`user:7`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import directory


class NamesActors:
    """For a model's admin, before the base class: the column `c_actor`. One statement for all rows of a page."""

    #: The field with the actor's label.
    actor_field = "actor"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)  # type: ignore[misc]
        self._name_actors(shown.result_list)
        return shown

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found is not None:
            self._name_actors([found])
        return found

    @admin.display(description=_("操作者"))
    def c_actor(self, row: Any) -> str:
        return str(row.o2o_actor)

    def _name_actors(self, rows: Iterable[Any]) -> None:
        name_actors(list(rows), self.actor_field)


def name_actors(rows: Sequence[Any], field: str) -> None:
    """Put the name of whoever a field's label means to each row (`o2o_actor`). One statement for all."""
    names = names_of(getattr(row, field) for row in rows)
    for row in rows:
        label = getattr(row, field)
        row.o2o_actor = names.get(label, label) or "—"


def names_of(labels: Iterable[str]) -> dict[str, str]:
    """What people call actors, by label; one statement for all of them."""
    known, asked = directory(), {label for label in labels if label}
    return {"system": str(_("系统")), **(known.names(asked, ()) if known is not None and asked else {})}


def name_all(entries: Any) -> None:
    """Put names to actors and units (`o2o_who`, `o2o_where`), for all lines of a page together."""
    listed = list(entries)
    known = directory()
    paths = {one.org_path for one in listed if one.org_path}
    names = known.names({one.actor for one in listed}, paths) if known is not None and listed else {}
    for one in listed:
        one.o2o_who = names.get(one.actor, one.actor)
        one.o2o_where = names.get(one.org_path, one.org_path or "—")
