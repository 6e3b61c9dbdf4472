"""What a process of an installation is called: by others that share its database, and by whoever watches it."""

import os
import secrets
import socket


def made() -> str:
    """A name that no process had before: the machine, the system's number and some chance."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
