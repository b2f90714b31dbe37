"""Lets the command line be run as a module, where its script is not on the path."""

import sys

from workflow.cli.program import main

if __name__ == "__main__":
    sys.exit(main())
