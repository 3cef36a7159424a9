"""PostgreSQL and Valkey from wheels, for a laptop and for tests.

`ensure_urls()` is all that settings need: it answers the addresses given in `DATABASE_URL` and
`REDIS_URL`, and starts what is not given. Nothing here is used when both are set.
"""

from .errors import EmbeddedError
from .paths import var_dir
from .services import Profile, Services, Urls, ensure_urls

__all__ = ["EmbeddedError", "Profile", "Services", "Urls", "ensure_urls", "var_dir"]
