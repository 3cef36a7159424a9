"""Every page of the back office, ours and the plugins': a clerk meets no row of another county, by any address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch, URLPattern, reverse
from django.utils.html import strip_tags
from pytest_django.plugin import DjangoDbBlocker

from plugins.org_hierarchy.access.registry import permissions, rule_of
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.backoffice.admin.base import ScopedAdmin

from ..orgs import person
from .planting import MARK, NAMES, Planted, Planter, planted_once

pytestmark = pytest.mark.django_db

PAGES = sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)
#: Django's own addresses of a page; what is left is a plugin's.
STANDARD = {"changelist", "add", "history", "delete", "change", "autocomplete"}
#: Models whose constraints the planter cannot meet; their plugin's own tests try them across the border.
UNPLANTED: dict[str, str] = {
    "o2o_admission.Gate": "is a venue's or a scenic spot's, never nobody's (ticketing/admission/test_catalogue)",
    "o2o_admission.Device": "stands at a gate, which is not planted (ticketing/vouchers/test_pages)",
    "o2o_admission.SettlementTerm": "is of one payee of three (ticketing/vouchers/test_settling)",
    "o2o_admission.SettlementSheet": "is of a term, which is not planted (ticketing/vouchers/test_settling)",
    "o2o_channels.Device": "stands at a channel or in a store, never nowhere",
    "o2o_loyalty.MemberPriceEntry": "what its bearers carry sums to the amount, which three planted numbers do not",
    "o2o_cashier.RiskRule": "says one of three conditions, never none",
    "o2o_counter_sales.Remittance": "its maker neither checks nor books it: two persons, where the planter has one",
}
#: Pages that show the whole city's rows to whoever holds the permission.
CITY_WIDE = {model for model, _page in PAGES if (rule := rule_of(model)) is not None and rule.city_wide}


@pytest.fixture(scope="module")
def planted(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Planted]:
    with planted_once(django_db_blocker, [model for model, _page in PAGES]) as made:
        yield made


@pytest.fixture
def org(planted: Planted, db: None) -> dict[str, OrgUnit]:
    return planted.org


@pytest.fixture
def foreign(planted: Planted, db: None) -> Planter:
    """A row of every model with a page, all of the other county."""
    return planted.county


def shows(response: Any, *words: str) -> list[str]:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = content.decode(errors="replace")
    there = [word for word in (MARK, *NAMES, *words) if word in text]
    text = strip_tags(text) if there else ""  # what is looked for stands in a search field, too
    return [word for word in there if word in text]


def key_of(planter: Planter, model: type[Model]) -> Any:
    row = planter.known.get(model._meta.concrete_model or model)
    return None if row is None else row.pk


def test_every_page_derives_from_the_scoped_base() -> None:
    # then
    assert [model._meta.label for model, page in PAGES if not isinstance(page, ScopedAdmin)] == []


def test_every_model_with_a_page_has_a_rule() -> None:
    # then
    assert [model._meta.label for model, _page in PAGES if rule_of(model) is None] == []


def test_a_row_of_every_model_is_planted(foreign: Planter) -> None:
    # then: or said why not
    failed = {model._meta.label: why for model, why in foreign.failed.items()}
    assert failed.keys() - UNPLANTED.keys() == set(), failed


@pytest.mark.parametrize(("model", "page"), PAGES, ids=[model._meta.label_lower for model, _ in PAGES])
def test_a_clerk_meets_no_foreign_row(
    foreign: Planter, org: dict[str, OrgUnit], browser: Callable[..., Any], model: type[Model], page: Any
) -> None:
    # given: every permission in the county, and of stock none
    clerk = person(org["C11"], "clerk", list(permissions()), second_factor=False)
    client = browser(clerk)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    key = key_of(foreign, model)
    before = _state(model, key)

    # then: the list, and the form for a new one with its choices
    for address in (reverse(f"{name}_changelist"), reverse(f"{name}_add")):
        response = client.get(address, {"q": MARK} if "changelist" in address else {})
        assert response.status_code in (200, 403), (address, response.status_code)
        # a planted row of the whole city hangs on planted rows of the other county, as no real one does
        assert model in CITY_WIDE or shows(response) == [], address
    assert model in CITY_WIDE or shows(client.get(reverse(f"{name}_changelist"))) == []

    # then: the row by its id, in every way Django knows
    if key is not None and model not in CITY_WIDE:
        for verb in ("change", "history", "delete"):
            address = reverse(f"{name}_{verb}", args=[key])
            for response in (client.get(address), client.post(address, {"post": "yes"})):
                assert response.status_code in (403, 404), (address, response.status_code)
                assert model in CITY_WIDE or shows(response) == [], address

    # then: what the plugin added
    for pattern in _own_urls(page):
        for address in _addresses(pattern, key):
            for response in (client.get(address), client.post(address, {})):
                assert response.status_code < 500, (address, response.status_code)
                if "object" in _takes(pattern) and model not in CITY_WIDE and key is not None:
                    assert response.status_code in (403, 404, 405), (address, response.status_code)
                assert model in CITY_WIDE or shows(response) == [], address
    assert _state(model, key) == before


@pytest.mark.parametrize(("model", "page"), PAGES, ids=[model._meta.label_lower for model, _ in PAGES])
def test_actions_reach_no_foreign_row(
    foreign: Planter,
    org: dict[str, OrgUnit],
    browser: Callable[..., Any],
    model: type[Model],
    page: Any,
    rf: Any,
) -> None:
    # given
    key = key_of(foreign, model)
    if key is None or model in CITY_WIDE:
        pytest.skip("nothing of another county to reach for")
    clerk = person(org["C11"], "clerk", list(permissions()))
    client = browser(clerk)
    request = rf.get("/admin/")
    request.user = clerk
    before = _state(model, key)
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    for action in page.get_actions(request):
        # when
        response = client.post(address, {"action": action, "_selected_action": [key], "select_across": "1"})

        # then
        assert response.status_code in (200, 302, 403), (action, response.status_code)
        assert shows(response) == [], action
    assert _state(model, key) == before


def test_choices_offered_by_typing_are_in_reach(
    foreign: Planter, org: dict[str, OrgUnit], browser: Callable[..., Any]
) -> None:
    # given
    client = browser(person(org["C11"], "clerk", list(permissions())))
    fields = [
        (model, field) for model, page in PAGES for field in (*page.autocomplete_fields, *page.raw_id_fields)
    ]

    for model, field in fields:
        for term in ("", MARK, "乙", "B121"):
            # when
            named = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
            response = client.get(reverse("admin:autocomplete"), {**named, "field_name": field, "term": term})

            # then
            assert response.status_code in (200, 403), (model, field)
            assert MARK not in response.content.decode(), (model, field)
            assert "乙县" not in response.content.decode("unicode_escape", errors="replace"), (model, field)


def _own_urls(page: Any) -> list[URLPattern]:
    opts = page.model._meta
    standard = {f"{opts.app_label}_{opts.model_name}_{verb}" for verb in STANDARD}
    return [
        pattern
        for pattern in page.get_urls()
        if isinstance(pattern, URLPattern) and pattern.name and pattern.name not in standard
    ]


def _takes(pattern: URLPattern) -> str:
    return "object" if pattern.pattern.converters or "(?P" in str(pattern.pattern) else "nothing"


def _addresses(pattern: URLPattern, key: Any) -> list[str]:
    """The address with the foreign key in every place that takes one."""
    names = list(pattern.pattern.converters)
    if names and key is None:
        return []
    values = {
        name: key if "int" in type(converter).__name__.lower() or name.endswith(("id", "pk", "key")) else "x"
        for name, converter in pattern.pattern.converters.items()
    }
    try:
        return [reverse(f"admin:{pattern.name}", kwargs=values)]
    except NoReverseMatch:
        return []


def _state(model: type[Model], key: Any) -> Any:
    return list(model._default_manager.filter(pk=key).values()) if key is not None else None
