"""检票记录 and 验票: the page for a phone's camera, typed codes and scanners; taking a redemption back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.built import built_script
from saleor_o2o.backoffice.columns import badge, column, link_to, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.labels import yuan
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed

from ...models import Redemption, Scan
from ..access import EXPORT, REDEEM, REVERSE
from ..choices import Answer, Direction
from ..posts import gates_of, post_of
from ..scanning import Asked
from ..services.redeeming import look, redeem
from ..services.reversing import WITHIN, in_by
from ..services.reversing import reverse as take_back

ANSWER = dict(Answer.choices)


@admin.register(Scan)
class ScanAdmin(ActingAdmin):
    """Scans at the gates in reach, and of the products in reach."""

    begins = ((_("验票"), "qr_code_scanner", "verify", REDEEM),)
    list_display = (
        "c_at", "c_answer", "c_title", "c_where", "c_way", "c_direction", "people", "admitted", "c_by", "c_offline",
    )  # fmt: skip
    list_display_links = ("c_at",)
    list_select_related = ("voucher", "gate__spot", "gate__venue", "unit", "operator", "device")
    list_filter = (
        ("answer", ChoicesDropdownFilter), ("direction", ChoicesDropdownFilter), "offline",
        ("at", titled(RangeDateFilter, "时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("voucher__number", "gate__code", "device__code")
    search_help_text = _("凭证号、检票口代码、设备号")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "c_at", "c_answer", "c_voucher", "c_title", "c_where", "c_unit", "c_way", "c_direction", "people",
                "admitted", "c_device", "c_by", "c_offline", "c_device_at", "c_made",
            ),
        ),
    )  # fmt: skip
    export = Export(
        "检票记录", EXPORT,
        (
            Cell("时间", "at"), Cell("结果", lambda row: row.get_answer_display()), Cell("凭证号", "voucher__number"),
            Cell("内容", "voucher__title"), Cell("检票口", "gate__name"), Cell("机构", "unit__name"),
            Cell("人数", "people"), Cell("放行", "admitted"), Cell("脱机", "offline"),
        ),
        related=("voucher", "gate", "unit"),
    )  # fmt: skip

    c_at = moment("at", "时间")
    c_made = moment("made_at", "登记时间")
    c_device_at = moment("device_at", "设备时间")
    c_title = column("voucher__title", "内容", order=None)
    c_voucher = link_to("voucher", "凭证", "o2o_admission_voucher")
    c_unit = column("unit__name", "检票机构", order="unit__path")
    c_device = column("device__name", "设备", order=None)
    c_offline = column("offline", "脱机", lambda yes: _("是") if yes else "")

    @admin.display(description=_("结果"), ordering="answer")
    def c_answer(self, row: Scan) -> Any:
        return badge(row.answer, ANSWER)

    @admin.display(description=_("地点"))
    def c_where(self, row: Scan) -> str:
        return where_of(row)

    @admin.display(description=_("方式"))
    def c_way(self, row: Scan) -> str:
        return str(row.get_way_display())

    @admin.display(description=_("方向"))
    def c_direction(self, row: Scan) -> str:
        return str(row.get_direction_display())

    @admin.display(description=_("经办"))
    def c_by(self, row: Scan) -> str:
        return row.operator.first_name if row.operator is not None else str(row.device or "—")

    def tables(self, request: HttpRequest, obj: Scan) -> Sequence[Table]:
        rows = Redemption.objects.filter(scan=obj).select_related("ticket", "operator").order_by("pk")
        told = [
            (
                one.ticket.number,
                one.get_kind_display(),
                one.quantity,
                yuan(one.cost),
                yuan(one.revenue),
                one.reason or "—",
            )
            for one in rows
        ]
        return [Table(str(_("核销明细")), ("票号", "类别", "人次", "结算", "收入", "事由"), told)]

    def doors(self, request: HttpRequest, obj: Scan) -> Sequence[Mapping[str, Any]]:
        good = obj.answer == Answer.PASSED and obj.direction != Direction.OUT
        own = obj.operator_id == request.user.pk  # somebody else takes it back
        if not good or own or not self.may(request, REVERSE, obj) or not in_by(obj.pk):
            return []
        return [door(_("撤销核销"), "undo", self.address("reverse", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [
            self.own("verify/", self.verify_view, "verify"),
            self.own("verify/ask/", require_POST(self.ask_view), "verify_ask"),
            self.own("<int:pk>/reverse/", self.reverse_view, "reverse"),
            *super().get_urls(),
        ]

    def verify_view(self, request: HttpRequest) -> HttpResponse:
        """The page for a phone's camera; works with a scanner that types, and by hand."""
        user: Any = request.user
        if not user.has_perm(REDEEM):
            raise PermissionDenied
        context = {
            "title": _("验票"),
            "gates": [(gate.code, gate.words) for gate in gates_of(user)],
            "ask": reverse("admin:o2o_admission_scan_verify_ask"),
            "back": reverse("admin:o2o_admission_scan_changelist"),
            "reader": built_script("src/qrReader.ts"),
        }
        return TemplateResponse(request, "o2o_admission/verify.html", context)

    def ask_view(self, request: HttpRequest) -> JsonResponse:
        """One scan: {number, text, people?, phone?, document?, looked?, gate?, confirm}. A refusal is an answer."""
        try:
            told = json.loads(request.body[:8192])
            if not isinstance(told, dict):
                raise ValueError
            people = told.get("people")
            asked = Asked(
                number=_text(told, "number"), text=_text(told, "text"),
                people=people if isinstance(people, int) and not isinstance(people, bool) else None,
                phone=_text(told, "phone"), document=_text(told, "document"), looked=told.get("looked") is True,
            )  # fmt: skip
            post = post_of(request.user, _text(told, "gate"))
            said = redeem(post, asked) if told.get("confirm") is True else look(post, asked)
        except (ValueError, RecursionError):
            return JsonResponse({"error": _t("请求不正确，请刷新页面")}, status=400)
        except NotAllowed as error:
            return JsonResponse({"error": str(error)}, status=403)
        except DomainError as error:
            return JsonResponse({"error": error.message, "hint": error.hint or ""}, status=400)
        return JsonResponse({**said.to_json(), "label": str(said.answer.label), "where": post.words})

    def reverse_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It did not happen."""
        row: Scan = self.row(request, pk, REVERSE)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            count = take_back(request.user, pk, told["reason"])
            return str(_("已撤销 %(count)d 人") % {"count": count})

        facts = (
            (_("内容"), row.voucher.title if row.voucher is not None else "—"), (_("放行"), row.admitted),
            (_("地点"), where_of(row)),
        )  # fmt: skip
        note = _("只能撤销 %(minutes)d 分钟内由他人办理的核销。") % {"minutes": WITHIN.seconds // 60}
        return self.act(request, _("撤销核销"), form, do, self.page_of(pk), facts=facts, note=note)


def where_of(scan: Scan) -> str:
    """The gate with its place, or the unit whose counter it was."""
    return scan.gate.words if scan.gate is not None else str(scan.unit)


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise ValueError(name)
    return value.strip()
