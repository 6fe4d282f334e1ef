"""What `make wheel` builds, installed where nothing of the checkout is in reach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

import exporter
from tests.end_to_end.world import World, labelled_world, sidecar, total

ROOT = Path(__file__).parents[2]
# Neither the checkout nor what a developer's shell says may help.
BARE = {"PATH": os.environ["PATH"]}


def run(arguments: Sequence[str | Path], folder: Path) -> str:
    """Return what a command that succeeds prints."""
    found = subprocess.run(arguments, cwd=folder, env=BARE, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # Building leaves things behind: not in the checkout.
    shutil.copytree(ROOT / "exporter", source / "exporter", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    built = subprocess.run([*pip, f"--wheel-dir={folder}", source], capture_output=True, text=True, check=False)
    if "No matching distribution found for setuptools" in built.stderr:
        pytest.skip("building needs setuptools, and there is no index to get it from")
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path) -> Path:
    """The folder of the programs of an environment that has the wheel and, by reference, what it depends on."""
    environment = wheel.parent / "environment"
    venv.create(environment)
    packages = sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)})
    # Path files in a folder that is itself named in one are not read: an editable install stays out of reach.
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", f"--python={environment / 'bin' / 'python'}", "install", "--quiet"]
    run([*pip, "--disable-pip-version-check", "--no-index", "--no-deps", wheel], wheel.parent)
    return environment / "bin"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return labelled_world(tmp_path / "w")


def test_nothing_of_the_checkout_is_in_reach(programs: Path, tmp_path: Path) -> None:
    question = (
        "import exporter, importlib.util as u; print(exporter.__file__, u.find_spec('tests'), u.find_spec('rules'))"
    )
    file, *others = run([programs / "python", "-c", question], tmp_path).split()
    assert Path(file).is_relative_to(programs.parent)
    assert others == ["None", "None"]


def test_the_commands_work(programs: Path, world: World) -> None:
    driftbell = programs / "driftbell"
    assert run([driftbell, "--version"], world.folder).startswith(f"driftbell, version {exporter.__version__}\n")
    assert run([driftbell, "check-config"], world.folder).startswith("churn: ")
    page = run([driftbell, "evaluate"], world.folder)
    assert 'ml_requests_total{model_name="churn",model_version="1"} 300' in page
    assert run([driftbell, "profile", "reference.csv", "--task=binary"], world.folder)


def test_it_serves_and_ends(programs: Path, world: World) -> None:
    with sidecar(world, program=[str(programs / "driftbell")], cwd=world.folder, env=BARE) as running:
        page = running.wait_for("ml_requests_total", 300)
        assert total(page, "ml_exporter_build_info", version=exporter.__version__) == 1
        assert running.end() == 0
