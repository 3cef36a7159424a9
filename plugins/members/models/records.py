"""What a member keeps for later: with whom he travels, what he pays for, what he drives, how he is invoiced."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.masking import mask_bank_card, mask_id_number, mask_name, mask_phone

from ..kinds import Due, PaperKind, PassengerKind, PayerService, TitleKind, Told, VerifyState
from ..papers import mask_plate
from .members import Member


class Record(models.Model):
    """A row of a member's own; `digest` keeps the same thing from being there twice."""

    member: models.ForeignKey[Member, Member]
    digest = models.CharField(max_length=64, editable=False)
    made_at = models.DateTimeField(_("登记时间"), default=now)
    updated_at = models.DateTimeField(_("更新时间"), default=now)

    class Meta:
        abstract = True
        ordering = ("-pk",)


class Passenger(Record):
    """Somebody with whom a member travels, or he himself. Number, name and telephone are encrypted.

    `birth` agrees with a resident's identity number where that is the paper. `verified` changes with the paper.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="passengers", verbose_name=_("会员"))
    name = EncryptedTextField(_("姓名"))
    kind = models.CharField(_("旅客类型"), max_length=10, choices=PassengerKind.choices)
    paper = models.CharField(_("证件类型"), max_length=12, choices=PaperKind.choices)
    number = EncryptedTextField(_("证件号"))
    birth = models.DateField(_("出生日期"))
    mobile = EncryptedTextField(_("手机号"), blank=True, default="")
    verified = models.CharField(
        _("核验"), max_length=10, choices=VerifyState.choices, default=VerifyState.NONE
    )

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = _("常用旅客")
        constraints = (
            models.UniqueConstraint(fields=("member", "digest"), name="o2o_members_passenger_once"),
        )

    def __str__(self) -> str:
        return f"{mask_name(self.name)} {self.masked}"

    @property
    def masked(self) -> str:
        """The paper's number as pages and the API show it."""
        return mask_id_number(self.number)

    @property
    def masked_mobile(self) -> str:
        """The telephone as pages and the API show it."""
        return mask_phone(self.mobile) if self.mobile else ""


class PayerNumber(Record):
    """By what number a biller knows a household. `biller` is its code or, until it has one, its name."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="payer_numbers", verbose_name=_("会员"))
    service = models.CharField(_("业务"), max_length=10, choices=PayerService.choices)
    biller = models.CharField(_("收费单位"), max_length=60)
    number = EncryptedTextField(_("户号"))
    label = models.CharField(_("备注"), max_length=40, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = _("缴费户号")
        constraints = (models.UniqueConstraint(fields=("member", "digest"), name="o2o_members_payer_once"),)

    def __str__(self) -> str:
        return f"{self.get_service_display()} {self.masked}"

    @property
    def masked(self) -> str:
        """The number as pages and the API show it."""
        return mask_bank_card(self.number)


class Vehicle(Record):
    """A car of a member of 自邮一族. `vin` and `engine` are the last six characters only."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="vehicles", verbose_name=_("会员"))
    plate = EncryptedTextField(_("车牌号"))
    new_energy = models.BooleanField(_("新能源"), default=False)
    model = models.CharField(_("品牌型号"), max_length=40, blank=True)
    vin = EncryptedTextField(_("车架号后六位"), blank=True, default="")
    engine = EncryptedTextField(_("发动机号后六位"), blank=True, default="")
    registered_on = models.DateField(_("注册登记日期"), null=True, blank=True)
    inspection_due = models.DateField(_("年检到期"), null=True, blank=True, db_index=True)
    insurance_due = models.DateField(_("交强险到期"), null=True, blank=True, db_index=True)
    remind = models.BooleanField(_("到期提醒"), default=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = _("车辆")
        constraints = (models.UniqueConstraint(fields=("member", "digest"), name="o2o_members_vehicle_once"),)

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """The plate as pages and the API show it."""
        return mask_plate(self.plate)


class VehicleReminder(models.Model):
    """A member was told, so many `days` before, that something of a car is `due`: once each."""

    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="reminders", verbose_name=_("车辆"))
    kind = models.CharField(_("事项"), max_length=10, choices=Due.choices)
    due = models.DateField(_("到期"))
    days = models.PositiveSmallIntegerField(_("提前天数"))
    way = models.CharField(_("方式"), max_length=8, choices=Told.choices, default=Told.NOWHERE)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("车辆提醒")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("vehicle", "kind", "due", "days"), name="o2o_members_reminder_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.kind} {self.due}"


class InvoiceTitle(Record):
    """To whom invoices are made out. `account` (bank account) and `tax_number` are a company's."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="invoice_titles", verbose_name=_("会员"))
    kind = models.CharField(_("类型"), max_length=8, choices=TitleKind.choices)
    title = EncryptedTextField(_("抬头"))
    tax_number = EncryptedTextField(_("税号"), blank=True, default="")
    address = EncryptedTextField(_("地址"), blank=True, default="")
    phone = EncryptedTextField(_("电话"), blank=True, default="")
    bank = models.CharField(_("开户行"), max_length=80, blank=True)
    account = EncryptedTextField(_("银行账号"), blank=True, default="")
    email = EncryptedTextField(_("接收邮箱"), blank=True, default="")
    is_default = models.BooleanField(_("默认"), default=False)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = _("发票抬头")
        constraints = (
            models.UniqueConstraint(fields=("member", "digest"), name="o2o_members_title_once"),
            models.UniqueConstraint(
                fields=("member",), condition=Q(is_default=True), name="o2o_members_title_default"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def masked_tax_number(self) -> str:
        """The tax number as pages and the API show it."""
        return mask_id_number(self.tax_number)


class Favourite(models.Model):
    """Goods that a member wants to find again."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="favourites", verbose_name=_("会员"))
    product = models.ForeignKey("product.Product", models.CASCADE, related_name="+", verbose_name=_("商品"))
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("收藏")
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("member", "product"), name="o2o_members_favourite_once"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} ♥ {self.product_id}"


class Footprint(models.Model):
    """Goods that a member looked at, and when last; the newest ones only."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="footprints", verbose_name=_("会员"))
    product = models.ForeignKey("product.Product", models.CASCADE, related_name="+", verbose_name=_("商品"))
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("足迹")
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("member", "product"), name="o2o_members_footprint_once"),
        )
        indexes = (models.Index(fields=("member", "-at"), name="o2o_members_footprint_new"),)

    def __str__(self) -> str:
        return f"{self.member_id} @ {self.product_id}"
