"""What production refuses to start with: said all at once, in words, before a request or a task is taken.

Three places ask: ``settings.production`` (the environment, then its own outcome), ``PlatformConfig.ready`` (settings
that were derived from production), and ``manage check --tag security``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register

#: What production must be told, and what each is.
REQUIRED = {
    "SECRET_KEY": "Django 密钥，至少 50 个随机字符",
    "DATABASE_URL": "PostgreSQL 地址，如 postgres://用户:密码@主机:5432/库名",
    "REDIS_URL": "Valkey/Redis 地址，如 redis://主机:6379/0",
    "ALLOWED_HOSTS": "本站域名，逗号分隔",
    "ALLOWED_CLIENT_HOSTS": "前端（商城、管理面板）域名，逗号分隔",
    "O2O_PUBLIC_URL": "本站的公开地址，https:// 开头",
    "O2O_FIELD_KEYS": "个人信息加密密钥，逗号分隔，第一把用于加密",
    "O2O_BLIND_INDEX_KEY": "检索索引密钥，至少 32 个随机字符",
}
SECRET_LENGTH = 50
INDEX_KEY_LENGTH = 32
_TRUE = frozenset({"1", "true", "yes", "on", "y", "t", "ok"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
#: Words that only a made-up secret contains.
_GIVEAWAYS = ("to-be-replaced", "not-a-secret", "django-insecure", "changeme", "change-me", "example")


class UnsafeStart(SystemExit):
    """Production would not be safe. Ends the process with the message instead of a traceback."""

    def __init__(self, problems: Sequence[str]) -> None:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(
            f"生产环境拒绝启动，请先改正以下 {len(problems)} 项：\n{listed}\n"
            "新密钥可用 ./o2o manage o2o_keys 生成；各变量的含义见 docs/operations.md。"
        )


def refuse(problems: Sequence[str]) -> None:
    """End the process when there is any problem. Raises :class:`UnsafeStart`."""
    if problems:
        raise UnsafeStart(problems)


def environment_problems(environment: Mapping[str, str]) -> list[str]:
    """What is missing in, or wrong with, the environment that production settings are read from.

    Values are never repeated: the message may end up in a log.
    """
    found = [
        f"缺少环境变量 {name}：{meaning}"
        for name, meaning in REQUIRED.items()
        if not environment.get(name, "").strip()
    ]
    if environment.get("DEBUG", "").strip().lower() in _TRUE:
        found.append("DEBUG 已打开：生产环境必须关闭调试")
    if environment.get("O2O_SANDBOX_URL", "").strip():
        found.append("设置了 O2O_SANDBOX_URL：生产环境不能接沙箱")
    secret = environment.get("SECRET_KEY", "")
    if secret:
        found += secret_problems(secret)
    found += host_problems("ALLOWED_HOSTS", _split(environment.get("ALLOWED_HOSTS", "")))
    found += client_host_problems(_split(environment.get("ALLOWED_CLIENT_HOSTS", "")))
    database = environment.get("DATABASE_URL", "")
    if database and urlsplit(database).scheme not in ("postgres", "postgresql", "pgsql"):
        found.append("DATABASE_URL 必须是 PostgreSQL 地址（postgres:// 开头）")
    broker = environment.get("REDIS_URL", "")
    if broker and urlsplit(broker).scheme not in ("redis", "rediss"):
        found.append("REDIS_URL 必须以 redis:// 或 rediss:// 开头")
    public = environment.get("O2O_PUBLIC_URL", "")
    if public:
        found += public_url_problems(public)
    if any(not _is_fernet_key(key) for key in _split(environment.get("O2O_FIELD_KEYS", ""))):
        found.append("O2O_FIELD_KEYS 中有无效的密钥：每把应为 32 字节的 url-safe base64")
    index_key = environment.get("O2O_BLIND_INDEX_KEY", "")
    if index_key and len(index_key) < INDEX_KEY_LENGTH:
        found.append(f"O2O_BLIND_INDEX_KEY 太短：至少 {INDEX_KEY_LENGTH} 个字符")
    return found


def settings_problems(values: Mapping[str, Any]) -> list[str]:
    """What is unsafe about finished settings (a mapping of setting names), wherever they came from."""
    found = []
    if values["DEBUG"]:
        found.append("DEBUG 已打开：生产环境必须关闭调试")
    found += secret_problems(values["SECRET_KEY"])
    found += host_problems("ALLOWED_HOSTS", values["ALLOWED_HOSTS"])
    found += client_host_problems(values["ALLOWED_CLIENT_HOSTS"])
    found += public_url_problems(values["PUBLIC_URL"])
    if values["O2O_SANDBOX_ALLOWED"] or values["SANDBOX_URL"]:
        found.append("允许接沙箱：生产环境只能接真实的外部系统")
    if any("gateways.dummy" in path for path in values["PLUGINS"]):
        found.append("PLUGINS 中有演示支付渠道 Dummy：它不收钱就把订单记为已付款")
    if values["CELERY_TASK_ALWAYS_EAGER"] or not values["CELERY_BROKER_URL"]:
        found.append("后台任务没有消息队列：请检查 REDIS_URL")
    if not values["GRAPHQL_JWT"].get("JWT_VERIFY_EXPIRATION"):
        found.append("登录令牌不会过期：JWT_VERIFY_EXPIRATION 必须打开")
    if not (values["SESSION_COOKIE_SECURE"] and values["CSRF_COOKIE_SECURE"]):
        found.append("后台的 Cookie 未限于 HTTPS：SESSION_COOKIE_SECURE 与 CSRF_COOKIE_SECURE 必须打开")
    if not values["O2O_FIELD_KEYS"] or not values["O2O_BLIND_INDEX_KEY"]:
        found.append("没有个人信息加密密钥：请设置 O2O_FIELD_KEYS 与 O2O_BLIND_INDEX_KEY")
    return found


def refuse_unsafe_settings() -> None:
    """Ask the settings in force, if they are production's. Raises :class:`UnsafeStart`."""
    from django.conf import settings

    if getattr(settings, "O2O_PRODUCTION", False):
        refuse(settings_problems(_InForce()))


