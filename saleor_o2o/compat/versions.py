"""The versions the adaptations were written for; anything else stops the start."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

#: distribution → the prefix its version must have.
EXPECTED = {
    "saleor": "2.10.1",
    "django": "5.2.",
    "graphene": "2.1.",
    "graphene-django": "2.10.1",
    "graphql-core": "2.3.",
    "django-graphql-jwt": "0.3.4",
    "celery": "5.",
}


class UnsupportedVersions(RuntimeError):
    """The installed libraries are not the ones the adaptations were written for."""


def mismatches() -> list[str]:
    """One sentence for every distribution whose version is not the expected one."""
    found = []
    for name, prefix in EXPECTED.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "未安装"
        if not re.match(re.escape(prefix), installed):
            found.append(f"{name}: 需要 {prefix}*, 实际 {installed}")
    return found


def require_expected() -> None:
    """Raise :class:`UnsupportedVersions` unless every expected version is installed."""
    wrong = mismatches()
    if wrong:
        raise UnsupportedVersions(
            "兼容层是为另一组版本编写的，拒绝启动。请运行 ./o2o setup 重新安装锁定的依赖。\n"
            + "\n".join(wrong)
        )
