"""System checks: the versions are the expected ones and every adaptation was applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from .registry import adaptations
from .versions import mismatches


@register("compat")
def adaptations_applied(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """One error per wrong version and per adaptation that has not run."""
    problems: list[CheckMessage] = [
        Error(text, hint="运行 ./o2o setup 重新安装锁定的依赖。", id="o2o_compat.E001")
        for text in mismatches()
    ]
    problems += [
        Error(f"兼容项 {item.name} 未生效：{item.reason}", id="o2o_compat.E002")
        for item in adaptations()
        if not item.applied
    ]
    return problems
