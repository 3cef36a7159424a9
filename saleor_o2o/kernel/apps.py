"""The Django app of the kernel."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """The kernel's Django app; `ready` connects checks, number sequences and what is quicker than Django's own."""

    name = "saleor_o2o.kernel"
    label = "o2o_kernel"
    verbose_name = _("平台内核")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from . import checks, expressions, historical  # noqa: F401  checks register themselves
        from .numbering import create_missing_sequences

        expressions.connect()
        historical.connect()
        post_migrate.connect(
            create_missing_sequences, sender=self, dispatch_uid="o2o_kernel.create_missing_sequences"
        )
