"""What Celery runs for members. Every task may run twice and change nothing."""

from __future__ import annotations

from celery import shared_task

from .services import closing, codes, merging, qr, realname, reminding, restricting, sessions, sms


@shared_task(name="plugins.members.tasks.send_message", ignore_result=True)
def send_message(pk: int) -> None:
    """Send a text message, or ask what became of it."""
    sms.deliver(pk)


@shared_task(name="plugins.members.tasks.send_waiting", ignore_result=True)
def send_waiting() -> int:
    """Take up messages that were not tried, have no answer, or lost their worker; returns how many."""
    found = sms.waiting()
    for pk in found:
        send_message.delay(pk)
    return len(found)


@shared_task(name="plugins.members.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Delete old codes, messages and logins, move what came late to a merge; returns how many rows."""
    return codes.sweep() + sms.sweep() + sessions.sweep() + qr.sweep() + merging.follow()


@shared_task(name="plugins.members.tasks.close_due", ignore_result=True)
def close_due() -> int:
    """Carry out the closings whose cooling period is over; returns how many members were forgotten."""
    return closing.carry_out_due()


@shared_task(name="plugins.members.tasks.end_restrictions", ignore_result=True)
def end_restrictions() -> int:
    """Take members off the blacklist whose day is over; returns how many."""
    return restricting.end_due()


@shared_task(name="plugins.members.tasks.check_real_name", ignore_result=True)
def check_real_name(pk: int) -> None:
    """Ask the register of persons, or ask what became of it."""
    realname.carry_out(pk)


@shared_task(name="plugins.members.tasks.check_waiting", ignore_result=True)
def check_waiting() -> int:
    """Take up checks that were not tried, have no answer, or lost their worker; returns how many."""
    found = realname.waiting()
    for pk in found:
        check_real_name.delay(pk)
    return len(found)


@shared_task(name="plugins.members.tasks.remind_of_vehicles", ignore_result=True)
def remind_of_vehicles() -> int:
    """Tell members of inspections and insurances that end soon, by day; returns of how many cars."""
    return reminding.remind()
