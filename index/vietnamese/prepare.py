"""`python -m index.vietnamese.prepare`: write the prepared lists and the prepared model again.

They are stored with the package, so that a process does not parse their sources; a test compares
the two. Run this after a change of the lists in `lexicon`.
"""

from hashlib import sha256

from index.vietnamese.lists import PREPARED, parsed_lists, prepared
from index.vietnamese.segmenter import model_files, pyvi_files


def main() -> None:
    """Write both files, and print the SHA-256 of the model, which `model_files` contains."""
    PREPARED.write_text(prepared(parsed_lists()), "utf-8", newline="\n")
    model = pyvi_files.prepared().encode()
    model_files.PREPARED.write_bytes(model)
    print(f"{model_files.PREPARED.name}: {sha256(model).hexdigest()}")


if __name__ == "__main__":
    main()
