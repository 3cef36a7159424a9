"""Customers, staff and groups: seen masked, edited elsewhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from saleor.account.models import Address
from unfold.contrib.filters.admin import RangeDateFilter

from saleor_o2o.kernel.scope import rows_for

from ..columns import at, column, link, moment, yes_no
from ..labels import ORDER_STATUS, yuan
from ..models import Order, Payment, User
from ..privacy import masked_address, masked_email, masked_person, masked_phone
from . import exports
from .base import ReadOnlyAdmin, Table
from .filters import either, titled


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Customers and staff."""

    list_display = ("email_", "name", "phone", "c_staff", "c_active", "c_joined")
    list_display_links = ("email_",)
    list_filter = (
        either("is_staff", "员工"),
        either("is_active", "启用"),
        ("date_joined", titled(RangeDateFilter, "注册时间")),
    )
    list_filter_submit = True
    list_select_related = ("default_shipping_address",)
    search_fields = ("email",)
    search_help_text = "完整邮箱或手机号"
    export = exports.CUSTOMERS
    ordering = ("-date_joined", "-pk")
    details = (
        (None, ("email_", "name", "phone", "c_staff", "c_active", "c_joined", "c_login")),
        ("消费", ("orders_", "spent")),
    )

    c_staff = yes_no("is_staff", "员工")
    c_active = yes_no("is_active", "启用")
    c_joined = moment("date_joined", "注册时间")
    c_login = moment("last_login", "最近登录后台")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # Whole values only: fishing for people by fragments is not a use of this page.
        word = search_term.strip()
        if not word:
            return queryset, False
        digits = word.removeprefix("+86").removeprefix("+")
        found = Q(email__iexact=word)
        if digits.isascii() and digits.isdigit() and len(digits) >= 11:
            owners = Address.objects.filter(phone__in=[f"+86{digits}", f"+{digits}"]).values("user_addresses")
            found |= Q(pk__in=owners)
        return queryset.filter(found), False

    @admin.display(description="邮箱", ordering="email")
    def email_(self, user: Any) -> str:
        return str(user.email) if user.is_staff else masked_email(user.email)

    @admin.display(description="姓名")
    def name(self, user: Any) -> str:
        return f"{user.last_name}{user.first_name}" if user.is_staff else masked_person(user)

    @admin.display(description="手机号")
    def phone(self, user: Any) -> str:
        address = user.default_shipping_address
        return masked_phone(address.phone) if address else "—"

    @admin.display(description="订单数")
    def orders_(self, user: Any) -> int:
        return int(user.o2o_orders)

    @admin.display(description="实付合计")
    def spent(self, user: Any) -> str:
        return yuan(user.o2o_spent)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            # what this customer ordered elsewhere is not for these eyes
            orders = rows_for(request.user, Order).filter(user_id=found.pk)
            payments = rows_for(request.user, Payment).filter(order__user_id=found.pk)
            found.o2o_orders = orders.exclude(status="draft").count()
            found.o2o_spent = payments.aggregate(total=Sum("captured_amount"))["total"]
        return found

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        orders = [
            (link("o2o_backoffice_order", one.pk, f"#{one.pk}"), at(one.created),
             ORDER_STATUS.get(one.status, one.status), yuan(one.total_gross_amount))
            for one in rows_for(request.user, Order).filter(user_id=obj.pk).order_by("-pk")[:20]
        ]  # fmt: skip
        addresses = [(masked_address(one), one.postal_code) for one in obj.addresses.all()]
        return [
            Table("最近订单", ("订单", "时间", "状态", "金额"), orders),
            Table("收货地址", ("地址", "邮编"), addresses),
        ]


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """Groups of staff; they are edited in Saleor's dashboard."""

    list_display = ("name", "members")
    search_fields = ("name",)
    ordering = ("name",)
    details = ((None, ("c_name", "members")),)

    c_name = column("name", "名称")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(members_=Count("user"))

    @admin.display(description="人数", ordering="members_")
    def members(self, group: Any) -> int:
        return int(group.members_)

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        permissions = [(f"{one.content_type.app_label}.{one.codename}", one.name)
                       for one in obj.permissions.select_related("content_type")]  # fmt: skip
        return [Table("权限", ("权限", "说明"), permissions)]
