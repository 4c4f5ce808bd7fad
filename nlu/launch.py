"""Runs a Rasa command as a child of the desk: `python launch.py COMMAND ARGUMENTS…`, in this folder.

Two things that `python -m rasa` does not do. The server's token is read from the environment (`BALIE_NLU__TOKEN`):
Rasa knows it only as an argument, which every user of the machine can read in the list of processes. And the command
ends with its parent: the parent holds the other end of standard input, and when the parent is gone, however it ended,
that end closes.
"""

import os
import sys
import threading


def end_with_parent() -> None:
    """Wait for the end of standard input, then leave at once: there is nothing to tidy up."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    """Become Rasa."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    token = os.environ.pop("BALIE_NLU__TOKEN", "")
    sys.argv = ["rasa", *sys.argv[1:], *([f"--auth-token={token}"] if token else [])]
    from rasa.__main__ import main as rasa  # not above: this takes seconds, and the watch has to run first

    rasa()


if __name__ == "__main__":
    main()
