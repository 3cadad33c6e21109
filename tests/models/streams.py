"""A stream for tests of what is printed."""

import io


class Broken(io.StringIO):
    """A stream that nobody reads."""

    def write(self, text):
        raise BrokenPipeError(32, "Broken pipe")
