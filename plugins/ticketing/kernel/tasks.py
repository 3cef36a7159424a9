"""Work of the ticketing kernel in the background. Each may run twice, or in two workers at once."""

from __future__ import annotations

from celery import shared_task

from .services import batches, giving_back, refund_outcomes, replies
from .services.quotes import forget_expired


@shared_task(name="plugins.ticketing.kernel.tasks.forget_quotes")
def forget_quotes() -> int:
    """Delete quotes that nobody used, a week after they expired."""
    return forget_expired()


@shared_task(name="plugins.ticketing.kernel.tasks.send_release", ignore_result=True)
def send_release(call_pk: int) -> bool:
    """Tell a supplier that it need not hold something any more."""
    from .services.releasing import tell_release

    return tell_release(call_pk)


@shared_task(name="plugins.ticketing.kernel.tasks.expire_holds")
def expire_holds() -> int:
    """Close unpaid ticket orders whose time is over."""
    from .services.expiring import expire_due

    return expire_due()


@shared_task(name="plugins.ticketing.kernel.tasks.drive_order", ignore_result=True)
def drive_order(pk: int) -> None:
    """Issue a paid ticket order, or bring it nearer."""
    from .services.issuing import drive

    drive(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.drive_waiting")
def drive_waiting() -> int:
    """Go on with paid ticket orders that stand still."""
    from .services import issuing

    return issuing.drive_waiting()


@shared_task(name="plugins.ticketing.kernel.tasks.void_repaid", ignore_result=True)
def void_repaid(order_id: int) -> int:
    """Take tickets back that were issued for an order that ended meanwhile."""
    from .services.voiding import void_if_repaid

    return void_if_repaid(order_id)


@shared_task(name="plugins.ticketing.kernel.tasks.void_left")
def void_left() -> int:
    """Take tickets back that still count although their order's money is back."""
    from .services.left_valid import look_at_left

    return look_at_left()


@shared_task(name="plugins.ticketing.kernel.tasks.ping_suppliers")
def ping_suppliers() -> int:
    """Ask resting suppliers whether they are back."""
    from .services.health import ping_resting

    return ping_resting()


@shared_task(name="plugins.ticketing.kernel.tasks.ask_deposits")
def ask_deposits() -> int:
    """Ask suppliers what is left of our deposits."""
    from .services.deposits import look_all

    return look_all()


@shared_task(name="plugins.ticketing.kernel.tasks.sweep_calls")
def sweep_calls() -> int:
    """Ask suppliers about calls without an answer."""
    from .services.calls import sweep

    return sweep()


@shared_task(name="plugins.ticketing.kernel.tasks.send_refund", ignore_result=True)
def send_refund(pk: int) -> None:
    """Ask the supplier of a refund to take the tickets back."""
    refund_outcomes.send(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.send_change", ignore_result=True)
def send_change(pk: int) -> None:
    """Ask the supplier of a change to change the tickets."""
    from .services import change_asking

    change_asking.send(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.call_change", ignore_result=True)
def call_change(call_pk: int) -> None:
    """Send a change again that the supplier never got."""
    from .services import change_asking

    change_asking.call_supplier(call_pk)


@shared_task(name="plugins.ticketing.kernel.tasks.follow_changes", ignore_result=True)
def follow_changes() -> None:
    """Close changes that nobody paid, send what was not sent, find out what has no answer."""
    from .services import change_following

    change_following.follow()


@shared_task(name="plugins.ticketing.kernel.tasks.hand_money_back", ignore_result=True)
def hand_money_back(pk: int) -> None:
    """Let the cashier give money back."""
    giving_back.hand_over(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.follow_refunds", ignore_result=True)
def follow_refunds() -> None:
    """Go on where a merchant was silent, send what was not sent, find out what has no answer, hand over what the
    cashier does not have."""
    replies.lapse()
    refund_outcomes.send_waiting()
    refund_outcomes.ask_again()
    giving_back.hand_over_waiting()


@shared_task(name="plugins.ticketing.kernel.tasks.run_refund_batches", ignore_result=True)
def run_refund_batches() -> None:
    """Go on with refunds of whole sessions."""
    batches.go_on()


@shared_task(name="plugins.ticketing.kernel.tasks.take_statements")
def take_statements() -> int:
    """Take in what suppliers say of the days before."""
    from .services.statements import take_due

    return take_due()


@shared_task(name="plugins.ticketing.kernel.tasks.work_notice")
def work_notice(pk: int) -> str:
    """Work on one notice of a supplier."""
    from .services.notices import work

    return work(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.work_notices")
def work_notices() -> int:
    """Work on the notices whose next try has come; how many are done."""
    from .services.notices import due, work

    return sum(work(pk) == "done" for pk in due())


@shared_task(name="plugins.ticketing.kernel.tasks.forget_notices")
def forget_notices() -> int:
    """Delete notices that were refused at the door a month ago."""
    from .services.notices import forget

    return forget()


@shared_task(name="plugins.ticketing.kernel.tasks.follow_insurances")
def follow_insurances() -> int:
    """Ask insurers for what was bought, for its number, put it on changed trips, end what nobody travels on."""
    from .services import endorsing, insuring

    return insuring.follow() + endorsing.follow()


@shared_task(name="plugins.ticketing.kernel.tasks.cancel_insurance", ignore_result=True)
def cancel_insurance(pk: int) -> None:
    """End an insurance whose ticket is gone."""
    from .services.insuring import cancel

    cancel(pk)


@shared_task(name="plugins.ticketing.kernel.tasks.endorse_insurance", ignore_result=True)
def endorse_insurance(pk: int) -> None:
    """Put an insurance on the trip to which its ticket was changed."""
    from .services.endorsing import endorse

    endorse(pk)
