"""Plans on sale, and a shopper who buys them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugins.members.interfaces import ensure_member
from plugins.members.models import Member
from plugins.memberships.models import Plan
from plugins.memberships.services.plans import make_plan
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures

D = Decimal


@pytest.fixture
def member(shop: Shop) -> Member:  # noqa: F811 - the fixture
    return ensure_member(shop.shopper)


@pytest.fixture
def plans(shop: Shop) -> dict[str, Plan]:  # noqa: F811 - the fixture
    """A year for 100, a better one for 300, a car's for 199; a company's that is given."""
    told = (("year", "年卡", "paid", "100.00", 1), ("gold", "金卡", "paid", "300.00", 2),
            ("car", "车主卡", "car", "199.00", 1), ("firm", "企业卡", "company", "0", 1))  # fmt: skip
    return {
        code: make_plan(None, code=code, name=name, kind=kind, price=D(price), rank=rank)
        for code, name, kind, price, rank in told
    }
