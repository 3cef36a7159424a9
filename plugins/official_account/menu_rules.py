"""What WeChat takes as a menu, said before it is asked.

Three buttons, five below each; a name of 16 bytes at the top and 60 below; of it, four and seven Chinese characters are
shown, the rest becomes "…". Bytes are UTF-8: a Chinese character has three.
"""

from __future__ import annotations

from typing import Any
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import Text

from .errors import Code, OfficialAccountError

TOP, BELOW = 3, 5
TOP_BYTES, BELOW_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024
#: Chinese characters that a telephone shows.
TOP_SHOWN, BELOW_SHOWN = 4, 7
#: Hosts that the links of all personalised menus of an account may lead to.
PERSONAL_HOSTS = 3

#: What a button does: WeChat's word, ours, and what it needs.
TYPES: dict[str, tuple[Text, tuple[str, ...]]] = {
    "click": (_("发送 KEY，由自动回复应答"), ("key",)),
    "view": (_("打开网页"), ("url",)),
    "miniprogram": (_("打开小程序"), ("appid", "pagepath", "url")),
    "scancode_push": (_("扫一扫"), ("key",)),
    "scancode_waitmsg": (_("扫一扫并等待回复"), ("key",)),
    "pic_sysphoto": (_("拍照发图"), ("key",)),
    "pic_photo_or_album": (_("拍照或相册发图"), ("key",)),
    "pic_weixin": (_("微信相册发图"), ("key",)),
    "location_select": (_("发送位置"), ("key",)),
    "media_id": (_("发送素材"), ("media_id",)),
    "view_limited": (_("打开图文素材"), ("media_id",)),
}
PLATFORMS = {"1": _("苹果"), "2": _("安卓"), "3": _("其他")}
_MOST = {"key": KEY_BYTES, "url": URL_BYTES, "appid": 32, "pagepath": 255, "media_id": 128}


def checked_buttons(given: Any) -> list[dict[str, Any]]:
    """Buttons as WeChat takes them: without what is empty or unknown.

    Raises OfficialAccountError MENU_EMPTY, MENU_TOO_MANY, MENU_TOO_LONG, MENU_INVALID, naming the button.
    """
    tops = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    if not tops:
        raise OfficialAccountError(
            Code.MENU_EMPTY, _("菜单里还没有按钮"), "buttons", _("请至少填写一个一级按钮的名称")
        )
    if len(tops) > TOP:
        raise OfficialAccountError(Code.MENU_TOO_MANY, _("一级按钮最多 3 个"), "buttons")
    return [_top(one) for one in tops]


def cut_names(buttons: list[dict[str, Any]]) -> list[str]:
    """Names that a telephone does not show whole: "便民缴…" and so on; nothing to refuse, something to know."""
    found = []
    for top in buttons:
        if width_of(top["name"]) > TOP_SHOWN:
            found.append(str(top["name"]))
        found += [
            str(one["name"]) for one in top.get("sub_button", ()) if width_of(one["name"]) > BELOW_SHOWN
        ]
    return found


def width_of(name: str) -> float:
    """How wide a name is, in Chinese characters; a letter is half of one."""
    return sum(1.0 if east_asian_width(letter) in "WF" else 0.5 for letter in name)


def hosts_of(buttons: list[dict[str, Any]]) -> set[str]:
    """The hosts that a menu's links lead to."""
    flat = [one for top in buttons for one in (top, *top.get("sub_button", ()))]
    return {urlsplit(one["url"]).hostname or "" for one in flat if one.get("url")}


def keys_of(buttons: list[dict[str, Any]]) -> set[str]:
    """The KEYs that a menu sends."""
    flat = [one for top in buttons for one in (top, *top.get("sub_button", ()))]
    return {one["key"] for one in flat if one.get("type") == "click"}


def _top(given: dict[str, Any]) -> dict[str, Any]:
    name = _name(given, TOP_BYTES, TOP_SHOWN)
    below = given.get("sub_button") or []
    if not isinstance(below, list):
        below = []
    if len(below) > BELOW:
        raise OfficialAccountError(
            Code.MENU_TOO_MANY, _("“%(name)s”下面最多 5 个按钮") % {"name": name}, "buttons"
        )
    if below:
        return {"name": name, "sub_button": [_leaf(one, BELOW_BYTES, BELOW_SHOWN) for one in below]}
    return _leaf(given, TOP_BYTES, TOP_SHOWN)


def _leaf(given: Any, most: int, shown: int) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise OfficialAccountError(Code.MENU_INVALID, _("菜单的格式不对"), "buttons")
    name = _name(given, most, shown)
    kind = str(given.get("type") or "")
    if kind not in TYPES:
        raise OfficialAccountError(
            Code.MENU_INVALID, _("请为“%(name)s”选择点击后做什么") % {"name": name}, "buttons"
        )
    made: dict[str, Any] = {"type": kind, "name": name}
    for field in TYPES[kind][1]:
        value = str(given.get(field) or "").strip()
        if not value:
            raise OfficialAccountError(
                Code.MENU_INVALID,
                _("“%(name)s”还缺少%(what)s") % {"name": name, "what": _FIELD_WORDS[field]},
                "buttons",
            )
        if len(value.encode()) > _MOST[field]:
            raise OfficialAccountError(
                Code.MENU_TOO_LONG,
                _("“%(name)s”的%(what)s有 %(size)d 字节，最多 %(most)d 字节")
                % {
                    "name": name,
                    "what": _FIELD_WORDS[field],
                    "size": len(value.encode()),
                    "most": _MOST[field],
                },
                "buttons",
            )
        made[field] = value
    if "url" in made and (
        urlsplit(made["url"]).scheme not in ("http", "https") or not urlsplit(made["url"]).hostname
    ):
        raise OfficialAccountError(
            Code.MENU_INVALID,
            _("“%(name)s”的网址不完整") % {"name": name},
            "buttons",
            _("请填写以 https:// 开头的完整网址"),
        )
    return made


def _name(given: dict[str, Any], most: int, shown: int) -> str:
    name = str(given.get("name") or "").strip()
    if not name:
        raise OfficialAccountError(Code.MENU_INVALID, _("有按钮还没有填写名称"), "buttons")
    size = len(name.encode())
    if size > most:
        raise OfficialAccountError(
            Code.MENU_TOO_LONG,
            _("按钮“%(name)s”太长：%(size)d 字节，最多 %(most)d 字节（手机上显示 %(shown)d 个汉字）")
            % {"name": name, "size": size, "most": most, "shown": shown},
            "buttons",
            _("一个汉字占 3 字节，请改短"),
        )
    return name


_FIELD_WORDS: dict[str, Text] = {
    "key": _("KEY"),
    "url": _("网址"),
    "appid": _("小程序 AppID"),
    "pagepath": _("小程序页面"),
    "media_id": _("素材"),
}
