"""So that `python -m balie` is the command too."""

from balie.cli import main

main()
