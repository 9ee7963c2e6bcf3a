"""`python -m index.vietnamese.count_confusions PAIRS`: print the file of confusion counts.

Apart from `confusions`, so that a search need not import click.
"""

from pathlib import Path

import click

from index.vietnamese.confusions import Confusions, read_pairs


@click.command()
@click.argument("pairs", type=click.Path(path_type=Path, exists=True))
def main(pairs: Path) -> None:
    """Count the confusions in the misspellings of PAIRS, and print the file of counts."""
    counted = Confusions.of(read_pairs(pairs))
    click.echo("# Confused parts of Vietnamese syllables: part, written, meant, count.")
    click.echo("# Counted in misspellings of real text that were annotated by hand.")
    click.echo(f"# Made by: python -m index.vietnamese.count_confusions {pairs}")
    for line in counted.lines():
        click.echo(line)


if __name__ == "__main__":
    main()
