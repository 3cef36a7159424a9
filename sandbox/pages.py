"""Rendering: templates, the person whose phone it is, and forms without a multipart library."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.clock import stamp
from sandbox.people import PEOPLE, Person, is_known, person

HERE = Path(__file__).parent
COOKIE = "sandbox_person"
_MAX_FORM = 16 * 1024
_LINK = re.compile(r'<a href="(https?://[^"<>]{1,900})">([^<>]{1,120})</a>')


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def _wechat_text(text: str) -> Markup:
    """Words as WeChat shows them: links are links, everything else is what was typed."""
    parts = _LINK.split(text)
    shown = [escape(parts[0])]
    for address, words, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        link = Markup('<a href="{}" target="_blank" rel="noreferrer">{}</a>').format(
            unescape(address), unescape(words)
        )
        shown += [link, escape(after)]
    return Markup("").join(shown)


def _shown(name: str, characters: int) -> str:
    """As much of a menu's name as a telephone shows: a letter is half a character."""
    wide = 0.0
    for at, letter in enumerate(name):
        wide += 1 if ord(letter) > 0xFF else 0.5
        if wide > characters:
            return f"{name[:at]}…"
    return name


_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["merchant"] = lambda mchid, names: names[mchid]
_templates.filters["yuan"] = _yuan
_templates.filters["wechat_text"] = _wechat_text
_templates.filters["shown"] = _shown
_templates.filters["moment"] = lambda epoch: stamp(epoch, "%Y-%m-%d %H:%M:%S")
_templates.filters["clock"] = lambda epoch: stamp(epoch, "%m-%d %H:%M:%S")


def owner(request: Request) -> Person:
    """Whose phone this browser is: ?person=, else the cookie, else the first of the people."""
    return person(request.query_params.get("person") or request.cookies.get(COOKIE, ""))


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A rendered page. A ?person= in the address is remembered."""
    html = _templates.get_template(template).render(me=owner(request), people=PEOPLE, **values)
    response = HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
    wanted = request.query_params.get("person", "")
    if is_known(wanted):
        response.set_cookie(COOKIE, wanted, httponly=True, samesite="lax")
    return response


async def form(request: Request) -> dict[str, str]:
    """The fields of an urlencoded form; the last one wins. Too long or undecodable is empty."""
    raw = await request.body()
    if len(raw) > _MAX_FORM:
        return {}
    return {name: values[-1] for name, values in parse_qs(raw.decode(errors="replace")).items()}
