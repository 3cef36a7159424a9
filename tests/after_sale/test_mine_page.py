"""我的订单: a shell for anybody, without data; every question it asks is one that the API knows."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from graphql import parse, validate

from plugins.after_sale.choices import ComplaintState, State
from saleor_o2o.embedded.paths import PROJECT_ROOT
from saleor_o2o.graphql.schema import schema
from saleor_o2o.ordering.choices import State as Part

STATIC = PROJECT_ROOT / "plugins/after_sale/static/o2o_after_sale"
_TEMPLATE = re.compile(r"`([^`]*)`|\"((?:mutation|query)[^\"]*)\"")


@pytest.mark.django_db
def test_the_shell_is_everybodys_and_holds_nothing() -> None:
    # when
    answer = Client().get(reverse("o2o-after-sale-mine"))

    # then
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert (answer["X-Frame-Options"], answer["Cache-Control"]) == ("DENY", "no-store")
    assert answer.cookies == {}
    words = json.loads(re.search(r'<script id="words"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
    assert ["RETURN", "退货退款"] in words["kinds"]
    assert Client().post(reverse("o2o-after-sale-mine")).status_code == 405
    assert settings.LANGUAGE_CODE in ("zh-hans", "zh-cn")


def questions() -> list[str]:
    """The operations in the page's script, with its fragments filled in."""
    script = (STATIC / "mine-api.js").read_text()
    names = dict(re.findall(r"const ([A-Z]+) = [`\"]([^`\"]*)[`\"]", script))

    def filled(text: str) -> str:
        return re.sub(r"\$\{([A-Z]+)\}", lambda found: filled(names[found[1]]), text)

    found = [filled(one or other) for one, other in _TEMPLATE.findall(script)]
    asked = [one for one in found if one.startswith(("query", "mutation")) and "${" not in one]
    simple = re.findall(r'simple\("(\w+)"\)', script)
    return asked + [
        f"mutation($number: String!) {{ {name}(number: $number) {{ {names['ERRORS']} }} }}" for name in simple
    ]


@pytest.mark.parametrize("question", questions())
def test_every_question_is_valid(question: str) -> None:
    assert validate(schema, parse(question)) == [], question


def test_every_state_that_the_page_knows_exists() -> None:
    # given
    text = "".join((STATIC / name).read_text() for name in ("mine.js", "mine.css"))
    known = {one.name for states in (State, ComplaintState, Part) for one in states}

    # then
    assert set(re.findall(r"state-([A-Z_]+)", text)) <= known
    assert set(re.findall(r'"([A-Z]+_[A-Z_]+)"', text)) - {"AFTER_SALE"} <= known
    assert len(questions()) >= 18
