"""Template messages: what an account may say of an occasion, and every message that was to go out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedJSONField
from saleor_o2o.kernel.states import machine

from .accounts import Account
from .fans import Fan


class Occasion(models.TextChoices):
    """What a message tells."""

    PAID = "paid", _("付款成功")
    READY = "ready", _("可以自提")
    SHIPPED = "shipped", _("已发货")
    REFUNDED = "refunded", _("退款到账")
    CAMPAIGN = "campaign", _("会员活动")
    SURVEY = "survey", _("评价邀请")
    POINTS = "points_expiring", _("积分将到期")
    VEHICLE = "vehicle_due", _("车辆年检、保险将到期")
    TICKETS = "ticket_voucher", _("电子门票")
    SESSION_CANCELLED = "session_cancelled", _("场次取消")
    SESSION_POSTPONED = "session_postponed", _("场次延期")
    OFFERED = "admission_offered", _("候补有票")
    TICKET_FAILED = "ticket_issue_failed", _("出票失败")
    TICKET_REFUND = "ticket_refund", _("退票结果")
    TICKET_CHANGE = "ticket_change", _("改签结果")
    TICKET_INSURANCE = "ticket_insurance", _("退保")
    COACH_ISSUED = "coach_issued", _("汽车票出票")
    COACH_CANCELLED = "coach_cancelled", _("汽车停班")
    TICKET_CLOSED = "ticket_closed", _("停班、取消，未付款")
    COACH_MOVED = "coach_moved", _("汽车改时")
    COACH_RESUMED = "coach_resumed", _("汽车恢复开行")
    COACH_INVOICE = "coach_invoice", _("汽车票发票")


class MessageKind(models.TextChoices):
    """Which of WeChat's two ways it goes."""

    TEMPLATE = "template", _("模板消息")
    SUBSCRIBE = "subscribe", _("订阅通知")


class MessageTemplate(models.Model):
    """A template of an account's for an occasion. `fields`: WeChat's keyword → what of ours stands there (`WORDS`).

    `link_url`: the page that a tap opens; `{number}` in it is the order's number.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="templates", verbose_name=_("公众号")
    )
    occasion = models.CharField(_("场合"), max_length=20, choices=Occasion.choices)
    kind = models.CharField(
        _("种类"), max_length=12, choices=MessageKind.choices, default=MessageKind.TEMPLATE
    )
    template_id = models.CharField(_("模板 ID"), max_length=64)
    fields = models.JSONField(_("字段"), default=dict)
    link_url = models.CharField(_("点击打开"), max_length=300, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    result = models.CharField(_("停用原因"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("消息模板")
        verbose_name_plural = _("消息模板")
        ordering = ("account", "occasion", "kind")
        constraints = [
            models.UniqueConstraint(fields=["account", "occasion", "kind"], name="o2o_oa_template_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.get_occasion_display()}"


class SendingState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("待发送")
    SENT = "sent", _("已提交微信")
    DELIVERED = "delivered", _("已送达")
    REFUSED = "refused", _("未发送")
    LOST = "lost", _("结果不明")
    BOUNCED = "bounced", _("未送达")


S = SendingState


@machine("state", terminal={S.DELIVERED, S.BOUNCED, S.LOST})
class Sending(models.Model):
    """One message to one follower. `key` names what it tells, so that it is told once."""

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="sendings", verbose_name=_("公众号")
    )
    fan = models.ForeignKey(Fan, on_delete=models.CASCADE, related_name="sendings", verbose_name=_("粉丝"))
    template = models.ForeignKey(
        MessageTemplate, on_delete=models.PROTECT, related_name="sendings", verbose_name=_("模板")
    )
    key = models.CharField(max_length=64, editable=False)
    values = EncryptedJSONField(_("内容"), default=dict)
    state = FSMField(_("状态"), choices=S.choices, default=S.WAITING, protected=True)
    msgid = models.CharField(_("微信消息号"), max_length=32, blank=True)
    result = models.CharField(_("结果"), max_length=160, blank=True)
    attempts = models.PositiveSmallIntegerField(_("发送次数"), default=0)
    begun_at = models.DateTimeField(_("首次发送"), null=True, blank=True)
    next_at = models.DateTimeField(_("下次发送"), null=True, blank=True)
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("模板消息")
        verbose_name_plural = _("模板消息")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="o2o_oa_sending_once"),
            models.UniqueConstraint(
                fields=["account", "msgid"], condition=~Q(msgid=""), name="o2o_oa_sending_msgid"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="o2o_oa_sending_due"),
        ]

    def __str__(self) -> str:
        return f"{self.template.get_occasion_display()} {self.pk}"

    @transition("state", S.WAITING, S.SENT, custom={"label": _("已提交微信")})
    def sent(self, msgid: str) -> None:
        """WeChat has taken it."""
        self.msgid, self.sent_at, self.next_at, self.result = msgid[:32], now(), None, ""

    @transition("state", S.WAITING, S.REFUSED, custom={"label": _("未发送")})
    def refuse(self, words: str) -> None:
        """WeChat has said no."""
        self.result, self.next_at = words[:160], None

    @transition("state", S.WAITING, S.LOST, custom={"label": _("结果不明")})
    def lose(self, words: str) -> None:
        """No answer for so long that sending again might send it twice."""
        self.result, self.next_at = words[:160], None

    @transition("state", S.REFUSED, S.WAITING, custom={"label": _("重新发送")})
    def again(self) -> None:
        """A person has mended what was wrong."""
        self.result, self.attempts, self.begun_at, self.next_at = "", 0, None, now()

    @transition("state", [S.SENT, S.WAITING], S.DELIVERED, custom={"label": _("已送达")})
    def deliver(self) -> None:
        """It is on the telephone."""
        self.next_at = None

    @transition("state", [S.SENT, S.WAITING], S.BOUNCED, custom={"label": _("未送达")})
    def bounce(self, words: str) -> None:
        """WeChat has taken it and could not put it on the telephone."""
        self.result, self.next_at = words[:160], None
