"""Sales by lot as the API tells them: what is given, how it stands, one's own lot, the seed only afterwards."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from plugins.ticketing.admission.models import DrawEntry
from plugins.ticketing.admission.services import drawing
from saleor_o2o.kernel.clock import frozen, now
from tests.scope.graphql import asked

from .conftest import Show

pytestmark = pytest.mark.django_db(transaction=True)

DRAWS = """query($product: String!) { admissionDraws(product: $product) { sessionId classCode className units mostEach
  payHours state title open sellsFreely seedDigest seed mine { quantity state place } } }"""
MINE = "{ myAdmissionDraws { productCode state mine { number state place } } }"
ENTER = """mutation($session: ID!, $quantity: Int!) {
  admissionDrawEnter(session: $session, ticketClass: "b", quantity: $quantity) { quantity errors { code } } }"""


def test_a_draw_is_told_from_the_registration_to_the_free_sale(show: Show) -> None:
    # given two tickets for three who want one each
    opens = now() + timedelta(hours=1)
    closes = opens + timedelta(days=1)
    kind = show.back
    draw = drawing.make_draw(None, kind, show.session, 2, opens, closes, most_each=1, pay_hours=24)
    people = [get_user_model().objects.create_user(f"fan{at}@example.com", "password") for at in range(3)]
    anna = people[0]

    def told(user: Any = None) -> dict[str, Any]:
        [one] = asked(user, DRAWS, product=show.product.code)["admissionDraws"]
        return dict(one)

    # then, before it opens, everybody sees it and nobody has a part in it
    assert told() == {
        "sessionId": str(show.session.pk), "classCode": kind.code, "className": kind.name, "units": 2, "mostEach": 1,
        "payHours": 24, "state": "OPEN", "title": "尚未开始登记", "open": False, "sellsFreely": False,
        "seedDigest": draw.seed_digest, "seed": None, "mine": None,
    }  # fmt: skip
    # when they register
    with frozen(opens):
        for one in people:
            said = asked(
                one, ENTER.replace('"b"', f'"{kind.code}"'), session=str(show.session.pk), quantity=1
            )
            assert said["admissionDrawEnter"] == {"quantity": 1, "errors": []}
        assert (told(anna)["open"], told(anna)["mine"]) == (
            True, {"quantity": 1, "state": "ENTERED", "place": None},
        )  # fmt: skip
        assert told()["mine"] is None
    # when the registration is over, and the lots are drawn
    with frozen(closes):
        assert told(anna)["title"] == "登记已截止，等待抽签"
        drawing.draw_lots(None, draw)
        seen = told(anna)
        assert (seen["state"], seen["open"], seen["sellsFreely"]) == ("DRAWN", False, False)
        assert hashlib.sha256(seen["seed"].encode()).hexdigest() == draw.seed_digest
        lots = {}
        for one in people:
            [mine] = asked(one, MINE)["myAdmissionDraws"]
            assert mine["productCode"] == show.product.code
            lots[int(mine["mine"]["number"])] = (mine["mine"]["place"], mine["mine"]["state"])
        order = drawing.order_of(seen["seed"], list(DrawEntry.objects.values_list("pk", flat=True)))
        assert [lots[pk] for pk in order] == [(1, "WON"), (2, "WON"), (3, "LOST")]
        assert asked(None, MINE)["myAdmissionDraws"] == []
    # then the winners' time passes, and anybody may buy what is left
    with frozen(closes + timedelta(hours=24) - timedelta(seconds=1)):
        assert told()["sellsFreely"] is False
    with frozen(closes + timedelta(hours=24)):
        assert told()["sellsFreely"] is True
    assert asked(None, DRAWS, product="no-such")["admissionDraws"] == []
