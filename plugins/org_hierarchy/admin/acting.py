"""Pages on which something is done with a person, a role or a grant: the facts, what to know, the form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for, rows_for

from ..access.grants import access_of
from .unit_forms import ActingForm
from .unit_pages import page

Facts = Sequence[tuple[Any, Any]]


class DoForm(ActingForm, forms.Form):
    """A form about one row: `row` is what it is done with; choices are filled in `choices`."""

    #: The field of a unit that begins with the person's own, unless that is the city centre.
    at_home: ClassVar[str] = ""

    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)
        for name, rows in self.choices().items():
            self.fields[name].queryset = rows_for(self.by, rows)  # type: ignore[attr-defined]
        mine = access_of(self.by).staff if self.at_home and not self.is_bound else None
        if mine is not None and mine.unit.parent_id is not None:
            self.fields[self.at_home].initial = mine.unit_id

    def choices(self) -> dict[str, QuerySet[Any]]:
        """What the fields of choice offer, before the scope."""
        return {}


def pick(
    label: Any, field: Any = None, *, required: bool = True, hint: Any = "", none: Any = ""
) -> forms.ModelChoiceField[Any]:
    """A choice among rows; with a foreign key `field` a search field, whose page does the searching."""
    widget = (
        AutocompleteSelect(field, admin.site, attrs={"style": "width: 100%"})
        if field is not None
        else UnfoldAdminSelectWidget
    )
    model = field.remote_field.model if field is not None else None
    queryset: Any = model._default_manager.none() if model is not None else None
    return forms.ModelChoiceField(
        queryset,
        label=label,
        required=required,
        help_text=hint,
        widget=widget,
        empty_label=none or "---------",
        error_messages={"invalid_choice": _("没有这条记录，或不在您的管辖范围内")},
    )


def words(label: Any, *, required: bool = False, hint: Any = "", most: int = 200) -> forms.CharField:
    """A few lines of text."""
    return forms.CharField(
        label=label,
        required=required,
        help_text=hint,
        max_length=most,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def row_or_404(request: HttpRequest, rows: QuerySet[Any] | type[Model], pk: Any, permission: str = "") -> Any:
    """A row in reach. Raises Http404 out of scope, PermissionDenied where the person may look only."""
    try:
        row = get_row(request.user, rows, pk=pk)
    except OutOfScope:
        raise Http404 from None
    if permission and not policy_for(type(row)).may(request.user, permission, row):
        raise PermissionDenied
    return row


def act(
    model_admin: Any,
    request: HttpRequest,
    row: Any,
    form_class: type[DoForm],
    *,
    title: Any,
    facts: Facts,
    button: Any,
    back: str,
    note: Any = "",
    done: Callable[[Any], Any] | Any = None,
    links: Sequence[tuple[Any, str]] = (),
    onward: Callable[[Any], str] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show the form; do it; a refusal keeps what was typed. `links` are where else one may have to go, with words."""
    bound = type("Bound", (form_class,), {"by": request.user})
    form: Any = bound(row, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, str(done(form.done) if callable(done) else done or title))
        return HttpResponseRedirect(onward(form.done) if onward else back)
    return page(
        model_admin, request, "do.html", title,
        form=form, facts=facts, note=note, button=button, back=back, links=links,
        media=model_admin.media + form.media, **context,
    )  # fmt: skip


def wrapped(model_admin: Any, address: str, view: Callable[..., Any], name: str) -> Any:
    """A page of ours below a model's address, behind the login."""

    def call(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return view(model_admin, request, *args, **kwargs)

    return path(address, model_admin.admin_site.admin_view(call), name=model_admin._page(name))
