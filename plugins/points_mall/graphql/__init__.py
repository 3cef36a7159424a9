"""The API of the mall of points. Exchanging itself is ``orderPlace`` (or a checkout) with the choice ``exchange``."""

from .queries import MallQueries

__all__ = ["MallQueries"]
