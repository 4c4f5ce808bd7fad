"""The command `balie`, also as `python -m balie`."""

import gc

# What is made while starting stays; looking for garbage in it is a fifth of the time until the first answer.
gc.disable()

from balie.cli import main  # noqa: E402

__all__ = ["main"]

if __name__ == "__main__":
    main()
