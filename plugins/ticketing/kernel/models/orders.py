"""A ticket order: one trip or session, held at one supplier, for some people; its tickets and their money."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.documents import DocumentKind
from saleor_o2o.kernel.states import FSMField, machine

from ..choices import FeeItem, OrderState, Side, TicketState, Trade
from ..passengers import PassengerType
from .suppliers import SupplierAccount

S = OrderState


def _once_known(field: str, name: str) -> models.Index:
    """An index of the rows that have it: what a hold does not have yet costs it nothing (0143)."""
    return models.Index(fields=(field,), condition=Q(**{f"{field}__isnull": False}), name=name)


@machine("state", terminal={S.HOLD_FAILED, S.ISSUE_FAILED, S.ISSUED})
class TicketOrder(models.Model):
    """What is held, bought and issued as one. Its number is written before anything is asked of a supplier.

    `place` is the trip or session as the trade keeps it and shows it (no personal data); `key` names it for rules and
    reports (`coach:<line>`, `session:<pk>`). `product` is what the chosen supplier calls it; `candidates` are all that
    could serve it, in their order. Amounts in yuan. Until it is paid `held_until` counts; `supplier_until` is what the
    supplier promised. `order` is Saleor's, from the moment it is placed. `instead_of`: held for a change of that order
    only, never sold by itself.
    """

    number = models.CharField(_("票务订单号"), max_length=24)
    request_key = models.CharField(max_length=80)
    trade = models.CharField(_("票种"), max_length=8, choices=Trade.choices)
    state = FSMField(_("状态"), max_length=12, choices=S.choices, default=S.HOLDING, protected=True)
    title = models.CharField(_("内容"), max_length=120)
    key = models.CharField(_("产品"), max_length=60)
    place = models.JSONField(_("行程（场次）"), default=dict)
    starts_at = models.DateTimeField(_("出发（开场）"))
    ends_at = models.DateTimeField(_("到达（结束）"))
    supplier = models.ForeignKey(
        SupplierAccount, models.PROTECT, related_name="ticket_orders", verbose_name=_("供应商")
    )
    product = models.JSONField(_("供应商产品"), default=dict)
    candidates = models.JSONField(_("可选供应商"), default=list)
    their_number = models.CharField(_("供应商单号"), max_length=64, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False,
        related_name="o2o_ticket_orders", verbose_name=_("购票账号"),
    )  # fmt: skip
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("受理机构")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="+",
        verbose_name=_("营业员"),
    )  # fmt: skip
    contact = EncryptedTextField(_("联系人"), blank=True, default="")
    mobile = EncryptedTextField(_("联系手机"), blank=True, default="")
    mobile_index = models.CharField(max_length=64, blank=True, default="")
    order = models.ForeignKey(
        "order.Order", models.PROTECT, null=True, blank=True, db_index=False, related_name="o2o_ticket_orders",
        verbose_name=_("订单"),
    )  # fmt: skip
    instead_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_index=False, related_name="held_instead",
        verbose_name=_("改签自"),
    )  # fmt: skip
    face = models.DecimalField(_("票面合计（元）"), max_digits=12, decimal_places=2)
    service = models.DecimalField(_("服务费合计（元）"), max_digits=12, decimal_places=2, default=0)
    total = models.DecimalField(_("应付合计（元）"), max_digits=12, decimal_places=2)
    held_until = models.DateTimeField(_("支付截止"), null=True, blank=True)
    supplier_until = models.DateTimeField(_("供应商占座至"), null=True, blank=True)
    pick_code = EncryptedTextField(_("取票凭证"), blank=True, default="")
    why = models.CharField(_("原因"), max_length=200, blank=True)
    no_trip = models.BooleanField(_("班次（场次）已取消"), default=False)
    made_at = models.DateTimeField(_("下单时间"), default=now)
    paid_at = models.DateTimeField(_("支付时间"), null=True, blank=True)
    issued_at = models.DateTimeField(_("出票时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)

    #: Its tickets, where it is the very object that was just held; not kept.
    just_held: Sequence[Ticket] | None = None

    class Meta:
        verbose_name = verbose_name_plural = _("票务订单")
        ordering = ("-pk",)
        # not `unique=True` and `db_index`: those come with a second index, for LIKE, which nobody asks (0143)
        constraints = (
            models.UniqueConstraint(fields=("number",), name="o2o_ticketing_order_number"),
            models.UniqueConstraint(fields=("request_key",), name="o2o_ticketing_order_request"),
        )
        indexes = (
            models.Index(fields=("mobile_index",), name="o2o_ticketing_order_mobile"),
            _once_known("user", "o2o_ticketing_order_user"),
            _once_known("made_by", "o2o_ticketing_order_made_by"),
            _once_known("order", "o2o_ticketing_order_order"),
            models.Index(
                fields=("held_until",), condition=Q(state__in=("holding", "held")), name="o2o_ticketing_held"
            ),
            models.Index(
                fields=("paid_at",), condition=Q(state__in=("paid", "issuing")), name="o2o_ticketing_unissued"
            ),
            models.Index(fields=("key", "starts_at"), name="o2o_ticketing_order_key"),
            _once_known("instead_of", "o2o_ticketing_instead"),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", source=S.HOLDING, target=S.HELD, custom={"label": _("占座成功")})
    def hold(self) -> None:
        """The supplier holds it."""

    @transition("state", source=S.HOLDING, target=S.HOLD_FAILED, custom={"label": _("占座失败")})
    def fail_hold(self) -> None:
        """Nobody holds it; nothing is charged."""
        self.closed_at = now()

    @transition("state", source=(S.HOLDING, S.HELD), target=S.CLOSED, custom={"label": _("关闭")})
    def close(self) -> None:
        """Given up, or not paid in time."""
        self.closed_at = now()

    @transition("state", source=S.HELD, target=S.PAID, custom={"label": _("支付")})
    def pay(self) -> None:
        """The money is there."""
        self.paid_at = now()

    @transition("state", source=S.CLOSED, target=S.PAID, custom={"label": _("到账，重新占座")})
    def reopen(self) -> None:
        """The money came after it was closed: it is held again, or the money goes back."""
        self.paid_at, self.closed_at = now(), None

    @transition("state", source=S.PAID, target=S.ISSUING, custom={"label": _("出票")})
    def issue(self) -> None:
        """The supplier is asked for tickets."""

    @transition("state", source=(S.PAID, S.ISSUING), target=S.ISSUED, custom={"label": _("出票成功")})
    def finish(self) -> None:
        """There are tickets."""
        self.issued_at = now()

    @transition("state", source=S.ISSUING, target=S.PAID, custom={"label": _("改由他人出票")})
    def hand_over(self) -> None:
        """This supplier certainly did not issue; another one, or a person, will."""

    @transition("state", source=(S.PAID, S.ISSUING), target=S.ISSUE_FAILED, custom={"label": _("出票失败")})
    def fail(self) -> None:
        """Nobody issues it: all of the money goes back."""
        self.closed_at = now()


class Segment(models.Model):
    """One leg of a ticket order that has several: an outward and a return flight, a connection.

    An order of a single trip has none, it is its own leg: read both by `legs`. `position` counts from 1; `key`,
    `title`, `product` as the order's; `number` is what travellers call it (the flight, the train). `no_trip`: it
    does not take place.
    """

    ticket_order = models.ForeignKey(
        TicketOrder, models.CASCADE, db_index=False, related_name="segments", verbose_name=_("票务订单")
    )
    position = models.PositiveSmallIntegerField(_("第几程"))
    key = models.CharField(_("产品"), max_length=60)
    title = models.CharField(_("行程"), max_length=120)
    number = models.CharField(_("车次（航班）"), max_length=20, blank=True)
    origin = models.CharField(_("出发地"), max_length=60, blank=True)
    goal = models.CharField(_("到达地"), max_length=60, blank=True)
    starts_at = models.DateTimeField(_("出发"))
    ends_at = models.DateTimeField(_("到达"))
    product = models.JSONField(_("供应商产品"), default=dict, blank=True)
    no_trip = models.BooleanField(_("已取消"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("行程段")
        ordering = ("ticket_order", "position")
        constraints = (
            models.UniqueConstraint(fields=("ticket_order", "position"), name="o2o_ticketing_segment_place"),
            models.CheckConstraint(
                condition=Q(position__gt=0, ends_at__gte=models.F("starts_at")),
                name="o2o_ticketing_segment_times",
            ),
        )
        indexes = (models.Index(fields=("key", "starts_at"), name="o2o_ticketing_segment_key"),)

    def __str__(self) -> str:
        return self.title


class TicketPassenger(models.Model):
    """Somebody who goes with a ticket order. `document_index` finds other trips of the same person."""

    ticket_order = models.ForeignKey(
        TicketOrder, models.CASCADE, related_name="passengers", verbose_name=_("票务订单")
    )
    name = EncryptedTextField(_("姓名"))
    document = models.CharField(_("证件类型"), max_length=12, choices=DocumentKind.choices)
    document_number = EncryptedTextField(_("证件号"))
    document_index = models.CharField(max_length=64, db_index=True)
    birth = models.DateField(_("出生日期"))
    type = models.CharField(_("旅客类型"), max_length=10, choices=PassengerType.choices)
    mobile = EncryptedTextField(_("手机号"), blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("乘客（观众）")
        ordering = ("pk",)

    def __str__(self) -> str:
        from saleor_o2o.kernel.masking import mask_id_number, mask_name

        return f"{mask_name(self.name)} {mask_id_number(self.document_number)}"


T = TicketState


@machine("state", terminal={T.REFUNDED, T.CHANGED})
class Ticket(models.Model):
    """One person (or group) on one trip. Its number is ours; `their_number` the supplier's, from issue on.

    `segment`: on which leg, where its order has several; `legs.leg_of` tells it of every ticket. `parts`: what of
    `face` is more than the fare (`choices.PricePart`: text amounts); read by `parts.parts_of`.
    `fare` is the class of the price (`full`, `half`; a ticket class's key); `price` what the customer pays for it with
    the service fee, before coupons; `cost` what we owe the supplier. `refund_rule`, `change_rule`: `Rule.to_json()`
    of the moment of the quote. `uses` is how many people it lets in, `used` how many are in, `back` how many were given
    back. `collected_at`: when it was fetched on the supplier's paper. `changes`: how often it was changed before;
    `changed_from` the ticket before.
    """

    number = models.CharField(_("票号"), max_length=24)
    ticket_order = models.ForeignKey(
        TicketOrder, models.PROTECT, related_name="tickets", verbose_name=_("票务订单")
    )
    passenger = models.ForeignKey(
        TicketPassenger, models.PROTECT, null=True, blank=True, db_index=False, related_name="tickets",
        verbose_name=_("乘客（观众）"),
    )  # fmt: skip
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, db_index=False, related_name="tickets",
        verbose_name=_("行程段"),
    )  # fmt: skip
    carried_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_index=False, related_name="carries",
        verbose_name=_("随行于"),
    )  # fmt: skip
    state = FSMField(_("状态"), max_length=10, choices=T.choices, default=T.HELD, protected=True)
    fare = models.CharField(_("票类"), max_length=40)
    fare_name = models.CharField(_("票类名称"), max_length=40)
    variant = models.ForeignKey(
        "product.ProductVariant", models.PROTECT, null=True, related_name="+", verbose_name=_("商品规格")
    )
    order_line = models.ForeignKey(
        "order.OrderLine", models.PROTECT, null=True, blank=True, db_index=False, related_name="o2o_tickets",
        verbose_name=_("订单行"),
    )  # fmt: skip
    seat = models.CharField(_("座位"), max_length=40, blank=True)
    face = models.DecimalField(_("票面价（元）"), max_digits=12, decimal_places=2)
    service = models.DecimalField(_("服务费（元）"), max_digits=12, decimal_places=2, default=0)
    price = models.DecimalField(_("售价（元）"), max_digits=12, decimal_places=2)
    cost = models.DecimalField(_("结算价（元）"), max_digits=12, decimal_places=2, default=0)
    full_fare = models.DecimalField(_("全价（元）"), max_digits=12, decimal_places=2)
    parts = models.JSONField(_("票价组成（元）"), null=True, blank=True)
    their_number = models.CharField(_("供应商票号"), max_length=64, blank=True)
    refund_rule = models.JSONField(_("退票规则"), null=True, blank=True)
    change_rule = models.JSONField(_("改签规则"), null=True, blank=True)
    valid_from = models.DateTimeField(_("有效开始"))
    valid_until = models.DateTimeField(_("有效截止"))
    uses = models.PositiveSmallIntegerField(_("可用人次"), default=1)
    used = models.PositiveSmallIntegerField(_("已用人次"), default=0)
    back = models.PositiveSmallIntegerField(_("已退人次"), default=0)
    changes = models.PositiveSmallIntegerField(_("改签次数"), default=0)
    changed_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="changed_to", verbose_name=_("原票")
    )
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)
    collected_at = models.DateTimeField(_("取纸质票时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("票")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(used__lte=models.F("uses") - models.F("back")), name="o2o_ticketing_uses"
            ),
            models.UniqueConstraint(fields=("number",), name="o2o_ticketing_ticket_number"),
        )
        indexes = (
            models.Index(fields=("their_number",), name="o2o_ticketing_ticket_their"),
            _once_known("passenger", "o2o_ticketing_ticket_person"),
            _once_known("carried_by", "o2o_ticketing_ticket_carried"),
            _once_known("order_line", "o2o_ticketing_ticket_line"),
            _once_known("segment", "o2o_ticketing_ticket_segment"),
        )

    def __str__(self) -> str:
        return self.number

    @transition("state", source=T.HELD, target=T.ISSUED, custom={"label": _("出票")})
    def issue(self) -> None:
        """It counts."""

    @transition("state", source=(T.ISSUED, T.PART_USED), target=T.PART_USED, custom={"label": _("部分使用")})
    def use_part(self) -> None:
        """Some of its people are in."""

    @transition("state", source=(T.ISSUED, T.PART_USED), target=T.USED, custom={"label": _("使用")})
    def use(self) -> None:
        """All of its people are in."""

    @transition("state", source=(T.PART_USED, T.USED), target=T.ISSUED, custom={"label": _("撤销核销")})
    def unuse(self) -> None:
        """A supervisor took the redemption back."""

    @transition("state", source=T.USED, target=T.PART_USED, custom={"label": _("撤销部分核销")})
    def unuse_part(self) -> None:
        """A supervisor took a part of it back."""

    @transition(
        "state",
        source=(T.ISSUED, T.PART_USED, T.EXPIRED),
        target=T.REFUNDING,
        custom={"label": _("申请退票")},
    )
    def ask_back(self) -> None:
        """Nobody can use it while it goes back."""

    @transition("state", source=T.REFUNDING, target=T.REFUNDED, custom={"label": _("退票")})
    def give_back(self) -> None:
        """It is gone."""

    @transition("state", source=T.REFUNDING, target=T.ISSUED, custom={"label": _("退票未成")})
    def keep(self) -> None:
        """It counts again."""

    @transition("state", source=T.ISSUED, target=T.CHANGING, custom={"label": _("申请改签")})
    def ask_change(self) -> None:
        """Nobody can use it while it is changed."""

    @transition("state", source=T.CHANGING, target=T.CHANGED, custom={"label": _("改签")})
    def change(self) -> None:
        """Another ticket counts instead."""

    @transition("state", source=T.CHANGING, target=T.ISSUED, custom={"label": _("改签未成")})
    def stay(self) -> None:
        """It counts again."""

    @transition("state", source=(T.ISSUED, T.PART_USED), target=T.EXPIRED, custom={"label": _("过期")})
    def expire(self) -> None:
        """Its time is over."""

    @transition("state", source=T.VOID, target=T.HELD, custom={"label": _("到账，重新占座")})
    def reopen(self) -> None:
        """Its order was closed, and paid a moment later."""

    @transition("state", source=(T.HELD, T.ISSUED), target=T.VOID, custom={"label": _("作废")})
    def void(self) -> None:
        """It never counted, or was replaced."""


class FeeLine(models.Model):
    """Money of a ticket on one of its two sides; append-only (a trigger refuses anything else). Yuan."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="fee_lines", verbose_name=_("票"))
    side = models.CharField(_("与谁"), max_length=10, choices=Side.choices)
    item = models.CharField(_("项目"), max_length=12, choices=FeeItem.choices)
    amount = models.DecimalField(_("金额（元）"), max_digits=12, decimal_places=2)
    reference = models.CharField(_("凭证号"), max_length=40, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("票款明细")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("ticket", "side", "item", "reference"), name="o2o_ticketing_fee_line_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.get_item_display()} {self.amount}"
