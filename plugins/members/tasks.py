"""What Celery runs for members. Every task may run twice and change nothing."""

from __future__ import annotations

from celery import shared_task

from .services import codes, merging, qr, sessions, sms


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
