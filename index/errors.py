"""Errors of an index; their messages say what to do."""


class IndexUnavailableError(Exception):
    """There is no readable index: none was built, or its files are damaged."""


class IndexBusyError(Exception):
    """Another process or thread is writing to the index."""
