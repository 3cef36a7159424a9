"""Look and navigation of the back office (django-unfold). Read by settings: nothing here touches Django's models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, cached_property
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

from saleor_o2o.plugin import Plugin

NAME = "渝邮生活·管理后台"


def _sees(permission: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.has_perm(permission))

    return allowed


def _opens(page: str) -> Callable[[HttpRequest], bool]:
    """Asks whether the user may see anything of the page's model."""

    def allowed(request: HttpRequest) -> bool:
        # settings read this module before there are models
        from django.apps import apps

        from saleor_o2o.kernel.scope import policy_for

        label, name = page.rsplit("_", 1)
        model = apps.get_model(label, name)
        user: Any = request.user
        return policy_for(model).may(user, "view", model)

    return allowed


def _entry(title: str, icon: str, page: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}_changelist"),
        "permission": _opens(page),
    }


def navigation(plugins: Iterable[Plugin]) -> list[dict[str, Any]]:
    """The core's groups with the plugins' before the system's records; groups of one title are joined."""
    groups: dict[str, dict[str, Any]] = {
        group.get("title", ""): {**group, "items": [*group["items"]]} for group in NAVIGATION
    }
    records = groups.pop("系统记录")
    for plugin in plugins:
        for menu in plugin.menus:
            group = groups.setdefault(
                menu.title, {"title": menu.title, "separator": True, "collapsible": True, "items": []}
            )
            group["items"] += [
                {
                    "title": page.title,
                    "icon": page.icon,
                    "link": reverse_lazy(page.link),
                    "permission": _sees(page.permission) if page.permission else lambda request: True,
                    "everyones": not page.permission,
                }
                for page in menu.pages
            ]
    found = [*groups.values(), records]
    places = _Places([item["link"] for group in found for item in group["items"]])
    for group in found:
        group["items"] = [{**item, "active": _lit(item["link"], places)} for item in group["items"]]
    return found


class _Places:
    """The addresses of all entries. They are worked out once: each page asks for every one of them, of each entry."""

    def __init__(self, links: list[Any]) -> None:
        self._links = links

    @cached_property
    def _addresses(self) -> list[str]:
        return [str(one) for one in self._links]

    def of(self, request: HttpRequest) -> str:
        """Where the user is: of several addresses that the page stands below, the longest. Once a request."""
        known = getattr(request, "o2o_place", None)
        if known is None:
            above = [one for one in self._addresses if request.path.startswith(one)]
            known = max(above, key=len, default="")
            request.o2o_place = known  # type: ignore[attr-defined]
        return str(known)


def shown(groups: list[dict[str, Any]]) -> Callable[[HttpRequest], list[dict[str, Any]]]:
    """Answers what a request's user sees of the navigation: plain values, and the entries that he may open alone.

    Unfold copies every entry for every page, works its address out several times and looks its callables up by name:
    with two hundred entries that was a quarter of what a page cost (decision 0114).
    """

    @cache
    def addresses() -> list[list[str]]:
        return [[str(one["link"]) for one in group["items"]] for group in groups]

    def of(request: HttpRequest) -> list[dict[str, Any]]:
        found = []
        for group, links in zip(groups, addresses(), strict=True):
            items = [
                {
                    "title": one["title"],
                    "icon": one["icon"],
                    "link": link,
                    "active": one["active"](request),
                    "everyones": one.get("everyones", False),
                }
                for one, link in zip(group["items"], links, strict=True)
                if "permission" not in one or one["permission"](request)
            ]
            if items:
                found.append({**group, "items": items})
        return found

    return of


def _lit(link: Any, places: _Places) -> Callable[[HttpRequest], bool]:
    """Asks whether the entry is where the user is."""
    address = cache(lambda: str(link))
    return lambda request: address() == places.of(request)


