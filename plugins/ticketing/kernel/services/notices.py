"""What suppliers tell by themselves: stored as it came, once by its number, answered, worked on after the commit.

A notice is a reason to look (decisions 0101, 0110): its source asks the supplier how things stand now, so that one that
comes twice, late by a day, or before the one that it follows leads to the same rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import LockTimeout

from ..choices import NoticeState
from ..models import SupplierNotice
from ..ports import SupplierRefused, SupplierSilent

logger = logging.getLogger(__name__)
#: After so many tries a person has to look.
MOST_TRIES = 12
#: The first try again after ten seconds, then ever more rarely.
FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
#: Of what is not believed so much is kept, for so long.
KEPT_BYTES, KEPT = 4096, timedelta(days=30)


class Unknown(Exception):
    """A notice speaks of something that we do not have (yet), or cannot be read; says which."""


@dataclass(frozen=True, slots=True)
class NoticeSource:
    """Who tells: its name and kinds of notices for people, and the work on one.

    `work` asks the supplier, so it is called outside transactions; it raises Unknown, SupplierSilent, SupplierRefused,
    DomainError or LockTimeout for what is to be tried again.
    """

    name: Any
    kinds: Mapping[str, Any]
    work: Callable[[SupplierNotice], None]


_sources: dict[str, NoticeSource] = {}


def register_notices(adapter: str, source: NoticeSource) -> None:
    """Say what becomes of an adapter's notices; its app calls it when it is ready."""
    _sources[adapter] = source


def sources() -> Mapping[str, NoticeSource]:
    """All of them, by adapter."""
    return _sources


def kind_words(notice: SupplierNotice) -> str:
    """What a notice is, for people; "" for one that was refused at the door."""
    source = _sources.get(notice.adapter)
    return str(source.kinds.get(notice.kind, notice.kind)) if source is not None else notice.kind


def take_in(adapter: str, number: str, kind: str, subject: str, body: bytes) -> SupplierNotice:
    """Store a notice once; work on it begins after the commit. The same number again only counts up."""
    try:
        with transaction.atomic():
            made = SupplierNotice.objects.create(
                adapter=adapter,
                number=number,
                kind=kind,
                subject=subject,
                body=body.decode("utf-8", "replace"),
            )
    except IntegrityError:
        same = SupplierNotice.objects.filter(adapter=adapter, number=number)
        same.update(copies=F("copies") + 1)
        return same.get()
    from ..tasks import work_notice

    transaction.on_commit(partial(work_notice.delay, made.pk), robust=True)
    return made


def keep_refused(adapter: str, body: bytes, why: str) -> None:
    """What is not the supplier's is evidence; nothing is ever done with it."""
    text = body[:KEPT_BYTES].decode("utf-8", "replace").replace("\0", "")
    SupplierNotice.objects.create(
        adapter=adapter, body=text, state=NoticeState.REFUSED, why=why[:200], next_at=None
    )


def work(pk: int) -> str:
    """Work on one notice that waits; its state afterwards, "" for one that does not wait.

    Asks the supplier: call it outside transactions. Whatever goes wrong is tried again later, so that one notice that
    cannot be worked on never keeps the others waiting.
    """
    notice = SupplierNotice.objects.filter(pk=pk, state=NoticeState.WAITING).first()
    if notice is None:
        return ""
    notice.tries += 1
    try:
        _do(notice)
    except (SupplierSilent, SupplierRefused) as error:
        return _again(notice, str(error.words))
    except (Unknown, DomainError, LockTimeout) as error:
        return _again(notice, str(error) or type(error).__name__)
    except Exception as error:  # a notice that breaks our own code: people see it, the next one is worked on
        logger.exception("notice %s of %s", notice.pk, notice.adapter)
        return _again(notice, str(_("系统处理时出错（%(what)s）")) % {"what": type(error).__name__})
    notice.state, notice.done_at, notice.next_at, notice.why = NoticeState.DONE, now(), None, ""
    return _kept(notice)


def due(limit: int = 100) -> list[int]:
    """Notices whose next try has come."""
    waiting = SupplierNotice.objects.filter(state=NoticeState.WAITING, next_at__lte=now())
    return list(waiting.order_by("next_at").values_list("pk", flat=True)[:limit])


def again(pk: int) -> None:
    """Let a notice that is stuck wait once more."""
    SupplierNotice.objects.filter(pk=pk, state=NoticeState.STUCK).update(
        state=NoticeState.WAITING, tries=0, next_at=now()
    )


def forget() -> int:
    """Delete what was refused at the door a month ago; how many."""
    old = SupplierNotice.objects.filter(state=NoticeState.REFUSED, received_at__lt=now() - KEPT)
    return old.delete()[0]


def _do(notice: SupplierNotice) -> None:
    source = _sources.get(notice.adapter)
    if source is None:
        raise Unknown(_("没有这个供应商的接口：%(name)s") % {"name": notice.adapter})
    source.work(notice)


def _again(notice: SupplierNotice, why: str) -> str:
    logger.warning("notice %s of %s: %s", notice.number, notice.adapter, why)
    over = notice.tries >= MOST_TRIES
    notice.state = NoticeState.STUCK if over else NoticeState.WAITING
    notice.next_at = None if over else now() + min(FIRST * 2**notice.tries, LONGEST)
    notice.why = why
    return _kept(notice)


def _kept(notice: SupplierNotice) -> str:
    """Only while it waits: whoever works on it at the same time has written the same, or is earlier."""
    SupplierNotice.objects.filter(pk=notice.pk, state=NoticeState.WAITING).update(
        state=notice.state,
        done_at=notice.done_at,
        next_at=notice.next_at,
        why=notice.why[:200],
        tries=notice.tries,
    )
    return str(notice.state)
