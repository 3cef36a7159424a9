"""The telephone of somebody who needs a second factor: binds it at the first login, shows codes at later ones."""

from __future__ import annotations

import json
import re
from base64 import b32decode
from pathlib import Path
from typing import Any

from django_otp.oath import totp

from .office import token_of
from .world import Differs, World

_SECRET = re.compile(r'class="o2o-login-secret">([A-Z2-7 ]+)<')


def show_code(world: World, who: str, http: Any) -> bool:
    """Get a browser that has given its password past the second factor; True when it was bound just now.

    The secret is kept beside the demo's passwords, as a telephone would: the journey can be played again.
    """
    page = http.get("/admin/")
    if "/login/" not in str(page.url) and "verify" not in str(page.url) and "enrol" not in str(page.url):
        raise Differs(f"{who} 没有被要求二次验证（{page.url}）")
    kept = _kept(world)
    found = _SECRET.search(page.text)
    if found is not None:
        kept[who] = found[1].replace(" ", "")
        _file(world).write_text(json.dumps(kept))
    if who not in kept:
        raise Differs(f"{who} 的验证器不在手边")
    secret = kept[who]
    code = f"{totp(b32decode(secret + '=' * (-len(secret) % 8))):06d}"
    done = http.post(
        str(page.url),
        data={"otp": code, "csrfmiddlewaretoken": token_of(page.text)},
        headers={"Referer": world.base_url},
    )
    if done.status_code != 200 or "请输入验证器" in done.text:
        raise Differs(f"{who} 的验证码没有通过")
    return found is not None


def _file(world: World) -> Path:
    return world.var / "demo-authenticators.json"


def _kept(world: World) -> dict[str, str]:
    path = _file(world)
    return dict(json.loads(path.read_text())) if path.exists() else {}