NAVIGATION: list[dict[str, Any]] = [
    {"items": [{"title": "工作台", "icon": "dashboard", "link": reverse_lazy("admin:index")}]},
    {
        "title": "订单与资金",
        "separator": True,
        "items": [
            _entry("订单台", "orders", "o2o_ordering_orderprofile"),
            _entry("子订单", "call_split", "o2o_ordering_suborder"),
            {
                "title": "订单报表",
                "icon": "monitoring",
                "link": reverse_lazy("admin:o2o_ordering_orderprofile_report"),
                "permission": _opens("o2o_ordering_orderprofile"),
            },
            _entry("订单与支付明细", "receipt_long", "o2o_backoffice_order"),
            _entry("支付单", "payments", "o2o_cashier_paymentintent"),
            {
                "title": "收付款报表",
                "icon": "finance",
                "link": reverse_lazy("admin:o2o_cashier_paymentintent_report"),
                "permission": _opens("o2o_cashier_paymentintent"),
            },
            _entry("支付尝试", "qr_code_2", "o2o_cashier_paymentattempt"),
            _entry("支付部分", "pie_chart", "o2o_cashier_paymentpart"),
            _entry("线下转账", "account_balance", "o2o_cashier_offlinetransfer"),
            _entry("订单退款", "currency_exchange", "o2o_cashier_orderrefund"),
            _entry("退款单", "undo", "o2o_cashier_refund"),
            _entry("部分退回", "handshake", "o2o_cashier_partrefund"),
            _entry("账务异常", "troubleshoot", "o2o_cashier_orphan"),
            _entry("储值卡流水", "credit_score", "o2o_cashier_cardmovement"),
            _entry("支付通知", "inbox", "o2o_cashier_notification"),
            _entry("交易流水", "list_alt", "o2o_backoffice_transaction"),
            _entry("支付（Saleor）", "credit_card", "o2o_backoffice_payment"),
        ],
    },
    {
        "title": "支付规则",
        "separator": True,
        "collapsible": True,
        "items": [
            _entry("支付方式", "rule_settings", "o2o_cashier_methodrule"),
            _entry("风控规则", "shield", "o2o_cashier_riskrule"),
            _entry("支付黑名单", "person_off", "o2o_cashier_blacklistentry"),
        ],
    },
    {
        "title": "商品与库存",
        "separator": True,
        "items": [
            _entry("商品", "nutrition", "o2o_backoffice_product"),
            _entry("库存", "inventory_2", "o2o_backoffice_stock"),
            _entry("仓库", "warehouse", "o2o_backoffice_warehouse"),
            _entry("优惠券", "confirmation_number", "o2o_backoffice_voucher"),
            _entry("销售方", "storefront", "o2o_ordering_seller"),
            _entry("业务线", "category", "o2o_ordering_producttypeline"),
            _entry("订单计时规则", "timer", "o2o_ordering_timerrule"),
        ],
    },
    {
        "title": "用户",
        "separator": True,
        "items": [
            _entry("用户", "group", "o2o_backoffice_user"),
            _entry("权限组", "admin_panel_settings", "auth_group"),
        ],
    },
    {
        "title": "系统记录",
        "separator": True,
        "collapsible": True,
        "items": [
            _entry("审计记录", "policy", "o2o_kernel_auditentry"),
            _entry("状态变更", "timeline", "o2o_kernel_statemove"),
            _entry("事件", "bolt", "o2o_kernel_eventrecord"),
            _entry("事件投递", "outbox", "o2o_kernel_eventdelivery"),
            _entry("幂等记录", "key", "o2o_kernel_idempotencyrecord"),
        ],
    },
]


def look(plugins: Iterable[Plugin]) -> dict[str, Any]:
    """The setting ``UNFOLD`` with the navigation of these plugins."""
    sidebar = {"show_search": False, "command_search": False, "navigation": shown(navigation(plugins))}
    return {**_LOOK, "SIDEBAR": sidebar}


_LOOK: dict[str, Any] = {
    "SITE_TITLE": NAME,
    "SITE_HEADER": "渝邮生活",
    "SITE_SUBHEADER": "管理后台",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("o2o_backoffice/favicon.svg")}
    ],
    "SITE_SYMBOL": "local_post_office",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "saleor_o2o.backoffice.dashboard.context",
    "LOGIN": {
        "form": "saleor_o2o.backoffice.forms.LoginForm",
        "image": lambda request: static("o2o_backoffice/login.svg"),
    },
    "STYLES": [lambda request: static("o2o_backoffice/backoffice.css")],
    "BORDER_RADIUS": "8px",
    "COLORS": {
        # China Post's green, from mist to pine.
        "primary": {
            "50": "#eefaf3",
            "100": "#d6f3e1",
            "200": "#b0e5c7",
            "300": "#7cd1a6",
            "400": "#45b680",
            "500": "#1f9b63",
            "600": "#00854a",
            "700": "#006b3f",
            "800": "#075534",
            "900": "#07462c",
            "950": "#022718",
        },
    },
}
