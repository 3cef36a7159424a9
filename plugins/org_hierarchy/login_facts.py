"""What there is to know about a person's login: told by whoever knows, shown on the person's page.

```python
register_login_facts("login_security", lambda staff: [(_("二次验证"), _("已绑定"))])
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from saleor_o2o.kernel.errors import Text

from .models import Staff

Source = Callable[[Staff], Iterable[tuple[Text, Text]]]
_sources: dict[str, Source] = {}


def register_login_facts(name: str, source: Source) -> None:
    """Register `source(staff)`, asked when a person's page is shown: labels and what to say, nothing secret.

    Raises ValueError for a name that is taken.
    """
    if name in _sources:
        raise ValueError(f"login facts {name!r} are already registered")
    _sources[name] = source


def login_facts(staff: Staff) -> list[tuple[Text, Text]]:
    """Everything known about a person's login, in the order of registration."""
    return [fact for source in _sources.values() for fact in source(staff)]
