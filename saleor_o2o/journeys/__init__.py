"""Business flows played over real HTTP against a running platform: ``./o2o journey``."""
