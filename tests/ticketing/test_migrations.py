"""Migrations that move rows, on rows: the former tables are filled, the migration runs as it does, and we look."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from plugins.ticketing.kernel.models import InsuranceProduct, SupplierAccount, SupplierNotice
from saleor_o2o.kernel.clock import now

pytestmark = pytest.mark.django_db
#: App, its migration before, its model then, and the adapter under which its rows go on (None: each says its own).
MOVES = (
    ("o2o_coach_suppliers", "0001_notices", "NetworkNotice", None),
    ("o2o_distribution", "0001_upstream", "SupplierNotice", "distributor"),
)


def migrate(app: str, before: str, name: str, fill: Any) -> None:
    """Stand where `app` stood after `before`, with its former table filled, and run the next migration as it is."""
    loader = MigrationLoader(connection)
    migration = loader.disk_migrations[app, "0002_one_kind_of_notices"]
    state = loader.project_state([(app, before), ("o2o_ticketing", "0014_supplier_notices")])
    former = state.apps.get_model(app, name)
    with connection.schema_editor() as editor:
        editor.create_model(former)
    fill(former)
    with connection.schema_editor() as editor:
        migration.apply(state, editor)
    assert former._meta.db_table not in connection.introspection.table_names()


@pytest.mark.parametrize(("app", "before", "name", "adapter"), MOVES)
def test_notices_move_whole_and_in_their_order(app: str, before: str, name: str, adapter: str | None) -> None:
    # given what a network told: done, waiting since an hour, two that were refused at the door (without a number)
    moment = now()
    told: list[dict[str, Any]] = [
        {"number": "P9", "kind": "issued", "subject": "GY1", "state": "done", "copies": 3, "tries": 1, "next_at": None,
         "done_at": moment},
        {"number": "P1", "kind": "checked", "subject": "T1", "state": "waiting", "tries": 4, "why": "SILENT",
         "next_at": moment + timedelta(minutes=5)},
        {"number": "", "state": "refused", "why": "BAD_SIGNATURE", "next_at": None},
        {"number": "", "state": "refused", "why": "STALE", "next_at": None},
    ]  # fmt: skip

    def fill(former: Any) -> None:
        for at, one in enumerate(told):
            more = (
                {} if adapter is not None else {"adapter": "coach_province" if at % 2 else "coach_fangbian"}
            )
            former.objects.create(
                body=f'{{"ticket": "乘客 {at}"}}', received_at=moment - timedelta(hours=at), **one, **more
            )

    # when
    migrate(app, before, name, fill)
    # then each is there with all that it said, readable, in the order in which it came
    rows = list(SupplierNotice.objects.order_by("pk"))
    assert [row.body for row in rows] == [f'{{"ticket": "乘客 {at}"}}' for at in range(4)]
    assert [row.received_at for row in rows] == [moment - timedelta(hours=at) for at in range(4)]
    for row, one in zip(rows, told, strict=True):
        assert {key: getattr(row, key) for key in one} == one
    wanted = [adapter] * 4 if adapter is not None else ["coach_fangbian", "coach_province"] * 2
    assert [row.adapter for row in rows] == wanted


def test_whoever_sells_insurances_has_no_trade_of_tickets(db: None) -> None:
    # given as it was: insurers among the coaches, one by his adapter only, and a network beside them
    def account(code: str, adapter: str) -> SupplierAccount:
        return SupplierAccount.objects.create(code=code, name=code, trade="coach", adapter=adapter)

    network, named, by_adapter = account("N", "x"), account("I1", "other"), account("I2", "insurer")
    InsuranceProduct.objects.create(
        code="P1", name="意外险", trade="coach", insurer=named, price=Decimal("3.00"), share=Decimal("2.00"),
        covers="乘车意外",
    )  # fmt: skip
    # when
    migration = import_module("plugins.ticketing.kernel.migrations.0013_insurers_and_batches")
    migration._insurers(apps, None)
    # then
    trades = dict(SupplierAccount.objects.values_list("code", "trade"))
    assert trades == {network.code: "coach", named.code: "insure", by_adapter.code: "insure"}
    # and back
    migration._back(apps, None)
    assert set(SupplierAccount.objects.values_list("trade", flat=True)) == {"coach"}
