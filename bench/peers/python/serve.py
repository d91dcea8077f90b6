"""A peer's side of the conversation: a line of JSON in, a line of JSON out. Arrays are base64 of f32 (labels: i32), little-endian."""

import base64
import json
import sys
import time


def serve(version, works):
    """`works`: name -> (task -> (run, result)). The clock is the process's CPU time, as the other contenders run by their thread's."""
    say({"version": version})
    run = result = None
    for line in sys.stdin:
        ask = json.loads(line)
        if "work" in ask:
            run, result = works[ask["work"]](ask["task"])
            say({})
        elif "runs" in ask:
            start = time.process_time()
            for _ in range(ask["runs"]):
                run()
            say({"seconds": time.process_time() - start})
        else:
            say({"arrays": [encode(array) for array in result()]})


def say(message):
    print(json.dumps(message), flush=True)


def lacks(error):
    """Says that a module is not there, and ends."""
    say({"absent": str(error)})
    sys.exit()


def decode(array):
    return base64.b64decode(array["base64"])


def encode(array):
    return {"base64": base64.b64encode(array.tobytes()).decode()}
