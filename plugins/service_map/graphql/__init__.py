"""GraphQL of the map."""

from .mutations import MapMutations
from .queries import MapQueries

__all__ = ["MapMutations", "MapQueries"]
