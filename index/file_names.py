"""Names of the files of an index in a folder."""

import re

LOCK_NAME = "write.lock"
"""The file that the writer of an index locks."""

INDEX_FILE = re.compile(
    r"commit-[0-9]+\.json(\.new)?|segment-[0-9a-f]{16}\.[a-z]+"
    r"|_?MAIN_[0-9a-z]+\.[A-Za-z0-9_.]+|MAIN_WRITELOCK"  # of version 1
)
"""Names of files that an index may have in its folder, except its lock."""
