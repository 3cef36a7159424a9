"""Every action of the audit has its words wherever pages show it, not only where it happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PLACES = ("plugins", "saleor_o2o")
ROOT = Path(__file__).parents[2]
#: What a process that serves pages knows: the apps and the addresses.
ASK = """
import django; django.setup()
from django.urls import get_resolver; get_resolver().url_patterns
from saleor_o2o.kernel.audit import actions
print("\\n".join(actions()))
"""


def test_pages_know_every_action() -> None:
    # given
    declared = {
        found
        for place in PLACES
        for file in (ROOT / place).rglob("*.py")
        for found in re.findall(r'\baction\(\s*"([a-z_0-9.]+)",', file.read_text(encoding="utf-8"))
        if file.name != "audit.py" or place == "plugins" or "kernel" not in file.parts
    }

    # when: not this process, in which other tests have imported more
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)

    # then
    known = set(asked.stdout.split())
    assert len(declared) > 100
    assert declared - known == set()
