"""Tasks of WeChat Pay; each may run twice."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="plugins.wechat_pay.tasks.drive_share", ignore_result=True)
def drive_share(share_pk: int) -> None:
    """Send or ask for one share."""
    from .services.sharing import drive_share as drive

    drive(share_pk)


@shared_task(name="plugins.wechat_pay.tasks.drive_return", ignore_result=True)
def drive_return(return_pk: int) -> None:
    """Send or ask for one return."""
    from .services.returning import drive_return as drive

    drive(return_pk)


@shared_task(name="plugins.wechat_pay.tasks.drive_shares", ignore_result=True)
def drive_shares() -> int:
    """Shares and returns whose time has come."""
    from .services.returning import drive_due_returns
    from .services.sharing import drive_due_shares

    return drive_due_shares() + drive_due_returns()


@shared_task(name="plugins.wechat_pay.tasks.fetch_bills", ignore_result=True)
def fetch_bills() -> int:
    """Bills that should be here by now."""
    from .services.billing import fetch_due, plan_bills

    plan_bills()
    return fetch_due()
