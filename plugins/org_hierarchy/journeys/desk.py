"""A member of the staff at the back office's pages, with a browser's session."""

from __future__ import annotations

import email
import re
from collections.abc import Mapping
from email import policy
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from saleor_o2o.journeys.world import Differs, World

LOGIN = "/admin/login/"


class Desk:
    """One person's session. Signing in forgets whoever sat here before."""

    def __init__(self, world: World, login: str, password: str) -> None:
        self.http = world.http
        self.http.cookies.clear()
        answer = self.submit(LOGIN, {"username": login, "password": password, "next": "/admin/"})
        if answer.status_code != 302:
            raise Differs(f"{login} 无法登录后台：{problems(answer.text)}")

    def submit(self, address: str, fields: Mapping[str, Any]) -> Any:
        """Open a page and send its form back; the answer, a redirect when all is well."""
        self.http.get(address)
        token = self.http.cookies.get("csrftoken", "")
        return self.http.post(
            address,
            data={**fields, "csrfmiddlewaretoken": token},
            headers={"Referer": str(self.http.base_url)},
        )

    def find(self, model: str, field: str, term: str) -> str:
        """The key that a picker of a form offers first for a search."""
        query = {"app_label": "o2o_org_hierarchy", "model_name": model, "field_name": field, "term": term}
        found = self.http.get("/admin/autocomplete/", params=query).json()["results"]
        if not found:
            raise Differs(f"没有找到“{term}”")
        return str(found[0]["id"])


def problems(page: str) -> str:
    """What a page of the back office complains about, in words."""
    found = re.findall(r'class="[^"]*(?:errornote|text-red)[^"]*"[^>]*>(.*?)</', page, re.DOTALL)
    words = [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in found]
    return "；".join(filter(None, words)) or "没有说明"


def mailed_link(world: World, address: str) -> dict[str, str] | None:
    """The query of the link in the newest mail to an address; None before it has come."""
    for file in sorted((world.var / "mail").glob("*.log"), reverse=True):
        for part in file.read_bytes().split(b"-" * 79):
            message = email.message_from_bytes(part.strip(), policy=policy.default)
            if address not in str(message.get("To", "")):
                continue
            body = message.get_body(("plain", "html"))
            found = re.search(r"https?://\S+/activate/\?\S+", body.get_content() if body else "")
            if found:
                query = parse_qs(urlsplit(unescape(found[0])).query)
                return {name: values[0] for name, values in query.items()}
    return None
