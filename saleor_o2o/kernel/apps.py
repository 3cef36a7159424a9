"""The Django app of the kernel."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """The kernel's Django app; `ready` connects the system checks and the number sequences."""

    name = "saleor_o2o.kernel"
    label = "o2o_kernel"
    verbose_name = _("平台内核")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from . import checks  # noqa: F401  registers itself
        from .numbering import create_missing_sequences

        post_migrate.connect(
            create_missing_sequences, sender=self, dispatch_uid="o2o_kernel.create_missing_sequences"
        )
