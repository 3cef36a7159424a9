"""What a command says when it cannot go on."""


class CommandError(Exception):
    """A command cannot go on; the text is for the person who typed it."""
