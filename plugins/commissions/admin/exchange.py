"""Rules as Excel files: taking them out, a template, and putting them in with a look before anything is submitted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.errors import DomainError

from ..access import EDIT, EXPORT, IMPORT, VIEW
from ..calculating import EXAMPLES, effects
from ..choices import Rank
from ..engine.facts import Rule
from ..errors import UnsoundRules
from ..loading import rules_of
from ..models import CommissionPlan
from ..services import exchange
from ..services.changes import check, submit
from .forms import FileForm
from .pages import address, dimension_text, effect_rows, need, page, refused, row_or_404, summary_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTED = action("commissions.rules.exported", _("导出佣金规则"))
_SALT = "o2o_commissions.import"
#: How long a looked-at file may wait to be submitted, in seconds.
_PATIENCE = 3600


def _file(name: str, content: bytes) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _plan(request: HttpRequest, pk: int, permission: str) -> CommissionPlan:
    plan: CommissionPlan = row_or_404(request, CommissionPlan.objects.select_related("owner"), pk)
    need(request, permission, plan.owner)
    return plan


def download(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """The rules in force from today on."""
    plan = _plan(request, pk, EXPORT)
    rules = rules_of([plan], since=today())
    record(EXPORTED, plan, after={"rules": len(rules)}, org_path=plan.owner.path)
    return _file(f"佣金规则-{plan.code}-{today():%Y%m%d}.xlsx", exchange.write(rules))


def template(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """An empty file with the right columns."""
    need(request, VIEW)
    return _file("佣金规则模板.xlsx", exchange.write([]))


def upload(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a file row by row; only a file without an error can be submitted, as one change."""
    plan = _plan(request, pk, IMPORT)
    need(request, EDIT, plan.owner)
    if "looked" in request.POST:
        return _submit(request, plan)
    form = FileForm(request.POST or None, request.FILES or None)
    rows: list[exchange.Row] = []
    shown: list[Any] = []
    looked = ""
    if request.method == "POST" and form.is_valid():
        try:
            rows = exchange.read(plan, form.cleaned_data["file"])
            rules = [row.rule for row in rows if row.rule is not None and not row.problems]
            if len(rules) == len(rows):
                check(plan, rules)
                shown = effects(plan, rules, EXAMPLES[1:2])
                kept = {
                    "plan": plan.pk, "user": request.user.pk, "reason": form.cleaned_data["reason"],
                    "rules": [rule.to_json() for rule in rules],
                }  # fmt: skip
                looked = signing.dumps(kept, salt=_SALT, compress=True)
        except UnsoundRules as error:
            for problem in error.problems:
                form.refuse(problem)
        except DomainError as error:
            form.refuse(error)
    lines = [(row, summary_of(row.rule) if row.rule else "", dimension_text(row.rule) if row.rule else row.title)
             for row in rows]  # fmt: skip
    return page(
        model_admin, request, "import.html", f"{_('导入规则')}：{plan.name}", form=form, plan=plan, lines=lines,
        wrong=sum(bool(row.problems) for row in rows), effects=effect_rows(shown), looked=looked,
        ranks=[rank.label for rank in Rank], template_url=address("import_template"),
        back=address("commissionplan_change", plan.pk), media=model_admin.media + form.media,
    )  # fmt: skip


def _submit(request: HttpRequest, plan: CommissionPlan) -> HttpResponse:
    """Submit what was looked at: exactly that, by whoever looked at it, within the hour."""
    back = address("plan_import", plan.pk)
    try:
        kept = signing.loads(request.POST["looked"], salt=_SALT, max_age=_PATIENCE)
    except signing.BadSignature:
        kept = {}
    if (kept.get("plan"), kept.get("user")) != (plan.pk, request.user.pk):
        messages.error(request, _("预览已失效，请重新上传文件"))
        return HttpResponseRedirect(back)
    try:
        change = submit(request.user, plan, [Rule.from_json(rule) for rule in kept["rules"]], kept["reason"])
    except DomainError as error:
        refused(request, error)
        return HttpResponseRedirect(back)
    messages.success(request, _("已提交，等待另一位有复核权限的人员确认"))
    return HttpResponseRedirect(address("ratechange_change", change.pk))
