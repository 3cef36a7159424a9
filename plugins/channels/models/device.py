"""Printers, terminals and machines in the hands of channels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import FSMField, machine

from .channel import Channel


class DeviceKind(models.TextChoices):
    """What it is."""

    PRINTER = "printer", _("打印机")
    POS = "pos", _("POS 终端")
    SCANNER = "scanner", _("扫码枪")
    KIOSK = "kiosk", _("自助终端")
    OTHER = "other", _("其他")


class DeviceState(models.TextChoices):
    """Where it is in its life."""

    STORED = "stored", _("在库")
    HANDED = "handed", _("已领用")
    REPAIR = "repair", _("维修")
    SCRAPPED = "scrapped", _("报废")


D = DeviceState


@machine("state", terminal={D.SCRAPPED})
class Device(models.Model):
    """One device: at the unit, or handed to a channel."""

    serial = models.CharField(_("序列号"), max_length=60, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=DeviceKind.choices)
    model = models.CharField(_("型号"), max_length=60, blank=True)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="devices", verbose_name=_("管理机构")
    )
    state = FSMField(_("状态"), choices=D.choices, default=D.STORED, protected=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="devices", verbose_name=_("领用渠道"),
        editable=False,
    )  # fmt: skip
    handed_at = models.DateTimeField(_("领用时间"), null=True, blank=True, editable=False)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("登记时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道设备")
        ordering = ("serial",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state=D.HANDED, channel__isnull=False)
                | (~models.Q(state=D.HANDED) & models.Q(channel__isnull=True)),
                name="o2o_channel_device_somewhere",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.serial}"

    @transition("state", source=D.STORED, target=D.HANDED, custom={"label": _("领用")})
    def hand_out(self, channel: Channel) -> None:
        """The channel has it now."""
        self.channel = channel
        self.handed_at = now()

    @transition("state", source=D.HANDED, target=D.STORED, custom={"label": _("收回")})
    def take_back(self) -> None:
        """It is back at the unit."""
        self.channel = None

    @transition("state", source=[D.STORED, D.HANDED], target=D.REPAIR, custom={"label": _("送修")})
    def send_to_repair(self) -> None:
        """Away to be mended."""
        self.channel = None

    @transition("state", source=D.REPAIR, target=D.STORED, custom={"label": _("修好入库")})
    def mend(self) -> None:
        """Works again."""

    @transition("state", source=[D.STORED, D.REPAIR], target=D.SCRAPPED, custom={"label": _("报废")})
    def scrap(self) -> None:
        """The end."""
