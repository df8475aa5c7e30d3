"""Reject invalid answers if the folder's name did not: for programs that call only a part of cookiecutter.

The rules are in typed_answers.py, whose filter inserts the problems here before this file is run.
"""

import json
import sys


def main():
    """Print the problems, and stop the rendering if there are any."""
    problems = json.loads(r"""<< cookiecutter | problems | tojson >>""")
    if problems:
        print("Please correct these answers:", *problems, sep="\n  - ", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
