"""What the embedded services say when they cannot run."""


class EmbeddedError(RuntimeError):
    """An embedded service cannot be started, found or stopped; the text says what to do."""
