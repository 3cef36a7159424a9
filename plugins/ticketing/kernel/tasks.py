"""Work of the ticketing kernel in the background; each may run twice."""

from __future__ import annotations

from celery import shared_task

from .services import batches, giving_back, refund_outcomes
from .services.quotes import forget_expired


@shared_task(name="plugins.ticketing.kernel.tasks.forget_quotes")
def forget_quotes() -> int:
    """Delete quotes that nobody used, a week after they expired."""
    return forget_expired()


@shared_task(name="plugins.ticketing.kernel.tasks.send_refund", ignore_result=True)
def send_refund(pk: int) -> None:
    """Ask the supplier of a refund to take the tickets back."""
    refund_outcomes.send(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.hand_money_back", ignore_result=True)
def hand_money_back(pk: int) -> None:
    """Let the cashier give money back."""
    giving_back.hand_over(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.follow_refunds", ignore_result=True)
def follow_refunds() -> None:
    """Send what was not sent, find out what has no answer, hand over what the cashier does not have."""
    refund_outcomes.send_waiting()
    refund_outcomes.ask_again()
    giving_back.hand_over_waiting()


@shared_task(name="plugins.ticketing.kernel.tasks.run_refund_batches", ignore_result=True)
def run_refund_batches() -> None:
    """Go on with refunds of whole sessions."""
    batches.go_on()
