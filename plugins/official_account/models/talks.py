"""Messages that the staff write to followers, within WeChat's forty-eight hours."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedJSONField
from saleor_o2o.kernel.states import machine

from .fans import Fan
from .materials import Material


class Talk(Fan):
    """A follower as the partner of a talk: other people may see talks than may see the list of followers."""

    class Meta:
        proxy = True
        verbose_name = _("客服对话")
        verbose_name_plural = _("客服对话")

    def __str__(self) -> str:
        return self.called


class TalkForm(models.TextChoices):
    """What a message is made of."""

    TEXT = "text", _("文字")
    IMAGE = "image", _("图片")
    NEWS = "news", _("图文")


class TalkState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    REFUSED = "refused", _("未发送")
    LOST = "lost", _("结果不明")


T = TalkState


@machine("state", terminal={T.SENT, T.REFUSED, T.LOST})
class TalkMessage(models.Model):
    """One message of the staff's. `key` tells a form that was sent twice; `heard_at`: the word of theirs it answers to.

    WeChat has no number of ours for it: what was begun and got no answer is never sent again.
    """

    fan = models.ForeignKey(Fan, on_delete=models.CASCADE, related_name="talk", verbose_name=_("粉丝"))
    key = models.CharField(max_length=40, editable=False)
    form = models.CharField(_("形式"), max_length=8, choices=TalkForm.choices, default=TalkForm.TEXT)
    body = EncryptedJSONField(_("内容"), default=dict)
    material = models.ForeignKey(
        Material, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("图片")
    )
    heard_at = models.DateTimeField(_("回复的来信"), editable=False)
    state = FSMField(_("状态"), choices=T.choices, default=T.WAITING, protected=True)
    result = models.CharField(_("结果"), max_length=160, blank=True)
    attempts = models.PositiveSmallIntegerField(_("发送次数"), default=0)
    next_at = models.DateTimeField(_("下次发送"), null=True, blank=True)
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("回复人"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("客服消息")
        verbose_name_plural = _("客服消息")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["fan", "key"], name="o2o_oa_talk_once")]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=("waiting", "sending")), name="o2o_oa_talk_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.pk}"

    @transition("state", T.WAITING, T.SENDING, custom={"label": _("发送中")})
    def begin(self) -> None:
        """It is on its way; whoever finds it so without an answer knows nothing."""

    @transition("state", T.SENDING, T.WAITING, custom={"label": _("稍后再发")})
    def postpone(self, words: str) -> None:
        """WeChat was not reached, or said that it had not taken it."""
        self.result = words[:160]

    @transition("state", T.SENDING, T.SENT, custom={"label": _("已发送")})
    def sent(self) -> None:
        """WeChat has taken it."""
        self.sent_at, self.next_at, self.result = now(), None, ""

    @transition("state", [T.WAITING, T.SENDING], T.REFUSED, custom={"label": _("未发送")})
    def refuse(self, words: str) -> None:
        """WeChat has said no, or the time has passed."""
        self.result, self.next_at = words[:160], None

    @transition("state", T.SENDING, T.LOST, custom={"label": _("结果不明")})
    def lose(self, words: str) -> None:
        """No answer: it may have arrived."""
        self.result, self.next_at = words[:160], None
