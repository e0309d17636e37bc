"""`python -m tests.chaos.exporting FOLDER` on a node's home: write the dossier of each case named on standard input."""

import sys
from pathlib import Path

from tongban.commandline.node import operator, prepare


def main() -> None:
    """Export all in one process: what is asked is the dossiers, not the command."""
    prepare()
    from tongban.kernel.time import clock
    from tongban.procedures.dossier import exporting

    for number in sys.stdin.read().split():
        (Path(sys.argv[1]) / f"{number}.json").write_bytes(
            exporting.export(number, by=operator(), at=clock.now())
        )


if __name__ == "__main__":
    main()
