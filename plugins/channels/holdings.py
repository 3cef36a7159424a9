"""What a member of the staff who leaves has in hand here: channels in charge of, shops looked after."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Holding, Staff, register_holding
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows

from . import audits
from .types import ChannelStatus

OWNER, LIAISON = "channels.owner", "channels.liaison"


def install() -> None:
    """Register with the hand-over of staff; called once when the app is ready."""
    register_holding(OWNER, _("负责的渠道"), lambda staff: _held(staff, OWNER, "owner_staff", _("渠道")))
    register_holding(LIAISON, _("联络的店主"), lambda staff: _held(staff, LIAISON, "liaison", _("店主联络")))


def _held(staff: Staff, kind: str, field: str, label: Text) -> Iterable[Holding]:
    from .models import Channel

    rows = Channel.objects.filter(**{field: staff}).exclude(status=ChannelStatus.LEFT).order_by("pk")
    return [
        Holding(
            kind, str(row.pk), f"{label} {row.name}", row.get_status_display(),
            reverse("admin:o2o_channels_channel_change", args=[row.pk]), _hand(row.pk, field),
        )
        for row in rows[:500]
    ]  # fmt: skip


def _hand(pk: int, field: str) -> Callable[[Staff, str], None]:
    def hand(heir: Staff, actor: str) -> None:
        """Locks: the channel."""
        from .models import Channel

        for row in lock_rows(Channel.objects.select_related("unit").filter(pk=pk)):
            before = {field: getattr(row, f"{field}_id")}
            setattr(row, field, heir)
            row.save(update_fields=[field])
            audit.record(
                audits.EDITED, row, before=before, after={field: heir.pk, "handed_by": actor},
                org_path=row.unit.path,
            )  # fmt: skip

    return hand
