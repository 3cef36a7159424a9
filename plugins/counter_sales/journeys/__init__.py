"""Flows of the counter that ``./o2o journey`` plays."""
