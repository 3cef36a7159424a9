"""Departments, posts, and the people in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import FSMField, machine

from ..levels import Level
from .unit import OrgUnit


class Department(models.Model):
    """A department of one unit: 票务中心 of the city centre."""

    unit = models.ForeignKey(OrgUnit, models.CASCADE, related_name="departments", verbose_name=_("机构"))
    code = models.SlugField(_("代码"), max_length=40)
    name = models.CharField(_("名称"), max_length=60)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("部门")
        ordering = ("unit", "code")
        constraints = (models.UniqueConstraint(fields=("unit", "code"), name="o2o_org_department_once"),)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A kind of post at a level, with the role that comes with it: 支局长, 营业员.

    `owner` is the unit that set it up, for itself and what is below it; none for the company's posts.
    """

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level.choices)
    owner = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="own_posts", verbose_name=_("设立机构")
    )
    department = models.CharField(_("部门代码"), max_length=40, blank=True)
    role = models.ForeignKey(
        "o2o_org_hierarchy.Role", models.PROTECT, related_name="posts", verbose_name=_("角色")
    )
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("岗位")
        ordering = ("level", "code")

    def __str__(self) -> str:
        return self.name


class StaffStatus(models.TextChoices):
    """Whether a person may work."""

    ACTIVE = "active", _("在职")
    DISABLED = "disabled", _("停用")
    LEFT = "left", _("离职")


@machine("status")
class Staff(models.Model):
    """A person of the company; logs in as `user`."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="o2o_staff", verbose_name=_("登录账号")
    )
    employee_no = models.CharField(_("工号"), max_length=20, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="staff", verbose_name=_("所属机构"))
    mobile = EncryptedTextField(_("手机号"), blank=True)
    mobile_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    id_number = EncryptedTextField(_("身份证号"), blank=True)
    id_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    openid = models.CharField(_("微信标识"), max_length=64, blank=True)
    status = FSMField(
        _("状态"), max_length=12, choices=StaffStatus.choices, default=StaffStatus.ACTIVE, protected=True
    )
    status_reason = models.CharField(_("停用原因"), max_length=200, blank=True)
    joined_on = models.DateField(_("入职日期"), default=today)
    left_on = models.DateField(_("离职日期"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("最近使用"), null=True, blank=True)
    #: Since when the account may be used again: whoever comes back has his idle days before him.
    enabled_at = models.DateTimeField(_("恢复使用时间"), null=True, blank=True, editable=False)
    activation_sent_at = models.DateTimeField(_("激活邮件发送时间"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("建档时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("人员")
        ordering = ("employee_no",)

    def __str__(self) -> str:
        return f"{self.employee_no} {self.name}"

    @transition(
        "status", source=StaffStatus.ACTIVE, target=StaffStatus.DISABLED, custom={"label": _("停用账号")}
    )
    def disable(self, why: str) -> None:
        """The person may not log in for a while; grants stay and count nothing."""
        self.status_reason = why

    @transition(
        "status", source=StaffStatus.DISABLED, target=StaffStatus.ACTIVE, custom={"label": _("恢复账号")}
    )
    def enable(self) -> None:
        """The person may work again."""
        self.status_reason = ""

    @transition(
        "status",
        source=[StaffStatus.ACTIVE, StaffStatus.DISABLED],
        target=StaffStatus.LEFT,
        custom={"label": _("离职")},
    )
    def leave(self, why: str) -> None:
        """The person is gone; the file stays for the past."""
        self.status_reason = why
        self.left_on = today()

    @transition("status", source=StaffStatus.LEFT, target=StaffStatus.ACTIVE, custom={"label": _("重新入职")})
    def come_back(self) -> None:
        """The person is hired again, without any post."""
        self.status_reason = ""
        self.left_on = None
        self.joined_on = today()


class StaffPost(models.Model):
    """A person's post at a unit, from a day to a day. One person may hold several."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="posts", verbose_name=_("人员"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="holders", verbose_name=_("岗位"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="post_holders", verbose_name=_("机构"))
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="holders", verbose_name=_("部门")
    )
    is_primary = models.BooleanField(_("主岗"), default=False)
    valid_from = models.DateField(_("自"), default=today)
    valid_to = models.DateField(_("至"), null=True, blank=True, help_text=_("最后一天"))

    class Meta:
        verbose_name = verbose_name_plural = _("任职")
        ordering = ("staff", "-is_primary", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("staff", "post", "unit"), condition=models.Q(valid_to__isnull=True),
                name="o2o_org_staff_post_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.pk}"


class HandedOver(models.Model):
    """One matter that a person gave into other hands before leaving, or that was settled."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="handed_over", verbose_name=_("移交人"))
    kind = models.CharField(_("类别"), max_length=40)
    key = models.CharField(_("编号"), max_length=64)
    label = models.CharField(_("事项"), max_length=200)
    successor = models.ForeignKey(Staff, models.PROTECT, related_name="taken_over", verbose_name=_("接手人"))
    actor = models.CharField(_("办理人"), max_length=120)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("交接记录")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
