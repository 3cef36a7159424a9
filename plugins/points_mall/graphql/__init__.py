"""The API of the mall of points. Exchanging goods is ``orderPlace`` (or a checkout) with the choice ``exchange``."""

from .mutations import MallMutations
from .queries import MallQueries

__all__ = ["MallMutations", "MallQueries"]
