"""The errors of an index on disk, in words for the person who has to act."""


class IndexUnavailableError(Exception):
    """There is no index that can be read: none was built, or its files are damaged."""


class IndexBusyError(Exception):
    """Another process or thread is writing to the index."""
