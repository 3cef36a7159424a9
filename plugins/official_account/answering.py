"""What an account answers in the same breath: decided from data at hand, for WeChat waits five seconds.

One statement for the rules, one for the nearest outlets or the scanned code; nobody outside is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plugins.service_map.interfaces import Found, MapError, PlaceKind, navigation_link, nearest

from .models import Account, Reply, ReplyForm, Trigger
from .scanning import code_of
from .wire import MAX_TEXT, Said, image_answer, kefu_answer, news_answer, text_answer

#: Outlets named in an answer to a position, and how far they may be, in metres.
OUTLETS, RADIUS = 3, 50_000
#: Messages that say something; what is not understood gets the account's default.
SPOKEN = frozenset({"text", "image", "voice", "video", "shortvideo", "link"})


@dataclass(frozen=True)
class Answer:
    """What is sent back ("" for nothing), and the rule that said so."""

    xml: str = ""
    rule: Reply | None = None


def answer_to(account: Account, said: Said) -> Answer:
    """The answer to a message or event; none where nothing is set up. Reads only."""
    if said.kind == "location":
        return Answer(text_answer(said, _nearby(said)))
    if said.kind in SPOKEN:
        return _by(account, said, _spoken)
    if said.event == "click":
        return _by(account, said, _clicked)
    if said.event in ("subscribe", "scan"):
        code = code_of(account, said.scene) if said.scene else None
        if code is not None and code.welcome:
            return Answer(text_answer(said, code.welcome))
        return _by(account, said, _greeting) if said.event == "subscribe" else Answer()
    return Answer()


def _by(account: Account, said: Said, choose: object) -> Answer:
    rules = list(Reply.objects.filter(account=account, is_active=True).order_by("pk"))
    rule = choose(rules, said)  # type: ignore[operator]
    return Answer(_made(rule, said), rule) if rule is not None else Answer()


def _spoken(rules: list[Reply], said: Said) -> Reply | None:
    return keyword_rule(rules, said.text) or _first(rules, Trigger.DEFAULT)


def _clicked(rules: list[Reply], said: Said) -> Reply | None:
    return next((rule for rule in rules if rule.trigger == Trigger.CLICK and said.key in rule.words), None)


def _greeting(rules: list[Reply], _said: Said) -> Reply | None:
    return _first(rules, Trigger.SUBSCRIBE)


def keyword_rule(rules: Iterable[Reply], text: str) -> Reply | None:
    """The rule for a text: the exact word before a contained one, the longer before the shorter, then the older."""
    spoken = normal(text)
    if not spoken:
        return None
    best: tuple[int, int] = (0, 0)
    found = None
    for rule in rules:
        if rule.trigger not in (Trigger.EXACT, Trigger.CONTAINS):
            continue
        for word in rule.words:
            plain = normal(word)
            exact = plain == spoken
            if not plain or (not exact and (rule.trigger == Trigger.EXACT or plain not in spoken)):
                continue
            weight = (1 if exact else 0, len(plain))
            if weight > best:
                best, found = weight, rule
    return found


def normal(text: str) -> str:
    """A keyword as it is compared: width and case do not matter, nor blanks around it."""
    from unicodedata import normalize

    return normalize("NFKC", text).strip().casefold()


def _first(rules: list[Reply], trigger: Trigger) -> Reply | None:
    return next((rule for rule in rules if rule.trigger == trigger), None)


def _made(rule: Reply, said: Said) -> str:
    if rule.form == ReplyForm.IMAGE:
        return image_answer(said, rule.media_id)
    if rule.form == ReplyForm.NEWS:
        return news_answer(said, rule.title, rule.summary, rule.picture_url, rule.link_url)
    if rule.form == ReplyForm.KEFU:
        return kefu_answer(said)
    if rule.form == ReplyForm.NEAREST:
        return text_answer(
            said, rule.text or _("请点左下角“+”，选择“位置”发送给我们，马上告诉您最近的邮政网点。")
        )
    return text_answer(said, rule.text)


def _nearby(said: Said) -> str:
    try:
        lat, lng = float(str(said.values.get("Location_X"))), float(str(said.values.get("Location_Y")))
        if not (-90 <= lat <= 90 and -180 <= lng <= 180):
            raise ValueError(lat, lng)
        found = nearest(lng, lat, kinds=(PlaceKind.OUTLET,), first=OUTLETS, radius=RADIUS)
    except (ValueError, TypeError, MapError):
        return _("没有读懂这个位置，请重新发送一次。")
    if not found:
        return _("50 公里内没有找到邮政网点。您可以拨打 11185 咨询。")
    lines = [_("离您最近的邮政网点：")]
    for number, one in enumerate(found, 1):
        line = _outlet(number, one)
        if len("\n\n".join([*lines, line]).encode()) > MAX_TEXT:
            break
        lines.append(line)
    return "\n\n".join(lines)


def _outlet(number: int, one: Found) -> str:
    place = one.place
    away = (
        _("%(metres)d 米") % {"metres": round(one.metres / 10) * 10}
        if one.metres < 1000
        else _("%(km).1f 公里") % {"km": one.metres / 1000}
    )
    parts = [f"{number}. {place.name}（{away}）", one.opening.text, place.address, place.phone]
    link = navigation_link(place.lng, place.lat, place.name)
    parts.append(f'<a href="{link}">{_("到这里去")}</a>')
    return "\n".join(part for part in parts if part)
