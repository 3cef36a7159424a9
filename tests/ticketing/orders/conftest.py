"""Two suppliers elsewhere and one of our own, a variant, a buyer."""

from __future__ import annotations

import pytest
from saleor.account.models import User
from saleor.product.models import ProductVariant

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.kernel import ports, trades
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.services.goods import ticket_variant
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures

from ..refunds.scripted import PlainTrade
from .suppliers import Pretended
from .till import Till


@pytest.fixture
def suppliers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Pretended]:
    """By code; all three sell coaches."""
    made = {
        "first": Pretended(prefix="A"),
        "second": Pretended(prefix="B"),
        "own": Pretended(local=True, prefix="L"),
    }
    for code, supplier in made.items():
        monkeypatch.setitem(ports._adapters, f"test-{code}", supplier)
    return made


def open_accounts(suppliers: dict[str, Pretended]) -> dict[str, SupplierAccount]:
    """Their accounts, in this order."""
    return {
        code: SupplierAccount.objects.create(
            code=code, name=f"供应商{code}", trade="coach", adapter=f"test-{code}", priority=position
        )
        for position, code in enumerate(suppliers)
    }


@pytest.fixture
def accounts(db: None, suppliers: dict[str, Pretended]) -> dict[str, SupplierAccount]:
    return open_accounts(suppliers)


@pytest.fixture
def variant(db: None) -> ProductVariant:
    return ticket_variant("coach", "test-line", "甲县—乙县", "full", "全票")


@pytest.fixture
def buyer(db: None) -> User:
    return User.objects.create_user("buyer@example.com", "password")


@pytest.fixture
def unit(org: dict[str, OrgUnit]) -> OrgUnit:
    return org["B111"]


@pytest.fixture
def till(shop: Shop, suppliers: dict[str, Pretended], monkeypatch: pytest.MonkeyPatch) -> Till:  # noqa: F811
    """The shop with commits that are real."""
    trade = PlainTrade()
    monkeypatch.setitem(trades._trades, "coach", trade)  # type: ignore[arg-type]
    line = ticket_variant("coach", "test-line", "甲县—乙县", "full", "全票")
    return Till(shop, suppliers, open_accounts(suppliers), trade, line)
