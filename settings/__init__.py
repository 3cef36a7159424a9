"""Settings: ``base`` and the three places it runs in (``development``, ``test``, ``production``)."""
