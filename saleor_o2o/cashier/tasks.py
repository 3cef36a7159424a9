"""What Celery runs for the cashier. Every task may run twice, or in two workers at once, and change nothing."""

from __future__ import annotations

from celery import shared_task

from .services import closing, inbox, orphans, refunding, reviewing, watching


@shared_task(name="saleor_o2o.cashier.tasks.process_notification", ignore_result=True)
def process_notification(pk: int) -> None:
    """Act on one stored notification."""
    inbox.process(pk)


@shared_task(name="saleor_o2o.cashier.tasks.process_notifications", ignore_result=True)
def process_notifications() -> int:
    """Act on notifications whose task was lost or failed."""
    return inbox.process_due()


@shared_task(name="saleor_o2o.cashier.tasks.query_silent_payments", ignore_result=True)
def query_silent_payments() -> int:
    """Ask providers for payments that nobody has reported."""
    return watching.query_silent()


@shared_task(name="saleor_o2o.cashier.tasks.expire_payments", ignore_result=True)
def expire_payments() -> int:
    """Close unpaid orders whose time is over: at the provider first."""
    return closing.expire_due()


@shared_task(name="saleor_o2o.cashier.tasks.close_payment", ignore_result=True)
def close_payment(intent_pk: int, reason: str) -> None:
    """Close one order's payment now (the order was cancelled); money that waits for people goes back."""
    if not closing.begin_closing(intent_pk, reason):
        reviewing.give_back_reviewed(intent_pk, reason)
    closing.drive_closing(intent_pk)


@shared_task(name="saleor_o2o.cashier.tasks.send_refund", ignore_result=True)
def send_refund(refund_pk: int) -> None:
    """Send one refund that was just written."""
    refunding.drive_refund(refund_pk)


@shared_task(name="saleor_o2o.cashier.tasks.drive_refunds", ignore_result=True)
def drive_refunds() -> int:
    """Send refunds that wait and ask for those under way."""
    return refunding.drive_due_refunds()


@shared_task(name="saleor_o2o.cashier.tasks.find_orphans", ignore_result=True)
def find_orphans() -> dict[str, int]:
    """Find what nothing else explains; repair what is safe, leave the rest to people."""
    return orphans.find_orphans()
