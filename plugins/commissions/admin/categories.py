"""分类归属业务线: which business line a category's goods are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit, may_at
from saleor_o2o.backoffice.columns import column
from saleor_o2o.kernel.errors import DomainError

from ..access import EDIT
from ..loading import Categories
from ..models import BusinessCategory
from ..services.plans import map_category
from .forms import CategoryForm
from .pages import BUSINESS, OwnPagesAdmin, address, button, need, page, with_buttons


def put(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Put a category into a business line."""
    need(request, EDIT, OrgUnit.objects.filter(parent__isnull=True).first())
    form = CategoryForm(Categories(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            map_category(request.user, form.cleaned_data["category"], form.cleaned_data["business"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("已保存，对以后的销售生效"))
            return HttpResponseRedirect(address("businesscategory_changelist"))
    return page(
        model_admin, request, "form.html", _("调整分类归属"), form=form, button=_("保存"),
        back=address("businesscategory_changelist"), media=model_admin.media + form.media,
        note=_("下级分类没有单独设置的，跟随最近的上级；都没有设置的按零售计。已下的订单不变。"),
    )  # fmt: skip


@admin.register(BusinessCategory)
class BusinessCategoryAdmin(OwnPagesAdmin):
    """Categories and their business lines."""

    pages = (("put/", "category_put", put),)
    list_display = ("c_category", "c_business")
    list_display_links = ("c_category",)
    list_select_related = ("category",)
    search_fields = ("category__name",)
    search_help_text = _("分类名称")
    ordering = ("category__tree_id", "category__lft")
    details = ((None, ("c_category", "c_business")),)

    c_category = column("category__name", "商品分类", order="category__lft")
    c_business = column("business", "业务线", lambda business: BUSINESS.get(business, business))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("category")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        city = OrgUnit.objects.filter(parent__isnull=True).first()
        if city is None or not may_at(request.user, EDIT, city):
            return response
        return with_buttons(
            response, "actions_list", [button(_("调整归属"), "edit", address("category_put"))]
        )
