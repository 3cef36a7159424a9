"""The environment chooses currency, country, time zone and language, so that Saleor's own suite can run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import json, django
django.setup()
from django.conf import settings
from saleor.core.taxes import zero_money
from saleor.product.models import Product
from saleor_o2o.graphql.schema import schema
print(json.dumps({
    "currency": settings.DEFAULT_CURRENCY, "available": settings.AVAILABLE_CURRENCIES,
    "country": settings.DEFAULT_COUNTRY, "zone": settings.TIME_ZONE, "language": settings.LANGUAGE_CODE,
    "places": settings.DEFAULT_DECIMAL_PLACES, "zero": str(zero_money()),
    "column": Product._meta.get_field("currency").default, "token": "tokenCreate" in str(schema),
}))
"""
STOCK = {
    "DEFAULT_CURRENCY": "USD",
    "DEFAULT_COUNTRY": "US",
    "TIME_ZONE": "America/Chicago",
    "LANGUAGE_CODE": "en",
}


def test_stock_suite_environment() -> None:
    # given an environment with nothing of this process's choice
    environment = {key: value for key, value in os.environ.items() if key not in STOCK}
    environment |= {"DJANGO_SETTINGS_MODULE": "settings.test", **STOCK}
    # when
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    # then
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer == {
        "currency": "USD",
        "available": ["USD"],
        "country": "US",
        "zone": "America/Chicago",
        "language": "en",
        "places": 2,
        "zero": "Money('0', 'USD')",
        "column": "USD",
        "token": True,
    }
