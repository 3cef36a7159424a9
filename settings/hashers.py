"""How a laptop keeps passwords: as Django does, with a fiftieth of the work."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """For the demo alone: its passwords are printed at each start. Production keeps Django's own hasher."""

    iterations = 20_000
