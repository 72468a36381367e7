"""Patchreel: opens the editor, or runs one of its commands without a window."""

import sys

from editor.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
