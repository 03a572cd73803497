"""Ends a process when this one ends, also when it is killed."""

import subprocess

SCRIPT = 'trap "" HUP INT TERM; while read -r _; do :; done; kill "$1"'


def over(process):
    """A shell that sends SIGTERM at the end of its input, a pipe from here; kill it once the process has ended."""
    return subprocess.Popen(
        ["sh", "-c", SCRIPT, "sh", str(process.pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
