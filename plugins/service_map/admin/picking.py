"""What pages with a position share: the map above the form, and the page that corrects a pin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.backoffice.admin.base import ScopedAdmin, Table
from saleor_o2o.backoffice.columns import at
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope, get_row, policy_for

from ..models import PinCorrection
from ..services.pins import correct_pin
from . import sketches


class PickingAdmin(ScopedAdmin):
    """Pages of rows with a position: forms with a map, and a page to correct the pin."""

    class Media:
        css = {"all": ("o2o_service_map/sketch.css",)}
        js = ("o2o_service_map/sketch.js",)

    change_form_before_template = "o2o_service_map/picker.html"
    #: How a correction names this kind of row.
    correction_of = ""

    def get_urls(self) -> list[Any]:
        own = [
            path("window/", self.admin_site.admin_view(sketches.window), name=self._page("window")),
            path("<path:object_id>/pin/", self.admin_site.admin_view(self.pin_view), name=self._page("pin")),
        ]
        return [*own, *super().get_urls()]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type("BoundForm", (made,), {"by": request.user})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id) if object_id else None
        shown = sketches.near(obj.lng, obj.lat) if obj is not None else sketches.start_for(request.user)
        context = {
            **(extra_context or {}),
            "o2o_sketch": shown,
            "o2o_sketch_url": reverse(f"admin:{self._page('window')}"),
        }
        response = super().changeform_view(request, object_id, form_url, context)
        if isinstance(response, TemplateResponse) and obj is not None:
            buttons = list(self.own_doors(request, obj))
            if self._may(request, "map.correct", obj):
                pin = reverse(f"admin:{self._page('pin')}", args=[obj.pk])
                buttons.insert(0, door(_("纠正位置"), "pin_drop", pin))
            response.context_data = {**(response.context_data or {}), "actions_detail": buttons}
        return response

    def own_doors(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """Buttons of this kind of row besides the correction of its pin."""
        return []

    def pin_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Drag the pin or type the numbers, say why; earlier corrections stand below."""
        try:
            row = get_row(request.user, self.model.objects.select_related("unit"), pk=object_id)
        except OutOfScope:
            raise Http404 from None
        if not policy_for(self.model).may(request.user, "map.correct", row):
            raise PermissionDenied
        back = reverse(f"admin:{self._page('change')}", args=[row.pk])
        form = {"lng": f"{row.lng:.6f}", "lat": f"{row.lat:.6f}", "datum": Datum.GCJ02.value, "reason": ""}
        form["seen"] = f"{row.lng!r},{row.lat!r}"
        error = None
        if request.method == "POST":
            form |= {name: request.POST.get(name, "") for name in form}
            try:
                made = correct_pin(
                    row, form["lng"], form["lat"], datum=form["datum"], reason=form["reason"], by=request.user,
                    seen=_seen(form["seen"]),
                )  # fmt: skip
            except DomainError as refused:
                error = refused
            else:
                messages.success(request, _("已移动 %(metres)d 米") % {"metres": round(made.metres)})
                return HttpResponseRedirect(back)
        shown = {**sketches.near(row.lng, row.lat, 0.008), "old": [row.lng, row.lat]}
        context = {
            **self.admin_site.each_context(request), "opts": self.opts,
            "title": _("纠正位置：%(name)s") % {"name": row.name},
            "form": form, "error": error, "datums": Datum.choices, "ask_reason": True, "button": _("保存位置"),
            "back": back, "o2o_sketch": shown, "o2o_sketch_url": reverse(f"admin:{self._page('window')}"),
            "story": _("灰圈是现在的位置。点击地图或拖动图钉，再写明原因；纠正会记入审计。"),
            "tables": [self._history(row)],
        }  # fmt: skip
        return TemplateResponse(request, "o2o_service_map/correct.html", context)

    def _history(self, row: Any) -> Table:
        made = PinCorrection.objects.filter(**{self.correction_of: row})[:20]
        return Table(
            str(_("以往的纠正")),
            [str(_("时间")), str(_("移动")), str(_("原因")), str(_("操作者"))],
            [[at(one.made_at), f"{one.metres:.0f} 米", one.reason, one.actor] for one in made],
        )


def _seen(text: str) -> tuple[float, float] | None:
    lng, _comma, lat = text.partition(",")
    try:
        return float(lng), float(lat)
    except ValueError:
        return None
