"""Reading a request's JSON body field by field; the first wrong field is a PARAM_ERROR that names it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from sandbox.wechat_pay.errors import ApiError, param_error

MAX_BODY = 64 * 1024
MAX_FEN = 10**12
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def parse_body(body: bytes) -> Fields:
    """The JSON object of a POST. Raises ApiError PARAM_ERROR when it is none."""
    if len(body) > MAX_BODY:
        raise ApiError("PARAM_ERROR", "请求体过大")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("PARAM_ERROR", "请求体不是正确的JSON") from None
    if not isinstance(data, dict):
        raise ApiError("PARAM_ERROR", "请求体应为JSON对象")
    return Fields(data, "")


class Fields:
    """One JSON object and where it stands in the body."""

    def __init__(self, data: dict[str, Any], where: str) -> None:
        self._data = data
        self._where = where

    def _value(self, name: str, required: bool) -> Any:
        value = self._data.get(name)
        if value is None and required:
            raise param_error(f"{self._where}/{name}", "必填")
        return value

    def _wrong(self, name: str, issue: str) -> ApiError:
        value = self._data.get(name)
        return param_error(f"{self._where}/{name}", issue, value if isinstance(value, str | int) else None)

    def text(
        self, name: str, *, longest: int, shortest: int = 1, pattern: str = "", required: bool = False
    ) -> str | None:
        """`shortest` to `longest` characters that match all of `pattern`; None when left out."""
        value = self._value(name, required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "应为字符串")
        if not shortest <= len(value) <= longest:
            raise self._wrong(name, f"长度应为{shortest}～{longest}个字符")
        if any(0xD800 <= ord(letter) <= 0xDFFF or letter == "\x00" for letter in value):
            raise param_error(f"{self._where}/{name}", "含有非法字符")
        if pattern and not re.fullmatch(pattern, value):
            raise self._wrong(name, "格式错误")
        return value

    def needed(self, name: str, *, longest: int, shortest: int = 1, pattern: str = "") -> str:
        """Like `text`, and required."""
        value = self.text(name, longest=longest, shortest=shortest, pattern=pattern, required=True)
        return value or ""

    def fen(self, name: str, *, least: int = 1, required: bool = True) -> int | None:
        """An amount in fen; a JSON integer, never a float, a string or a boolean."""
        value = self._value(name, required)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "应为整数（单位：分）")
        if not least <= value <= MAX_FEN:
            raise self._wrong(name, f"应为{least}～{MAX_FEN}的整数")
        return value

    def flag(self, name: str) -> bool:
        """A boolean, false when left out."""
        value = self._value(name, required=False)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "应为布尔值")
        return bool(value)

    def choice(self, name: str, options: tuple[str, ...], *, required: bool = False) -> str | None:
        """One of the given words."""
        value = self.text(name, longest=64, required=required)
        if value is not None and value not in options:
            raise self._wrong(name, f"应为 {'、'.join(options)} 之一")
        return value

    def moment(self, name: str) -> float | None:
        """An RFC 3339 date with its zone, as epoch seconds."""
        value = self.text(name, longest=64)
        if value is None:
            return None
        if not _RFC3339.fullmatch(value):
            raise self._wrong(name, "应为 yyyy-MM-DDTHH:mm:ss+TIMEZONE")
        try:
            return datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError, OSError):
            raise self._wrong(name, "不是正确的时间") from None

    def part(self, name: str, *, required: bool = False) -> Fields | None:
        """A nested object."""
        value = self._value(name, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "应为对象")
        return Fields(value, f"{self._where}/{name}")

    def needed_part(self, name: str) -> Fields:
        """A nested object that must be there."""
        return self.part(name, required=True) or Fields({}, f"{self._where}/{name}")

    def parts(self, name: str, *, most: int = 6000) -> list[Fields]:
        """A list of objects, empty when left out."""
        value = self._value(name, required=False)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise self._wrong(name, f"应为不超过{most}项的数组")
        if not all(isinstance(item, dict) for item in value):
            raise self._wrong(name, "各项应为对象")
        return [Fields(item, f"{self._where}/{name}/{index}") for index, item in enumerate(value)]

    def words(self, name: str, *, longest: int) -> list[str]:
        """A list of strings, empty when left out."""
        value = self._value(name, required=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(
            isinstance(item, str) and len(item) <= longest for item in value
        ):
            raise self._wrong(name, "应为字符串数组")
        return value
