"""A shop that takes cards, the sandbox's Stripe in its own process, and a line on which its notifications arrive."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from saleor.payment.models import Payment

from plugins.stripe_pay.configuration import GATEWAY
from plugins.stripe_pay.models import StripeCharge
from plugins.stripe_pay.seeds import configure_from_sandbox
from sandbox.client import SandboxClient
from tests.buying.conftest import line as line
from tests.buying.conftest import sandbox_directory as sandbox_directory
from tests.buying.conftest import sandbox_url as sandbox_url
from tests.buying.conftest import world as world
from tests.buying.shopper import ask, choose_payment, fill_checkout
from tests.stock.world import World

COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token status paymentStatus } confirmationNeeded confirmationData
  checkoutErrors { field message code } } }"""


@dataclass
class Cards:
    """The sandbox's Stripe as a test uses it."""

    world: World
    control: SandboxClient
    line: Any
    directory: Path
    url: str

    def configure(self, *, auto_capture: bool = True) -> None:
        """Write the plugin's configuration."""
        configure_from_sandbox(self.directory / "stripe", self.url, self.line.url, auto_capture=auto_capture)

    def cart(self, token: str = "pm_card_visa", lines: int = 1) -> dict[str, Any]:
        """A cart whose payment is chosen: 44.90 for one box with delivery."""
        cart = fill_checkout(self.world, lines)
        assert choose_payment(cart, GATEWAY, token)["paymentErrors"] == []
        return cart

    def complete(self, cart: dict[str, Any]) -> dict[str, Any]:
        """Complete it."""
        return ask(COMPLETE, {"id": cart["id"]})["checkoutComplete"]

    def buy(self, token: str = "pm_card_visa", lines: int = 1) -> dict[str, Any]:
        """Cart to answer."""
        return self.complete(self.cart(token, lines))

    def intents(self, number: str = "") -> list[dict[str, Any]]:
        """What Stripe knows, newest first."""
        return self.control.call("GET", "/stripe/intents", number=number)["intents"]

    def answer(self, charge: StripeCharge, yes: bool = True) -> None:
        """The card's owner answers the bank."""
        answer = "yes" if yes else "no"
        self.control.call("POST", "/stripe/challenge", {"intent": charge.number, "answer": answer})

    def fault(self, where: str, kind: str, **more: Any) -> None:
        """Order a fault."""
        self.control.call("POST", "/faults", {"system": "stripe", "where": where, "kind": kind, **more})

    def hear(self) -> Any:
        """Take the next notification off the line."""
        return self.line.next(5)

    def silence(self) -> None:
        """Throw away what waits on the line."""
        while True:
            try:
                self.line.heard.get_nowait()
            except queue.Empty:
                return

    def deliver(self, heard: Any, **changes: Any) -> int:
        """Hand a notification to the platform's real hook; the status it answers."""
        headers = {name.lower(): value for name, value in heard.headers.items()}
        signature = changes.get("signature", headers["stripe-signature"])
        response = Client().post(
            "/hooks/stripe_pay/notify",
            changes.get("body", heard.body).encode(),
            content_type="application/json",
            headers={"Stripe-Signature": signature},
        )
        return response.status_code


@pytest.fixture
def cards(
    world: World, sandbox_url: str, sandbox_directory: Path, line: Any, settings: Any
) -> Iterator[Cards]:
    """Stripe configured with the sandbox's account."""
    with SandboxClient(sandbox_url) as control:
        control.reset()
        found = Cards(world, control, line, sandbox_directory, sandbox_url)
        found.configure()
        found.silence()
        yield found
        control.clear_faults()


@pytest.fixture
def authorizing(cards: Cards) -> Cards:
    """The same, but money is only reserved at first."""
    cards.configure(auto_capture=False)
    return cards


def the_charge() -> StripeCharge:
    """The only charge there is."""
    return StripeCharge.objects.get()


def the_payment() -> Payment:
    """The only payment there is."""
    return Payment.objects.get()
