"""The menus of an account: the ordinary one, and others for some of the followers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from .accounts import Account


class MenuKind(models.TextChoices):
    """Who sees it."""

    ORDINARY = "ordinary", _("默认菜单")
    PERSONAL = "personal", _("个性化菜单")


class MenuState(models.TextChoices):
    """Whether the followers see it as it stands here."""

    DRAFT = "draft", _("未发布")
    PUBLISHING = "publishing", _("发布中")
    PUBLISHED = "published", _("已发布")
    FAILED = "failed", _("发布失败")
    WITHDRAWING = "withdrawing", _("撤下中")


@machine("state", terminal=set())
class Menu(models.Model):
    """A menu: `buttons` as WeChat takes them. `revision` grows with each edit; `published_revision` is what people see.

    `remote_id`: WeChat's number of a personalised menu, which cannot be changed there, only made anew.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="menus", verbose_name=_("公众号")
    )
    kind = models.CharField(_("种类"), max_length=12, choices=MenuKind.choices, default=MenuKind.ORDINARY)
    name = models.CharField(_("名称"), max_length=40)
    buttons = models.JSONField(_("按钮"), default=list)
    tag_id = models.PositiveIntegerField(_("标签编号"), null=True, blank=True)
    platform = models.CharField(_("手机系统"), max_length=1, blank=True)
    revision = models.PositiveIntegerField(_("版本"), default=1)
    published_revision = models.PositiveIntegerField(_("已发布版本"), default=0)
    remote_id = models.CharField(_("微信菜单编号"), max_length=32, blank=True)
    state = FSMField(_("状态"), choices=MenuState.choices, default=MenuState.DRAFT, protected=True)
    result = models.CharField(_("结果"), max_length=200, blank=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("发布人"),
    )  # fmt: skip
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("菜单")
        verbose_name_plural = _("菜单")
        ordering = ("account", "kind", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(kind="ordinary"), name="o2o_oa_menu_one_ordinary"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @transition(
        "state",
        [MenuState.DRAFT, MenuState.PUBLISHED, MenuState.FAILED],
        MenuState.PUBLISHING,
        custom={"label": _("发布")},
    )
    def ask(self) -> None:
        """Somebody wants the followers to see it."""
        self.result, self.attempts, self.next_at = "", 0, now()

    @transition("state", MenuState.PUBLISHING, MenuState.PUBLISHED, custom={"label": _("已生效")})
    def succeed(self, revision: int, remote_id: str) -> None:
        """WeChat has taken it."""
        self.published_revision, self.remote_id = revision, remote_id
        self.published_at, self.next_at, self.result = now(), None, ""

    @transition(
        "state",
        [MenuState.PUBLISHING, MenuState.WITHDRAWING],
        MenuState.FAILED,
        custom={"label": _("失败")},
    )
    def fail(self, words: str) -> None:
        """WeChat has said no, or nothing for long."""
        self.result, self.next_at = words[:200], None

    @transition(
        "state",
        [MenuState.PUBLISHED, MenuState.FAILED],
        MenuState.WITHDRAWING,
        custom={"label": _("撤下")},
    )
    def take_back(self) -> None:
        """Somebody wants nobody to see it any more."""
        self.result, self.attempts, self.next_at = "", 0, now()

    @transition("state", MenuState.WITHDRAWING, MenuState.DRAFT, custom={"label": _("已撤下")})
    def withdrawn(self) -> None:
        """WeChat shows it no longer."""
        self.published_revision, self.remote_id, self.next_at, self.result = 0, "", None, ""
