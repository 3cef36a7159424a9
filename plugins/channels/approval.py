"""The matter "open a channel": a branch submits, the county decides (§2.1, row of outlets and micro-shops)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.approvals.interfaces import ApprovalRequest, Matter, Step, register_matter
from plugins.approvals.interfaces import submit as submit_request
from plugins.org_hierarchy.interfaces import Level
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text

from .models import Application, Channel
from .services.moves import change_state, recommended_visit

MATTER = "channels.shop_opening"


def install() -> None:
    """Register the matter; called once when the app is ready."""
    register_matter(
        Matter(
            code=MATTER,
            title=_("开设渠道（网点、社区微店）"),
            permission="channel.approve",
            steps=(Step(Level.COUNTY, hours=48),),
            on_approved=_approved,
            on_rejected=_rejected,
            on_withdrawn=_withdrawn,
            summary=summary,
            href=lambda channel: reverse("admin:o2o_channels_channel_change", args=[channel.pk]),
        )
    )


def submit_channel(channel: Channel, user: Any, note: str = "") -> ApprovalRequest:
    """Hand an applied channel to the county. One transaction.

    Locks: the channel. Raises ChannelError VISIT_MISSING, IllegalMove, and what the approval flow raises.
    """
    with transaction.atomic():
        change_state(channel, "submit", reason=note)
        return submit_request(MATTER, channel, channel.unit, user, note=note)


def summary(channel: Channel) -> Sequence[tuple[Text, Text]]:
    """What those who decide should see, personal data masked."""
    visit = recommended_visit(channel)
    application: Application | None = getattr(channel, "application", None)
    rows: list[tuple[Text, Text]] = [
        (_("类型"), channel.get_type_display()),
        (_("名称"), channel.name),
        (_("所属机构"), str(channel.unit)),
        (_("店主"), channel.masked_owner),
        (_("证件号"), channel.masked_id_number or "—"),
    ]
    if application is not None:
        rows += [(_("社区（小区）"), application.community), (_("经营场所"), application.premises or "—")]
    if visit is not None:
        rows.append((_("走访结论"), f"{visit.get_result_display()}（{visit.visitor}）：{visit.findings}"))
    rows.append((_("照片"), _("%(count)s 张，见渠道资料") % {"count": channel.photos.count()}))
    return rows


def _last_note(request: ApprovalRequest) -> str:
    last = request.actions.order_by("-pk").first()
    return (last.note if last is not None else "")[:200]


def _channel(request: ApprovalRequest) -> Channel:
    return Channel.objects.select_related("unit").get(pk=request.subject_id)


def _approved(request: ApprovalRequest) -> None:
    _decided(change_state(_channel(request), "admit", reason=_last_note(request)), request)


def _rejected(request: ApprovalRequest) -> None:
    _decided(change_state(_channel(request), "refuse", reason=_last_note(request)), request)


def _withdrawn(request: ApprovalRequest) -> None:
    change_state(_channel(request), "send_back", reason=_last_note(request) or str(_("支局撤回")))


def _decided(channel: Channel, request: ApprovalRequest) -> None:
    Application.objects.filter(channel=channel).update(decided_at=now(), decision=_last_note(request))
