"""A stand-in for kubectl: objects are files in a folder, and it refuses what it is told to."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml

from rules.deploy.targets.kubernetes import Kubectl


class Cluster:
    """``refusal`` is an action with what is said about it, once; ``calls`` are all that was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refusal: tuple[str, str] | None = None
        self.calls: list[str] = []
        folder.mkdir()

    @property
    def kubectl(self) -> Kubectl:
        cluster = self

        class InProcess(Kubectl):
            def run(self, words: list[str], given: str | None) -> subprocess.CompletedProcess[str]:
                code, out, err = cluster.answer(words[1:], given or "")
                return subprocess.CompletedProcess(words, code, out, err)

        return InProcess()

    def answer(self, words: list[str], given: str) -> tuple[int, str, str]:
        self.calls.append(" ".join(words))
        action, dry = words[0], "--dry-run=server" in words
        if self.refusal is not None and self.refusal[0] == action and not dry:
            message, self.refusal = self.refusal[1], None
            return 1, "", message
        if action == "apply":
            for each in () if dry else yaml.safe_load_all(given):
                each["metadata"]["resourceVersion"] = "1"
                (self.folder / f"{each['metadata']['name']}.json").write_text(json.dumps(each))
            return 0, "", ""
        path = self.folder / f"{words[2]}.json"
        if action == "delete":
            path.unlink(missing_ok=True)
        return 0, path.read_text() if action == "get" and path.exists() else "", ""
