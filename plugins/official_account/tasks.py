"""Tasks of the official account; each may run twice."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="plugins.official_account.tasks.process_push", ignore_result=True)
def process_push(push_pk: int) -> None:
    """Do what a message or event asks for."""
    from .services.receiving import process

    process(push_pk)


@shared_task(name="plugins.official_account.tasks.process_due", ignore_result=True)
def process_due() -> int:
    """Messages and events that a lost task left behind."""
    from .services.receiving import process_due as drive

    return drive()


@shared_task(name="plugins.official_account.tasks.sync_fans", ignore_result=True)
def sync_fans() -> int:
    """Ask WeChat for what it tells of new followers."""
    from .services.syncing import sync_due

    return sync_due()


@shared_task(name="plugins.official_account.tasks.publish_menu", ignore_result=True)
def publish_menu(menu_pk: int) -> None:
    """Show a menu to the followers, or take it back."""
    from .services.publishing import drive

    drive(menu_pk)


@shared_task(name="plugins.official_account.tasks.drive_due", ignore_result=True)
def drive_due() -> int:
    """Menus, codes, pictures, tags and readings whose task was lost, or which WeChat did not answer."""
    from .services.crawling import drive_due as crawls
    from .services.materials import drive_due as materials
    from .services.publishing import drive_due as menus
    from .services.scenes import drive_due as codes
    from .services.tags import drive_due as tags

    return menus() + codes() + materials() + tags() + crawls()


@shared_task(name="plugins.official_account.tasks.send_message", ignore_result=True)
def send_message(sending_pk: int) -> None:
    """Send one template message."""
    from .services.sending import drive

    drive(sending_pk)


@shared_task(name="plugins.official_account.tasks.send_due", ignore_result=True)
def send_due() -> int:
    """Messages that wait: of templates, and of the staff."""
    from .services.sending import drive_due as templates
    from .services.talking import drive_due as talks

    return talks() + templates()


@shared_task(name="plugins.official_account.tasks.send_talk", ignore_result=True)
def send_talk(message_pk: int) -> None:
    """Send one answer of the staff's."""
    from .services.talking import drive

    drive(message_pk)


@shared_task(name="plugins.official_account.tasks.move_material", ignore_result=True)
def move_material(material_pk: int) -> None:
    """Upload a picture to WeChat, or delete it there."""
    from .services.materials import drive

    drive(material_pk)


@shared_task(name="plugins.official_account.tasks.read_followers", ignore_result=True)
def read_followers(crawl_pk: int) -> None:
    """Read on in the list of followers."""
    from .services.crawling import drive

    drive(crawl_pk)


@shared_task(name="plugins.official_account.tasks.put_tags", ignore_result=True)
def put_tags(tag_pk: int) -> None:
    """Put a tag on followers, or take it off."""
    from .services.tags import drive

    drive(tag_pk)


@shared_task(name="plugins.official_account.tasks.make_code", ignore_result=True)
def make_code(code_pk: int) -> None:
    """Let WeChat make a code."""
    from .services.scenes import drive

    drive(code_pk)


@shared_task(name="plugins.official_account.tasks.forget_old", ignore_result=True)
def forget_old() -> int:
    """Delete what people wrote, and what was written to them, long ago."""
    from .services.receiving import forget_old as pushes
    from .services.talking import forget_old as talks

    return pushes() + talks()


@shared_task(name="plugins.official_account.tasks.close_days", ignore_result=True)
def close_days() -> int:
    """Count the days that are over, and ask WeChat what it has reckoned of them."""
    from .services.counting import close_days as close

    return close()
