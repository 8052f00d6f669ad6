"""What `ear kms --json` printed, on standard input, and the refusal that a call must end in."""
import json
import sys

address = json.load(sys.stdin)


def refusal(call, kind):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError('It was not refused.')
