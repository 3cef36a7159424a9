"""Fails when a model of ours has no migration. Saleor's own apps differ on a current Django: not asked."""

import os
import sys
import warnings


def main() -> int:
    """Check our apps; exit code 1 when a migration is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.test")
    import django
    from django.apps import apps
    from django.core.management import call_command

    django.setup()
    labels = [config.label for config in apps.get_app_configs() if config.label.startswith("o2o_")]
    # the history of a database is not looked at: there is none
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    try:
        call_command("makemigrations", *labels, check=True, dry_run=True, interactive=False)
    except SystemExit as exit_:
        return int(exit_.code or 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
