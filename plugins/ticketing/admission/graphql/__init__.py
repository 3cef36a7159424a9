"""The API of admission."""

from .mutations import AdmissionMutations
from .queries import AdmissionQueries

__all__ = ["AdmissionMutations", "AdmissionQueries"]
