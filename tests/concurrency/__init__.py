"""Many at once: nothing scarce is sold twice, and nobody waits for ever."""
