"""How often somebody may knock: counters in the cache, so that a form cannot be used to flood us or to guess."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.utils.translation import gettext as _

from .errors import ChannelError, ChannelErrorCode


def hit(what: str, who: str, most: int, seconds: int) -> None:
    """Count one knock. Raises ChannelError at the one after `most` within `seconds` since the first."""
    # a key tells nobody an address or a telephone number
    key = f"o2o_channels:{what}:{hashlib.sha256(who.encode()).hexdigest()[:24]}"
    cache.add(key, 0, seconds)
    try:
        count = cache.incr(key)
    except ValueError:  # it ended between the two
        return
    if count > most:
        raise ChannelError(
            ChannelErrorCode.TOO_MANY_REQUESTS, _("操作过于频繁"), hint=_("请稍后再试，或到邮政网点办理")
        )
