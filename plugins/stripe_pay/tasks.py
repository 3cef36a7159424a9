"""What Celery runs for Stripe. Every task may run twice, or in two workers at once, and change nothing."""

from __future__ import annotations

from celery import shared_task

from .services import settling


@shared_task(name="plugins.stripe_pay.tasks.settle", ignore_result=True)
def settle() -> int:
    """Ask for what stayed open, book it, finish or undo its order, give late money back."""
    return settling.settle_due()


@shared_task(name="plugins.stripe_pay.tasks.settle_charge", ignore_result=True)
def settle_charge(charge_pk: int) -> None:
    """One charge that a notification told of."""
    settling.settle_charge(charge_pk)


@shared_task(name="plugins.stripe_pay.tasks.settle_move", ignore_result=True)
def settle_move(move_pk: int) -> None:
    """One capture, void or refund that a notification told of."""
    settling.settle_move(move_pk)
