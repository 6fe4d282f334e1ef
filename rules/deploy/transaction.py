"""A deployment from its beginning to its end: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from rules.deploy import interruption
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import Files, Journal, State, sum_of

Say = Callable[[str], None]


class Plan(Protocol):
    """``files`` are those to write, with their text, and those to remove."""

    @property
    def files(self) -> Files: ...

    @property
    def nothing(self) -> bool: ...


class Target(Protocol):
    """A place that runs what it is given. Every method raises DeployError.

    ``write`` can be repeated, whatever of it was done before; ``load`` makes the server take what was written; ``verify``
    returns once the server runs ``wanted`` without a fault, and yields what is worth knowing; ``restored`` returns once it
    runs again what it ran when it was ``examine``d.
    """

    @property
    def state(self) -> State: ...

    def present(self, names: Iterable[str]) -> dict[str, str]:
        """Return the files that are ours: those named as far as they are there, and those of earlier deployments."""

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan: ...

    def write(self, files: Files) -> None: ...

    def load(self) -> None: ...

    def verify(self, wanted: Mapping[str, str], say: Say) -> None: ...

    def restored(self, before: Mapping[str, str]) -> None: ...


def deploy(target: Target, wanted: Mapping[str, str], say: Say, *, dry_run: bool = False) -> None:
    """Make a target run what is wanted, or leave it as it was. Raises DeployError."""
    if dry_run:
        _rehearse(target, wanted, say)
        return
    with target.state.locked(), interruption.noticed() as settled:
        journal = _resumed(target, wanted, say)
        present, plan = _examined(target, journal, wanted, say)
        if journal is None and plan.nothing:
            say("nothing to do")
            return
        # An unfinished deployment of the same goes on, and what was there before it is what would be put back.
        _carry_out(target, lambda: journal or target.state.begin(present, plan.files, wanted), wanted, say, settled)
        say("deployed")


def _rehearse(target: Target, wanted: Mapping[str, str], say: Say) -> None:
    if target.state.unfinished is not None:
        say("a deployment was not finished: the next one finishes it, or rolls it back first")
    if target.examine(wanted, target.present(wanted), say).nothing:
        say("nothing to do")
    else:
        say("dry run: nothing was changed")


def _resumed(target: Target, wanted: Mapping[str, str], say: Say) -> Journal | None:
    """Return an unfinished deployment that is to be finished; any other is rolled back."""
    journal = target.state.unfinished
    if journal is None:
        return None
    if journal.sum == sum_of(wanted):
        say(f"the deployment of {journal.started} was not finished: it is finished now")
        return journal
    say(f"the deployment of {journal.started} was not finished: it is rolled back first")
    _roll_back(target, journal, say)
    return None


def _examined(
    target: Target, journal: Journal | None, wanted: Mapping[str, str], say: Say
) -> tuple[dict[str, str], Plan]:
    present = target.present(wanted)
    try:
        return present, target.examine(wanted, present, say)
    except DeployError as error:
        if journal is not None:
            say(f"{error}")
            say("the unfinished deployment is rolled back")
            _roll_back(target, journal, say, because=error)
        raise


def _carry_out(
    target: Target, begin: Callable[[], Journal], wanted: Mapping[str, str], say: Say, settled: Callable[[], None]
) -> None:
    try:
        target.write(begin().after)
        target.load()
        target.verify(wanted, say)
        settled()
        target.state.end(frozenset(wanted))
    except BaseException as error:
        with interruption.ignored():
            # If it could not even begin, there is nothing to roll back.
            if (journal := target.state.unfinished) is not None:
                say(f"{error}")
                say("rolling back")
                _roll_back(target, journal, say, because=error)
        raise


def _roll_back(target: Target, journal: Journal, say: Say, because: BaseException | None = None) -> None:
    try:
        target.write(journal.before)
        refusal = _loaded(target)
        whole = target.present(journal.before)
        try:
            target.restored(whole)
        except DeployError as error:
            raise refusal or error from error
        target.state.end()
    except DeployError as error:
        hint = f"rolling back did not succeed: {error}; {target.state.folder} still has what was there: run it again"
        raise DeployError(Exit.HALFWAY, hint) from because or error
    if refusal is not None:
        say(f"it runs what it ran before, though it did not load it anew: {refusal}")
    say("rolled back")


def _loaded(target: Target) -> DeployError | None:
    """Load, and return why that fails: the server may never have taken anything new, and run what it ran before."""
    try:
        target.load()
    except DeployError as error:
        return error
    return None
