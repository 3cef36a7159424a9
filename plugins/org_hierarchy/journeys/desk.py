"""Who keeps the files of the staff, at the back office's pages; and who is new, with the mail that came."""

from __future__ import annotations

import email
import re
from datetime import date
from email import policy
from html import unescape
from urllib.parse import parse_qs, urlsplit

from saleor_o2o.journeys.office import Office, words_of
from saleor_o2o.journeys.world import Differs, World

#: Of people who exist in these stories only.
PASSWORD = "Yuyou-Journey-2026"  # noqa: S105


class Desk(Office):
    """One person's session."""

    def hire(self, unit: str, post: str, number: str, name: str, address: str) -> None:
        """Hire somebody from today on at a post, who opens the mail. Raises Differs when refused."""
        done = self.send(
            "/admin/o2o_org_hierarchy/staff/hire/", unit=self._pick("unit", unit), post=self._pick("post", post),
            employee_no=number, name=name, email=address, mobile="", joined_on=date.today().isoformat(),
        )  # fmt: skip
        if not done.history:
            raise Differs(f"录用失败：{_problems(done.text)}")
        activate(self.world, address)

    def _pick(self, field: str, term: str) -> str:
        """The key that a picker of the form offers first for a search."""
        query = {
            "app_label": "o2o_org_hierarchy", "model_name": "staffpost", "field_name": field, "term": term,
        }  # fmt: skip
        found = self.http.get("/admin/autocomplete/", params=query).json()["results"]
        if not found:
            raise Differs(f"没有找到“{term}”")
        return str(found[0]["id"])


def _problems(page: str) -> str:
    """What the form complains about, in words."""
    found = re.findall(r'class="[^"]*(?:errornote|text-red)[^"]*"[^>]*>(.*?)</', page, re.DOTALL)
    return "；".join(filter(None, map(words_of, found))) or "没有说明"


def activate(world: World, address: str) -> None:
    """Somebody new opens the mail and sets `PASSWORD`."""
    link = world.wait_for("收到激活邮件", lambda: _mailed_link(world, address))
    done = world.http.post("/org_hierarchy/activate/", data={**link, "password": PASSWORD, "again": PASSWORD})
    world.expect("设置密码", done.status_code, 200)


def _mailed_link(world: World, address: str) -> dict[str, str] | None:
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
