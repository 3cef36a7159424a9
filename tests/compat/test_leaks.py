"""Trap 5: what the gateway answered and what plugins keep secret stay with staff."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User
from saleor.app.models import App
from saleor.order.models import Order
from saleor.payment.models import Payment
from saleor.plugins.base_plugin import BasePlugin, ConfigurationTypeField
from saleor.plugins.manager import get_plugins_manager

from tests.stock.graphql_api import Api
from tests.stock.world import World, make_order

ASK = """query($token: UUID!) { orderByToken(token: $token) { payments {
  token transactions { gatewayResponse } availableCaptureAmount { amount currency } } } }"""


@pytest.fixture
def order(world: World) -> Order:
    order = make_order(world)
    payment = Payment.objects.create(
        gateway="mirumee.payments.dummy", order=order, total=order.total.gross.amount, currency=order.currency
    )
    payment.transactions.create(
        token="t", kind="auth", is_success=True, amount=payment.total, currency=order.currency,
        gateway_response={"prepay_id": "wx-secret"},
    )  # fmt: skip
    return order


def response(api: Api, order: Order) -> Any:
    answer = api.post(ASK, {"token": order.token})
    assert "errors" not in answer
    return json.loads(answer["data"]["orderByToken"]["payments"][0]["transactions"][0]["gatewayResponse"])


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("anonymous", {}),
        ("shopper", {}),
        ("staff without orders", {}),
        ("app without orders", {}),
        ("staff of orders", {"prepay_id": "wx-secret"}),
        ("app of orders", {"prepay_id": "wx-secret"}),
        ("superuser", {"prepay_id": "wx-secret"}),
    ],
)
def test_gateway_response(world: World, order: Order, who: str, expected: dict[str, str]) -> None:
    # given
    from saleor_o2o.graphql.schema import schema

    codename = "manage_orders" if who.endswith("of orders") else "manage_products"
    permission = Permission.objects.get(codename=codename)
    if who.startswith("app"):
        app = App.objects.create(name="柜台")
        app.permissions.add(permission)
        api = Api(schema, app=app.tokens.create().auth_token)
    elif who == "anonymous":
        api = Api(schema)
    elif who in {"shopper", "superuser"}:
        api = Api(schema, get_token(world.customer if who == "shopper" else world.admin))
    else:
        staff = User.objects.create_user("staff@example.com", "password-8", is_staff=True)
        staff.user_permissions.add(permission)
        api = Api(schema, get_token(staff))
    # when / then
    assert response(api, order) == expected


def test_capture_amount_is_money(world: World, order: Order) -> None:
    from saleor_o2o.graphql.schema import schema

    answer = Api(schema, get_token(world.admin)).post(ASK, {"token": order.token})
    amount = answer["data"]["orderByToken"]["payments"][0]["availableCaptureAmount"]
    assert amount == {"amount": 89.8, "currency": order.currency}


class SecretivePlugin(BasePlugin):
    """A plugin whose default configuration holds something secret."""

    PLUGIN_ID = "o2o.secretive"
    PLUGIN_NAME = "Secretive"
    CONFIG_STRUCTURE = {
        "key": {"type": ConfigurationTypeField.SECRET, "help_text": "", "label": "key"},
        "password": {"type": ConfigurationTypeField.PASSWORD, "help_text": "", "label": "password"},
    }
    DEFAULT_CONFIGURATION = [
        {"name": "key", "value": "0123456789abcdef"},
        {"name": "password", "value": "hunter2"},
    ]


def test_defaults_of_a_plugin_survive_being_shown_and_saved(world: World, settings: Any) -> None:
    from saleor_o2o.graphql.schema import schema

    # given
    settings.PLUGINS = [f"{__name__}.SecretivePlugin"]
    api = Api(schema, get_token(world.admin))
    # when it is shown twice
    for _time in range(2):
        shown = api.query("plugin", id="o2o.secretive", depth=1)["configuration"]
        # then only the end of the key is
        assert {item["name"]: item["value"] for item in shown} == {"key": "cdef", "password": ""}
    [plugin] = get_plugins_manager().plugins
    assert plugin.configuration[0]["value"] == "0123456789abcdef"
    # and when another is saved, the class's default is as it was
    api.mutate(
        "pluginUpdate",
        id="o2o.secretive",
        input={"configuration": [{"name": "key", "value": "another-key-9"}]},
    )
    assert [item["value"] for item in SecretivePlugin.DEFAULT_CONFIGURATION] == [
        "0123456789abcdef",
        "hunter2",
    ]
    [plugin] = get_plugins_manager().plugins
    assert plugin.configuration[0]["value"] == "another-key-9"
