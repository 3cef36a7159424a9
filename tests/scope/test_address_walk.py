"""Every address outside the back office and every place that sends a file: judged, or the walk fails."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from saleor.account.models import User

from plugins.org_hierarchy.access.registry import permissions
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.embedded.paths import PROJECT_ROOT

from ..orgs import person
from .planting import MARK, Planter, foreign_county

#: Who may open what outside the back office, by the beginning of the address.
JUDGED = {
    "graphql/": "walked field by field",
    "feeds/": "stock's product feed: the catalogue",
    "digital-download/": "stock: the token in the address is the key",
    "admin/": "walked page by page",
    "healthz": "for machines: up or not",
    "readyz": "for machines: up or not",
    "metrics": "for machines: numbers without names",
    "media/": "pictures of goods",
    "static/": "files of the pages",
    "hooks/wechat_pay/notify": "takes only, signed by WeChat; answers with a status",
    "hooks/official_account/": "answers only what WeChat has signed, with what everybody who writes is answered",
    "hooks/stripe_pay/notify": "takes only, signed by Stripe; answers with a status",
    "hooks/postal_points/": "takes only, signed by the core system; answers with a state and a number of points",
    "hooks/ticketing/distributor": "takes only, signed by the distributor; answers with a code",
    "hooks/ticketing/reseller": "answers a reseller of its own signed key with its own rows only",
    "hooks/ticketing/coach/": "takes only, signed by a coach network; answers with a code",
    "hooks/ticketing/gate/": "answers a device of its own key: whether a code is let in, and no person",
    "org_hierarchy/activate/": "setting one's own password, with the mailed token",
    "channels/s/": "an open shop, by the code that hangs in it",
    "channels/qr/": "the code's own picture",
    "channels/apply/": "a form for anybody",
    "counter_sales/shop/": "a shell without data; the API and the token of an owner do the rest",
    "member_operations/c/": "leads on to a page of the shop; whose message it was is told to nobody",
    "members/login/": "a shell without data; the phone that confirms gives the token",
    "h5/": "a shell without data; the API and the token of a shopper do the rest",
    "counter_sales/pay/<str:token>/": "one sale's goods and amount, by the 128 random bits that its payer was sent",
    "ticketing/voucher/<str:token>/": "one's own voucher to print, by the secret of its address",
    "after_sale/mine/": "a shell without data; the API and the token of a shopper do the rest",
    "channels/progress/": "one's own application, by number and telephone together",
}
#: Pages for everybody that name a shop or a branch; never a person.
NAMES_A_PLACE = ("channels/s/", "channels/apply/")
#: Who sends files, and where it is tried that they hold one's own rows only.
SENDERS = {
    "plugins/service_map/admin/batch_files.py": "an empty form for addresses; no row",
    "saleor_o2o/backoffice/admin/export.py": "test_exports: every page's export",
    "plugins/commissions/admin/exchange.py": "rules of a plan in reach (export), and an empty form",
    "saleor_o2o/backoffice/admin/reports.py": "figures of orders, payments, tasks in reach, by their rights to export",
    "saleor_o2o/backoffice/admin/imports.py": "an empty form; of people with the names of posts in reach",
    "plugins/wechat_pay/admin/bills.py": "the bill of a merchant account in reach, written down (buying/test_bills)",
    "plugins/official_account/admin/scenes.py": "the picture of a code in reach",
    "plugins/channels/admin/channels.py": "the picture of a channel in reach",
    "plugins/ticketing/admission/admin/maps.py": "the seat plan of a hall in reach; no person",
    "plugins/memberships/admin/batches.py": "the codes of a batch in reach, once, by its right",
    "plugins/ticketing/admission/vouchers/printing.py": "a voucher, by an hour's signed link or in reach by its right",
}
SENDING = {"FileResponse", "StreamingHttpResponse", "content_disposition_header"}


def addresses(patterns: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address below some patterns, as written there."""
    for one in patterns:
        route = before + str(one.pattern).lstrip("^").rstrip("$")
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        else:
            yield route, one


def unjudged(patterns: Any) -> list[str]:
    """Addresses that nobody has said anything about."""
    return sorted(route for route, _one in addresses(patterns) if not route.startswith(tuple(JUDGED)))


def strangers_in_the_admin() -> list[str]:
    """Views of the back office that belong to no scoped page: their names."""
    known = {pattern.name for page in admin.site._registry.values() for pattern in page.get_urls()}
    own = {
        "index", "login", "logout", "password_change", "password_change_done", "jsi18n", "autocomplete",
        "view_on_site", "app_list", "search", "toggle_sidebar", None,
    }  # fmt: skip
    found = {one.name for _route, one in addresses(admin.site.get_urls())} - known - own
    return sorted(name for name in found if name)


def senders(root: Path) -> set[str]:
    """Files of the project that send a file to a browser."""
    found = set()
    for top in ("saleor_o2o", "plugins"):
        for file in (root / top).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
            if names & SENDING or "Content-Disposition" in text:
                found.add(file.relative_to(root).as_posix())
    return found


def test_every_address_is_judged() -> None:
    # then
    assert unjudged(get_resolver().url_patterns) == []


def test_every_view_of_the_back_office_belongs_to_a_scoped_page() -> None:
    # then
    assert strangers_in_the_admin() == []
    assert all(isinstance(page, ScopedAdmin) for page in admin.site._registry.values())


def test_every_sender_of_files_is_known() -> None:
    # then
    assert senders(PROJECT_ROOT) == set(SENDERS)


def test_planted_addresses_and_senders_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: a hook, a page, a view of the back office and a report that nobody has judged
    def view(_request: Any) -> HttpResponse:
        return HttpResponse("all orders")

    planted = [path("hooks/other/all", view), path("channels/all/", view), path("readyz", view)]
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "report.py").write_text(
        "def send(rows):\n    return StreamingHttpResponse(rows)\n"
    )
    before = admin.site.get_urls
    monkeypatch.setattr(
        admin.site, "get_urls", lambda: [path("report/", view, name="planted_report"), *before()]
    )

    # then
    assert unjudged(planted) == ["channels/all/", "hooks/other/all"]
    assert senders(tmp_path) == {"plugins/report.py"}
    assert strangers_in_the_admin() == ["planted_report"]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["anonymous", "clerk"])
def test_pages_and_hooks_name_no_person_of_another_county(
    org: dict[str, OrgUnit], browser: Callable[[User | None], Client], who: str, settings: Any
) -> None:
    # given: doors that have their keys; without, they are shut (503)
    settings.O2O_POSTAL_POINTS = {"KEY": "core", "SECRET": "a-secret-of-tests"}
    from plugins.channels.models import Application, Channel

    foreign: Planter = foreign_county(org, [Channel, Application])
    channel = foreign.known[Channel]
    clerk = person(org["C11"], "clerk", list(permissions())) if who == "clerk" else None
    client = browser(clerk)

    for route, one in addresses(get_resolver().url_patterns):
        if not route.startswith(("hooks/", "channels/", "org_hierarchy/", "digital-download/")):
            continue
        address = "/" + re.sub(r"\(\?P<token>.*\)/", "x/", route.replace("<str:code>", channel.code))
        for method in ("get", "post"):
            # when
            response = getattr(client, method)(
                address, {"number": "1", "mobile": "13800138000", "email": "x"}
            )

            # then
            assert response.status_code < 500, (address, one)
            text = response.content.decode(errors="replace")
            assert MARK not in text or route.startswith(NAMES_A_PLACE), address
            assert f"{MARK}@example.com" not in text
