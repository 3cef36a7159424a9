"""检票记录 and the gate's page: a code by scanner or camera, a document, a number; one answer in large letters."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.org_hierarchy.interfaces import desk_of
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.masking import mask_id_number, mask_name
from saleor_o2o.kernel.scope import NotAllowed

from ..access import CHECK, EXPORT
from ..choices import GateAnswer
from ..models import GateCheck, Station
from ..selectors.places import beside, starts
from ..services.gate import Look, check_in
from .forms import GateForm
from .missing import MissedPage

ANSWER = dict(GateAnswer.choices)


@admin.register(GateCheck)
class GateCheckAdmin(MissedPage):
    """Looks at passengers, of the units in reach."""

    begins = ((_("检票"), "qr_code_scanner", "gate", CHECK),)
    list_display = ("c_at", "c_station", "c_answer", "c_trip", "c_ticket", "c_way", "c_unit", "c_by")
    list_display_links = ("c_at",)
    list_select_related = ("station", "ticket__ticket_order", "unit", "by")
    list_filter = (("answer", ChoicesDropdownFilter), "station", ("at", titled(RangeDateFilter, "时间")))
    list_filter_submit = True
    search_fields = ("ticket__number", "ticket__ticket_order__number")
    search_help_text = _("票号、票务订单号")
    ordering = ("-pk",)
    details = ((None, ("c_at", "c_station", "c_answer", "c_way", "c_trip", "c_ticket", "c_unit", "c_by")),)
    export = Export(
        _("检票记录"), EXPORT,
        (
            Cell(_("时间"), "at"), Cell(_("车站"), "station__name"), Cell(_("结果"), "get_answer_display"),
            Cell(_("方式"), "get_way_display"), Cell(_("票号"), "ticket__number"), Cell(_("机构"), "unit__name"),
        ),
        related=("station", "ticket", "unit"),
    )  # fmt: skip

    c_at = moment("at", "时间")
    c_station = column("station__name", "车站")
    c_trip = column("ticket__ticket_order__title", "行程", order=None)
    c_ticket = column("ticket__number", "票号", order=None)
    c_way = column("get_way_display", "方式", lambda show: show(), order="way")
    c_unit = column("unit__name", "机构", order="unit__path")
    c_by = column("by__first_name", "检票员", order=None)

    @admin.display(description=_("结果"), ordering="answer")
    def c_answer(self, row: GateCheck) -> Any:
        return badge(row.answer, ANSWER)

    def get_urls(self) -> list[Any]:
        return [self.own("gate/", self.gate_view, "gate"), *super().get_urls()]

    def gate_view(self, request: HttpRequest) -> HttpResponse:
        """The page stays open all day: the answer to the last one above, the field for the next one below."""
        user: Any = request.user
        if not user.has_perm(CHECK):
            raise PermissionDenied
        form = GateForm(
            request.POST or None, initial={"station": request.GET.get("station") or _beside(user)}
        )
        shown: dict[str, Any] | None = None
        if request.method == "POST" and form.is_valid():
            station: Station = form.cleaned_data["station"]
            try:
                shown = seen(check_in(user, station, form.cleaned_data["told"]))
            except NotAllowed:
                raise PermissionDenied from None
            except DomainError as error:
                form.add_error("told", error.in_words)
            if shown is not None:
                form = GateForm(initial={"station": station.pk})
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("汽车检票"), "form": form,
            "shown": shown,
        }  # fmt: skip
        return TemplateResponse(request, "o2o_coach/gate.html", context)


def _beside(user: Any) -> int | str:
    """The station next to whoever opens the page; "" where he has to say which."""
    try:
        unit = desk_of(user, CHECK)
    except NotAllowed:
        return ""
    found = beside(unit, starts())
    return found.pk if found is not None else ""


def seen(look: Look) -> dict[str, Any]:
    """What the gate's page says of one passenger."""
    ticket = look.ticket
    told: dict[str, Any] = {
        "good": look.answer == GateAnswer.PASSED, "answer": GateAnswer(look.answer).label, "facts": [],
    }  # fmt: skip
    if ticket is None:
        return told
    person, order = ticket.passenger, ticket.ticket_order
    told["facts"] = [
        (_("乘客"), f"{mask_name(person.name)} {mask_id_number(person.document_number)}" if person else "—"),
        (_("行程"), order.title), (_("座位"), ticket.seat or _("不对号")), (_("票类"), ticket.fare_name),
    ]  # fmt: skip
    proof = getattr(ticket, "coach_proof", None)
    if proof is not None:
        told["facts"].append((_("请核对"), f"{proof.get_proof_display()} {proof.certificate}".strip()))
    if look.answer == GateAnswer.ALREADY and ticket.used_at is not None:
        told["facts"].append((_("上次检票"), f"{ticket.used_at.astimezone(SHANGHAI):%H:%M:%S}"))
    return told
