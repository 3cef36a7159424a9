"""Personal data at rest: encrypted columns with rotating keys, and a keyed blind index to find them by."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from .locks import lock_rows
from .masking import mask_bank_card, mask_id_number, mask_name, mask_phone

__all__ = [
    "DecryptionError",
    "EncryptedJSONField",
    "EncryptedTextField",
    "blind_index",
    "decrypt",
    "encrypt",
    "mask_bank_card",
    "mask_id_number",
    "mask_name",
    "mask_phone",
    "rotate_encrypted",
]


class DecryptionError(RuntimeError):
    """None of the configured keys fits what is stored."""


def encrypt(text: str) -> str:
    """Encrypt with the first key of setting `O2O_FIELD_KEYS`. Raises ImproperlyConfigured without keys."""
    return _fernet(_keys()).encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Decrypt with whichever key fits. Raises DecryptionError; its text says nothing about the value."""
    try:
        return _fernet(_keys()).decrypt(token.encode()).decode()
    except InvalidToken:
        raise DecryptionError("no key of O2O_FIELD_KEYS fits the stored value") from None


def blind_index(value: str, purpose: str) -> str:
    """Return 64 hexadecimal characters to find an encrypted value by equality.

    HMAC-SHA256 under setting `O2O_BLIND_INDEX_KEY`. `purpose` (`member.phone`) keeps columns from being
    joined. Width, case and outer blanks do not matter; other spellings are the caller's to unify. Changing
    the key means computing every index anew.
    """
    key = getattr(settings, "O2O_BLIND_INDEX_KEY", "")
    if not key:
        raise ImproperlyConfigured("O2O_BLIND_INDEX_KEY is not set")
    normal = unicodedata.normalize("NFKC", value).strip().upper()
    return hmac.new(key.encode(), f"{purpose}\0{normal}".encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain in Python.

    It cannot be searched, except for NULL: keep a `blind_index` beside it. "" is stored as it is.
    """

    description = _("加密文本")

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return self.from_plain(decrypt(value)) if value else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            # bulk_update wraps values that carry this field; anything else would be stored in the clear.
            if not isinstance(getattr(value, "output_field", None), EncryptedTextField):
                raise TypeError(f"{self.name}: an encrypted field cannot be computed in the database")
            return value
        plain = self.to_plain(value)
        return encrypt(plain) if plain else plain

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def to_plain(self, value: Any) -> str | None:
        """Turn the Python value into the text that is encrypted."""
        return None if value is None else str(value)

    def from_plain(self, text: str) -> Any:
        """Turn the decrypted text into the Python value."""
        return text


class EncryptedJSONField(EncryptedTextField):
    """A JSON value that is encrypted in the database."""

    description = _("加密JSON")

    def to_plain(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)

    def from_plain(self, text: str) -> Any:
        return json.loads(text)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj), ensure_ascii=False)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, form_class=forms.JSONField, **kwargs)


def rotate_encrypted(model: type[models.Model], batch: int = 200) -> int:
    """Encrypt every row's encrypted fields anew with the first key; returns how many rows.

    One short transaction per batch. Locks: the rows of the batch. Raises LockTimeout, DecryptionError.
    """
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
    if not names:
        return 0
    manager = model._base_manager
    done, last = 0, None
    while True:
        with transaction.atomic():
            later = manager.all() if last is None else manager.filter(pk__gt=last)
            keys = list(later.order_by("pk").values_list("pk", flat=True)[:batch])
            if not keys:
                return done
            rows = lock_rows(manager.filter(pk__in=keys))
            manager.bulk_update(rows, names)
            done, last = done + len(rows), keys[-1]


def key_problems() -> list[str]:
    """Return what is wrong with the settings of this module; empty when all is well."""
    problems: list[str] = []
    try:
        _fernet(_keys())
    except (ImproperlyConfigured, ValueError):
        problems.append("O2O_FIELD_KEYS 必须是一个或多个 Fernet 密钥（32 字节，url-safe base64）")
    if not getattr(settings, "O2O_BLIND_INDEX_KEY", ""):
        problems.append("O2O_BLIND_INDEX_KEY 未设置")
    return problems


def _keys() -> tuple[str, ...]:
    keys = tuple(getattr(settings, "O2O_FIELD_KEYS", ()))
    if not keys:
        raise ImproperlyConfigured("O2O_FIELD_KEYS is not set")
    return keys


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
