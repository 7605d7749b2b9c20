"""How a peer talks: it reads commands, one a line, and answers each with a line of JSON."""
import json
import sys


def answer(**reply):
    print(json.dumps(reply), flush=True)


def commands():
    """The words of each line on standard input."""
    for line in sys.stdin:
        yield line.split()
