"""A channel: an outlet's counter, a micro-shop, the website, a machine."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, transition

from plugins.org_hierarchy.interfaces import BusinessScope
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.masking import mask_id_number, mask_name, mask_phone
from saleor_o2o.kernel.states import FSMField, machine

from ..types import OPEN, ChannelStatus, ChannelType, Rank

S = ChannelStatus


def _before_pause(channel: Channel, *args: Any, **kwargs: Any) -> str:
    return channel.paused_from or S.ACTIVE


@machine("status", terminal={S.LEFT})
class Channel(models.Model):
    """One channel. Its owner is a member of the staff (`owner_staff`) or the person written down here.

    Moves go through :mod:`plugins.channels.services.moves`, which checks what the table does not know.
    """

    code = models.CharField(_("渠道代码"), max_length=16, unique=True, editable=False)
    type = models.CharField(_("类型"), max_length=16, choices=ChannelType.choices)
    name = models.CharField(_("名称"), max_length=60)
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="channels", verbose_name=_("所属机构")
    )
    status = FSMField(_("状态"), choices=S.choices, default=S.APPLIED, protected=True)
    paused_from = models.CharField(max_length=12, blank=True, editable=False)
    owner_staff = models.ForeignKey(
        "o2o_org_hierarchy.Staff", models.PROTECT, null=True, blank=True, related_name="channels",
        verbose_name=_("负责员工"),
    )  # fmt: skip
    owner_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="o2o_channels",
        verbose_name=_("店主登录账号"),
    )  # fmt: skip
    owner_name = models.CharField(_("店主姓名"), max_length=60, blank=True)
    owner_mobile = EncryptedTextField(_("店主手机号"), blank=True)
    owner_mobile_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    owner_id_number = EncryptedTextField(_("店主证件号"), blank=True)
    owner_id_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    liaison = models.ForeignKey(
        "o2o_org_hierarchy.Staff", models.SET_NULL, null=True, blank=True, related_name="liaised_channels",
        verbose_name=_("店主联络员"),
    )  # fmt: skip
    address = models.CharField(_("地址"), max_length=200, blank=True)
    lng = models.FloatField(
        _("经度"), null=True, blank=True, validators=[MinValueValidator(73), MaxValueValidator(136)],
        help_text=_("度，GCJ-02"),
    )  # fmt: skip
    lat = models.FloatField(
        _("纬度"), null=True, blank=True, validators=[MinValueValidator(3), MaxValueValidator(54)],
        help_text=_("度，GCJ-02"),
    )  # fmt: skip
    business_scope = ArrayField(
        models.CharField(max_length=20, choices=BusinessScope.choices), verbose_name=_("业务范围"),
        default=list, blank=True,
    )  # fmt: skip
    commission_plan = models.CharField(_("佣金方案代码"), max_length=40, blank=True)
    rank = models.CharField(_("等级"), max_length=8, choices=Rank.choices, default=Rank.NONE, blank=True)
    agreement_no = models.CharField(_("协议编号"), max_length=40, blank=True)
    agreement_from = models.DateField(_("协议起"), null=True, blank=True)
    agreement_to = models.DateField(_("协议止"), null=True, blank=True)
    opened_on = models.DateField(_("开业日期"), null=True, blank=True, editable=False)
    left_on = models.DateField(_("退出日期"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("建立时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("owner_id_index",),
                condition=models.Q(type=ChannelType.MICRO_SHOP)
                & ~models.Q(status=S.LEFT)
                & ~models.Q(owner_id_index=""),
                name="o2o_channel_one_shop_a_person",
            ),
            models.UniqueConstraint(
                fields=("unit",),
                condition=models.Q(type=ChannelType.OUTLET) & ~models.Q(status=S.LEFT),
                name="o2o_channel_one_counter_a_unit",
            ),
            models.CheckConstraint(
                condition=models.Q(agreement_from__isnull=True)
                | models.Q(agreement_to__isnull=True)
                | models.Q(agreement_from__lte=models.F("agreement_to")),
                name="o2o_channel_agreement_in_order",
            ),
        )
        indexes = (
            models.Index(fields=("unit", "type", "status"), name="o2o_channel_unit"),
            models.Index(fields=("type", "status"), name="o2o_channel_type"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_open(self) -> bool:
        """True when it may sell: on trial or in business."""
        return self.status in OPEN

    @property
    def masked_owner(self) -> str:
        """The owner as pages show him: `王** 138****0001`, or the member of the staff by name."""
        if self.owner_staff is not None:
            return self.owner_staff.name
        return f"{mask_name(self.owner_name)} {mask_phone(self.owner_mobile)}".strip()

    @property
    def masked_id_number(self) -> str:
        """`500***********1234`."""
        return mask_id_number(self.owner_id_number)

    @transition("status", source=S.APPLIED, target=S.REVIEW, custom={"label": _("提交审核")})
    def submit(self) -> None:
        """The branch has seen it and hands it to whoever decides."""

    @transition("status", source=S.REVIEW, target=S.APPLIED, custom={"label": _("退回补充")})
    def send_back(self) -> None:
        """Something is missing."""

    @transition("status", source=S.REVIEW, target=S.TRAINING, custom={"label": _("审核通过")})
    def admit(self) -> None:
        """Whoever decides said yes."""

    @transition("status", source=[S.APPLIED, S.REVIEW], target=S.LEFT, custom={"label": _("不予通过")})
    def refuse(self) -> None:
        """It does not come to be."""
        self.left_on = today()

    @transition("status", source=S.TRAINING, target=S.TRIAL, custom={"label": _("开始试营")})
    def begin_trial(self) -> None:
        """It sells, watched."""
        self.opened_on = today()

    @transition("status", source=S.TRIAL, target=S.ACTIVE, custom={"label": _("转为正常")})
    def confirm(self) -> None:
        """It has proved itself."""

    @transition("status", source=[S.TRIAL, S.ACTIVE], target=S.PAUSED, custom={"label": _("暂停")})
    def pause(self) -> None:
        """It stops selling for a while."""
        self.paused_from = str(self.status)

    @transition(
        "status",
        source=S.PAUSED,
        target=GET_STATE(_before_pause, states=[S.TRIAL, S.ACTIVE]),
        custom={"label": _("恢复营业")},
    )
    def resume(self) -> None:
        """It goes on where it was."""

    @transition(
        "status", source=[S.TRAINING, S.TRIAL, S.ACTIVE, S.PAUSED], target=S.LEFT, custom={"label": _("退出")}
    )
    def leave(self) -> None:
        """It ends; its past stays."""
        self.left_on = today()
