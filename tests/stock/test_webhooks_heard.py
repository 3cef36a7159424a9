"""A webhook's payload is written when somebody listens, and only then."""

import inspect
import json

import pytest
from saleor.app.models import App
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.webhook.plugin import WebhookPlugin
from saleor.webhook.models import Webhook

from saleor_o2o.webhooks import EVENTS, HeardWebhookPlugin

from .world import make_order, make_world


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is handed to stock's task."""
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "saleor.plugins.webhook.plugin.trigger_webhooks_for_event.delay", lambda *given: found.append(given)
    )
    return found


@pytest.mark.django_db
def test_nobody_listens(sent: list[tuple[str, str]]) -> None:
    # given
    order = make_order(make_world())

    # when
    get_plugins_manager().order_created(order)

    # then
    assert sent == []


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["order_created", "any_events"])
def test_somebody_listens(sent: list[tuple[str, str]], wanted: str) -> None:
    # given
    order = make_order(make_world())
    webhook = Webhook.objects.create(
        app=App.objects.create(name="erp"), target_url="https://erp.example.com/"
    )
    webhook.events.create(event_type=wanted)

    # when
    get_plugins_manager().order_created(order)

    # then
    [(event, payload)] = sent
    assert event == "order_created"
    assert json.loads(payload)[0]["id"]


@pytest.mark.parametrize("state", ["webhook", "app"])
@pytest.mark.django_db
def test_what_is_switched_off_does_not_listen(sent: list[tuple[str, str]], state: str) -> None:
    # given
    order = make_order(make_world())
    app = App.objects.create(name="erp", is_active=state != "app")
    webhook = Webhook.objects.create(
        app=app, target_url="https://erp.example.com/", is_active=state != "webhook"
    )
    webhook.events.create(event_type="order_created")

    # when
    get_plugins_manager().order_created(order)

    # then
    assert sent == []


def test_every_hook_of_stock_is_known() -> None:
    # then
    hooks = {
        name
        for name, _ in inspect.getmembers(WebhookPlugin, inspect.isfunction)
        if name in vars(WebhookPlugin)
    }
    assert hooks - {"__init__"} == set(EVENTS)
    assert set(EVENTS) <= set(vars(HeardWebhookPlugin))