@register(Tags.security)
def production_is_safe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The same questions as a Django check, and a warning where mail goes nowhere."""
    from django.conf import settings

    if not getattr(settings, "O2O_PRODUCTION", False):
        return []
    found: list[CheckMessage] = [Error(problem, id="o2o.E001") for problem in settings_problems(_InForce())]
    if settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"):
        found.append(
            Warning(
                "没有设置 EMAIL_URL：邮件不会寄出",
                hint="如 smtp://用户:密码@主机:587/?tls=True",
                id="o2o.W001",
            )
        )
    return found


def secret_problems(secret: str) -> list[str]:
    """Why a secret key is no secret; empty when it may be one."""
    if any(word in secret.lower() for word in _GIVEAWAYS):
        return ["SECRET_KEY 是示例或默认值：请生成新的密钥"]
    if len(secret) < SECRET_LENGTH or len(set(secret)) < 10:
        return [f"SECRET_KEY 太弱：至少 {SECRET_LENGTH} 个随机字符"]
    return []


def host_problems(name: str, hosts: Sequence[str]) -> list[str]:
    """Wildcards open the door to forged Host headers."""
    return [f"{name} 含有通配符：请逐一写出域名"] if any("*" in host for host in hosts) else []


def client_host_problems(hosts: Sequence[str]) -> list[str]:
    """Mails carry links to these hosts: a wildcard or this machine is nobody's address."""
    found = host_problems("ALLOWED_CLIENT_HOSTS", hosts)
    if any(host in _LOCAL for host in hosts):
        found.append("ALLOWED_CLIENT_HOSTS 含有本机地址：邮件中的链接会指向用户自己的电脑")
    return found


def public_url_problems(url: str) -> list[str]:
    """WeChat and browsers reach us there: HTTPS, a host, and nothing behind it."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return ["O2O_PUBLIC_URL 必须是完整的 https:// 地址"]
    if parts.path.strip("/") or parts.query or parts.fragment:
        return ["O2O_PUBLIC_URL 只写到域名（和端口）：不要带路径"]
    if parts.hostname in _LOCAL:
        return ["O2O_PUBLIC_URL 不能是本机地址：微信无法回调"]
    return []


class _InForce(Mapping[str, Any]):
    """Django's settings as a mapping."""

    def __getitem__(self, name: str) -> Any:
        from django.conf import settings

        return getattr(settings, name)

    def __iter__(self) -> Any:
        from django.conf import settings

        return iter(dir(settings))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key.encode())) == 32
    except (binascii.Error, ValueError):
        return False
