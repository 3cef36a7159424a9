"""Scripts that `h5/` builds and pages of the staff load: their addresses, by the name of the source."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

#: What the source is called, and when the list of files was written, with the file that was built of it.
_known: dict[tuple[str, int], str] = {}


def built_script(source: str) -> str:
    """The address of a built script (`src/….ts`), its name hashed; "" as long as it is not built and collected."""
    listed = Path(settings.STATIC_ROOT) / "h5" / "chunks.json"
    try:
        key = (source, listed.stat().st_mtime_ns)
        if key not in _known:
            _known.clear()
            _known[key] = str(json.loads(listed.read_text(encoding="utf-8"))[source]["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(static(f"h5/{_known[key]}"))
