"""Business plugins; each is one Django app with a declaration in ``plugin.py``."""
