"""Somebody of the staff in front of the back office: pages are read, forms are filled in and sent as a browser does."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Self

from lxml import html

from .world import Differs, World

_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.S)
_ALERT = re.compile(r'role="alert">(.*?)</p>', re.S)


class Office:
    """One person's session, logged in; closed by `with`. Raises Differs where he may not come in."""

    def __init__(self, world: World, who: str) -> None:
        self.world, self.who = world, who
        self.http = world.browser()
        person = world.login(who)
        done = self.send("/admin/login/", username=person["login"], password=person["password"])
        if "/login" in str(done.url):
            raise Differs(f"{who} 无法登录后台")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_told: object) -> None:
        self.http.close()

    def page(self, address: str, **query: str) -> str:
        """A page as it is. Raises Differs for one that does not open."""
        page = self.http.get(address, params=query or None)
        if page.status_code != 200:
            raise Differs(f"{self.who} 打不开 {address}（{page.status_code}）")
        return str(page.text)

    def fields(self, address: str) -> dict[str, Any]:
        """What the form of a page holds now."""
        return filled(self.page(address))

    def send(self, address: str, **told: Any) -> Any:
        """Send a page's form with these fields alone; the answer. Raises Differs for a page without a form."""
        return self._send(address, told, keep=False)

    def change(self, address: str, **changes: Any) -> Any:
        """Send a page's form as it is filled in, but for these fields (None: left out); the answer."""
        return self._send(address, changes, keep=True)

    def address_of(self, listed: str, word: str) -> str:
        """The address of the one row that a list finds."""
        found = set(re.findall(rf"{re.escape(listed)}(\d+)/change/", self.page(listed, q=word)))
        self.world.expect(f"{listed} 列表里查到“{word}”", len(found), 1)
        return f"{listed}{found.pop()}/change/"

    def key_of(self, listed: str, word: str) -> str:
        """The key of the one row that a list finds."""
        return self.address_of(listed, word).split("/")[-3]

    def _send(self, address: str, told: dict[str, Any], *, keep: bool) -> Any:
        fields = filled(self.page(address))
        if _TOKEN not in fields:
            raise Differs(f"{self.who} 在 {address} 没有看到表单")
        kept = fields if keep else {_TOKEN: fields[_TOKEN]}
        sent = {name: value for name, value in {**kept, **told}.items() if value is not None}
        return self.http.post(address, data=sent, headers={"Referer": f"{self.world.base_url}{address}"})


def filled(page: str) -> dict[str, Any]:
    """What the main form of a page would send if nothing were changed; a field of many values has a list."""
    forms = [dict(_grouped(form)) for form in html.fromstring(page).forms if form.method == "POST"]
    return max(forms, key=len, default={})


def _grouped(form: Any) -> list[tuple[str, Any]]:
    found: dict[str, list[str]] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return [(name, values if len(values) > 1 else values[0]) for name, values in found.items()]


def token_of(page: str) -> str:
    """What a page's form proves with that it is this session's. Raises Differs for a page without a form."""
    fields = filled(page)
    if _TOKEN not in fields:
        raise Differs("页面没有表单")
    return str(fields[_TOKEN])


def alert(page: str) -> str:
    """What a page complains about; empty when it does not."""
    found = _ALERT.search(page)
    return words_of(found[1]) if found else ""


def number_on(page: str, prefix: str, after: str = "") -> str:
    """The number with this prefix that is read on a page, as a word of its own (`saleor_o2o.kernel.numbering`).

    A page that shows others as well, a list, is asked for the first one `after` some words of it. Raises Differs where
    there is none, and without `after` where there are several different ones.
    """
    words = words_of(page).partition(after)[2] if after else words_of(page)
    found = re.findall(rf"(?<![0-9A-Za-z]){prefix}\d{{11,}}(?![0-9A-Za-z])", words)
    if not found:
        raise Differs(f"页面上{f'“{after}”之后' if after else ''}没有 {prefix} 开头的编号")
    if not after and len(set(found)) > 1:
        raise Differs(f"页面上有几个 {prefix} 开头的编号：{'、'.join(sorted(set(found)))}")
    return str(found[0])


def words_of(page: str) -> str:
    """What is read on a page or a piece of one, without its markup and scripts."""
    return " ".join(unescape(_MARKUP.sub(" ", page)).split())
