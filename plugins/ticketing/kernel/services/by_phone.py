"""What all that suppliers say by telephone has in common: the words, who may not record it, and what came between."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from saleor_o2o.kernel.errors import Text

from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from .desk import SHORTEST


def words_of(note: str) -> str:
    """What the supplier said, as it is kept. Raises INVALID_INPUT for too little."""
    words = note.strip()[:150]
    if len(words) < SHORTEST:
        raise TicketError(
            Code.INVALID_INPUT, _("请写明供应商的答复（不少于 %(count)d 字）") % {"count": SHORTEST}, "note"
        )
    return words


def refuse_asker(request: Any, by: Any, what: Text) -> None:
    """Whoever asked for a refund or a change (`what`) does not record its answer. Raises SAME_PERSON."""
    if request.asked_by_id is not None and request.asked_by_id == by.pk:
        raise TicketError(
            Code.SAME_PERSON,
            _("不能登记自己申请的%(what)s") % {"what": what},
            hint=_("请由其他人员登记供应商的答复"),
        )


def changed(what: Text) -> TicketError:
    """The supplier answered meanwhile, or the refund or change (`what`) is not what it was."""
    return TicketError(
        Code.CHANGED_MEANWHILE,
        _("供应商已有答复，或这笔%(what)s刚刚有了变化") % {"what": what},
        hint=_("请刷新后查看"),
    )
