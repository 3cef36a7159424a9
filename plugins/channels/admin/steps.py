"""A small page for each thing that can be done with a row: a form, the service behind it, and what it said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.columns import at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import DomainError, Text
from saleor_o2o.kernel.request import actor_label, bind_request
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for
from saleor_o2o.kernel.states import history

Run = Callable[[HttpRequest, Any, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `shown` says whether the row is at a point where it can be done; `note` explains it;
    `initial` is what the form begins with."""

    name: str
    label: Text
    permission: str
    form: type[forms.Form]
    run: Run
    shown: Callable[[Any], bool] = lambda row: True
    note: Text = ""
    initial: Callable[[Any], dict[str, Any]] = lambda row: {}


class StepPages:
    """Mixin of a ScopedAdmin: the addresses `<pk>/do/<step>/` and the buttons that lead there."""

    steps: tuple[Step, ...] = ()
    model: Any
    admin_site: Any
    opts: Any

    def step_urls(self) -> list[Any]:
        """One address for all steps."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        return [path("<int:pk>/do/<slug:name>/", self.admin_site.admin_view(self.step_view), name=name)]

    def buttons(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """The steps this person may take with the row now."""
        may = policy_for(self.model).may
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_do"
        return [
            {"label": step.label, "href": reverse(name, args=[row.pk, step.name])}
            for step in self.steps
            if step.shown(row) and may(request.user, step.permission, row)
        ]

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Show the form; a POST does it. A row out of scope is not there."""
        step = next((one for one in self.steps if one.name == name), None)
        if step is None:
            raise Http404
        user: Any = request.user
        try:
            row = get_row(user, self.model, pk=pk)
        except OutOfScope as error:
            raise Http404 from error
        if not policy_for(self.model).may(user, step.permission, row):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        form = step.form(request.POST or None, request.FILES or None, initial=step.initial(row))
        if request.method == "POST" and form.is_valid():
            try:
                with bind_request(actor=actor_label(user)):
                    said = step.run(request, row, form.cleaned_data)
            except DomainError as error:
                field = error.field if error.field in form.fields else None
                form.add_error(field, f"{error.message}。{error.hint or ''}")
            else:
                messages.success(request, said if isinstance(said, str) else f"{step.label}：已完成")
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{step.label} · {row}",
            "form": form,
            "o2o_note": step.note,
            "o2o_back": back,
        }
        return TemplateResponse(request, "o2o_channels/step.html", context)


def moves_of(row: Any, names: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """A row's way through its states, with people by name: two statements."""
    moves = list(history(row))
    book = audit.directory()
    people = {"system": str(_("系统"))}
    if book is not None:
        people |= book.names({one.actor for one in moves}, ())
    return [
        (
            at(one.at),
            names.get(one.source, one.source),
            names.get(one.target, one.target),
            people.get(one.actor, one.actor),
            one.reason or "—",
        )
        for one in moves
    ]
