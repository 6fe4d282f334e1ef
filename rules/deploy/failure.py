"""What can go wrong while deploying, each with an exit code of its own."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; with each but DONE and HALFWAY everything is as it was, whether something had been changed or not."""

    DONE = 0
    USAGE = 2
    LINT = 3
    UNREACHABLE = 4
    DENIED = 5
    UNTRUSTED = 6
    LOCKED = 7
    UNWRITABLE = 8
    UNSUITABLE = 9
    HALTED = 10
    REFUSED = 11
    OVERLOADED = 12
    UNVERIFIED = 13
    HALFWAY = 14
    EDITED = 15
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS = {
    Exit.DONE: "deployed; or nothing to do; or a dry run that found no obstacle",
    Exit.USAGE: "wrong usage: an option, an address, a file of a token",
    Exit.LINT: "the lint found errors, or a file cannot be read",
    Exit.UNREACHABLE: "no answer within the time limit, or the answer is not that of such a server",
    Exit.DENIED: "the server does not accept the credentials, or does not allow it",
    Exit.UNTRUSTED: "the server's certificate cannot be verified",
    Exit.LOCKED: "another deployment to the same place is running",
    Exit.UNWRITABLE: "files cannot be written",
    Exit.UNSUITABLE: "the server is not fit for what is to be deployed: retention, an expression that it cannot evaluate",
    Exit.HALTED: "alerts that are pending or firing would start over, and --keep-alerts was said",
    Exit.REFUSED: "the server refused what was deployed",
    Exit.OVERLOADED: "the server went on answering 429 or 5xx until the time limit",
    Exit.UNVERIFIED: "the server does not run what was deployed, or cannot evaluate it",
    Exit.HALFWAY: "rolling back did not succeed either: run it again once what it names is mended",
    Exit.EDITED: "somebody changed by hand what would be overwritten, and --force was not said",
    Exit.INTERRUPTED: "Ctrl-C",
    Exit.TERMINATED: "SIGTERM",
}


class DeployError(Exception):
    """Why a deployment cannot be, or was taken back; says what to do about it."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
