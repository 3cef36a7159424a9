"""Codes with a scene: made at WeChat by a task, drawn here, ended."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import segno
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from plugins.channels.interfaces import Channel
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import short_code
from saleor_o2o.kernel.sweeping import drive_each

from .. import audits
from ..client import call
from ..errors import Code, OfficialAccountError, WechatRefused, WechatSilent
from ..models import Account, SceneCode, SceneState
from ..permissions import CODE_MAKE, require_at

#: What WeChat allows: permanent codes of one account, days of a temporary one.
MOST_PERMANENT, MOST_DAYS = 100_000, 30
MAX_WELCOME = 300


def account_for(unit: OrgUnit) -> Account | None:
    """The account that speaks for a unit: its own, else the nearest above it."""
    accounts = {one.unit_id: one for one in Account.objects.filter(state="active").order_by("-pk")}
    keys = [int(key) for key in unit.path.strip("/").split("/") if key.isdigit()]
    return next((accounts[key] for key in reversed(keys) if key in accounts), None)


@transaction.atomic
def make_code(
    user: Any,
    account_pk: int,
    unit: OrgUnit,
    *,
    name: str,
    channel: Channel | None = None,
    campaign: str = "",
    days: int = 0,
    welcome: str = "",
) -> SceneCode:
    """Write a code and let a task have it made. `days` 0: permanent. Whoever follows by it is greeted with `welcome`.

    Raises NotAllowed without the right over the unit, OfficialAccountError INVALID, CODE_LIMIT, ACCOUNT_RETIRED.
    """
    require_at(user, CODE_MAKE, unit)
    account = Account.objects.select_related("unit").filter(pk=account_pk).first()
    if account is None or not unit.path.startswith(account.unit.path):
        raise OfficialAccountError(Code.INVALID, _("这个公众号不属于该机构或它的上级"), "account")
    if not account.is_active:
        raise OfficialAccountError(Code.ACCOUNT_RETIRED, _("公众号已停用"), "account", _("请先恢复使用"))
    if not name.strip():
        raise OfficialAccountError(Code.INVALID, _("请填写名称"), "name")
    if not 0 <= days <= MOST_DAYS:
        raise OfficialAccountError(Code.INVALID, _("临时二维码最长 30 天"), "days")
    if channel is not None and channel.unit_id != unit.pk:
        raise OfficialAccountError(Code.INVALID, _("这个渠道不属于所选机构"), "channel")
    if len(welcome) > MAX_WELCOME:
        raise OfficialAccountError(Code.REPLY_TOO_LONG, _("欢迎语最多 300 字"), "welcome")
    if not days and account.codes.filter(is_permanent=True).count() >= MOST_PERMANENT:
        raise OfficialAccountError(
            Code.CODE_LIMIT, _("这个公众号的 10 万个永久二维码已用完"), "days", _("请改用临时二维码")
        )
    try:
        with transaction.atomic():
            code = SceneCode.objects.create(
                account=account, unit=unit, channel=channel, name=name.strip()[:60], campaign=campaign.strip()[:40],
                scene=f"s{short_code(10)}", is_permanent=not days, welcome=welcome.strip(),
                expires_at=now() + timedelta(days=days) if days else None,
            )  # fmt: skip
    except IntegrityError as error:
        raise OfficialAccountError(
            Code.INVALID,
            _("这个渠道已有在用的永久二维码"),
            "channel",
            _("请直接打印原来那个，或填写活动名称"),
        ) from error
    audit.record(audits.CODE_MADE, code, after={"name": code.name, "scene": code.scene})
    pk = code.pk
    transaction.on_commit(lambda: _start(pk), robust=True)
    return code


@transaction.atomic
def end_code(user: Any, code_pk: int) -> SceneCode:
    """Who scans it from now on follows by nobody's code. Locks: the code. Raises NotAllowed."""
    [code] = lock_rows(SceneCode.objects.filter(pk=code_pk).select_related("unit"))
    require_at(user, CODE_MAKE, code.unit)
    code.state = SceneState.ENDED
    code.save(update_fields=["state"])
    audit.record(audits.CODE_ENDED, code)
    return code


def ask_again(user: Any, code_pk: int) -> None:
    """Try once more to have a code made that failed. Raises NotAllowed."""
    code = SceneCode.objects.select_related("unit").get(pk=code_pk)
    require_at(user, CODE_MAKE, code.unit)
    SceneCode.objects.filter(pk=code_pk, state=SceneState.FAILED).update(state=SceneState.MAKING, result="")
    _start(code_pk)


def drive(code_pk: int) -> None:
    """Let WeChat make a code; the same scene gives the same code, however often it is asked. Calls WeChat."""
    code = SceneCode.objects.select_related("account").get(pk=code_pk)
    if code.state != SceneState.MAKING:
        return
    asked: dict[str, Any] = {
        "action_name": "QR_LIMIT_STR_SCENE",
        "action_info": {"scene": {"scene_str": code.scene}},
    }
    if not code.is_permanent and code.expires_at is not None:
        seconds = int((code.expires_at - now()).total_seconds())
        if seconds < 60:
            SceneCode.objects.filter(pk=code_pk).update(state=SceneState.ENDED, result=_("还没生成就已过期"))
            return
        asked |= {"action_name": "QR_STR_SCENE", "expire_seconds": seconds}
    waiting = SceneCode.objects.filter(pk=code_pk, state=SceneState.MAKING)
    try:
        made = call(code.account, lambda api: api.qrcode.create(asked))
    except WechatRefused as refused:
        words = f"{refused.message}。{refused.hint or ''}"
        waiting.update(state=SceneState.FAILED, result=words[:200])
    except WechatSilent as silence:
        waiting.update(result=silence.message[:200])  # the sweep asks again
    else:
        waiting.update(
            state=SceneState.ACTIVE,
            ticket=str(made.get("ticket", ""))[:200],
            url=str(made.get("url", ""))[:200],
            result="",
        )


def drive_due(limit: int = 50) -> int:
    """Codes that wait for WeChat; returns how many were tried."""
    waiting = SceneCode.objects.filter(state=SceneState.MAKING).order_by("pk")
    return drive_each(waiting.values_list("pk", flat=True)[:limit], drive)


def png_of(code: SceneCode, scale: int = 12) -> bytes:
    """The code as PNG for printing; drawn from its content: no picture is fetched. Error correction M, behind glass."""
    out = io.BytesIO()
    segno.make(code.url, error="m", micro=False).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def svg_of(code: SceneCode) -> str:
    """The code as SVG for a page."""
    return str(segno.make(code.url, error="m", micro=False).svg_inline(scale=6, border=2))


def _start(code_pk: int) -> None:
    from ..tasks import make_code as task

    task.delay(code_pk)
