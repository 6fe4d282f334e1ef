"""The shape of the code: which way imports point, what must not load at the start, how long things get."""

from __future__ import annotations

import ast
import math
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("exporter", "rules", "alertmanager", "dashboards")

# Package to the modules of other packages of ours that it may import, besides its own.
ARROWS = {
    "exporter": (),
    # The lint reads a configuration, to say which alerts can never fire with it.
    "rules": ("exporter.burn_rates", "exporter.catalogue", "exporter.configuration", "exporter.durations"),
    "alertmanager": ("exporter.catalogue", "rules"),
    "dashboards": ("exporter.burn_rates", "exporter.catalogue", "rules"),
    "examples": ("exporter.catalogue",),
    "compose": ("alertmanager", "dashboards.deploy", "examples.demo.replay", "rules"),
}
# Distributions whose import name is another one.
IMPORT_NAMES = {"pyyaml": "yaml", "prometheus-client": "prometheus_client"}

# Parts of a declared dependency with a name of their own, and what only type checkers see.
BROUGHT_ALONG = {"pydantic_core", "_typeshed"}

# Slow to import, so `driftbell --help` and the first scrape must not wait for them.
HEAVY = ("pyarrow", "scipy", "pandas", "sklearn")

LONGEST_FUNCTION = 60
USUAL_FUNCTION = 30
LONGEST_FILE = 400
# One table, and one place to look into: longer is better than split.
TABLES = {"exporter.catalogue"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Every module that the file imports, wherever in the file; `from a import b` counts as a.b."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a thing comes from"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def declared_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = (requirement.partition(">=")[0].strip().lower() for requirement in project["dependencies"])
    return {IMPORT_NAMES.get(name, name) for name in names}


def foreign(path: Path, allowed: set[str]) -> set[str]:
    """Imports of the file that are neither the standard library's nor within the allowed modules."""
    return {
        module
        for module in imports_of(path)
        if module.partition(".")[0] not in sys.stdlib_module_names and not any(within(module, name) for name in allowed)
    }


ALL_MODULES = [path for package in ARROWS for path in modules(package)]


@pytest.mark.parametrize("path", ALL_MODULES, ids=name_of)
def test_imports_point_along_the_arrows(path: Path) -> None:
    package = name_of(path).partition(".")[0]
    ours = {package, *ARROWS[package]}
    wrong = {
        module
        for module in imports_of(path)
        if any(within(module, other) for other in ARROWS) and not any(within(module, name) for name in ours)
    }
    assert wrong == set()


@pytest.mark.parametrize("path", modules("exporter"), ids=name_of)
def test_the_exporter_imports_only_what_it_declares(path: Path) -> None:
    assert foreign(path, {"exporter", *declared_dependencies(), *BROUGHT_ALONG}) == set()


def test_every_declared_dependency_is_used() -> None:
    used = {module.partition(".")[0] for path in modules("exporter") for module in imports_of(path)}
    assert declared_dependencies() - used == set()


def test_the_catalogue_needs_the_standard_library_only() -> None:
    assert foreign(ROOT / "exporter" / "catalogue.py", set()) == set()


@pytest.mark.parametrize("path", modules("exporter/statistics"), ids=name_of)
def test_statistics_are_pure(path: Path) -> None:
    """They import numpy, each other and what is compiled of them: no clock, no file, no configuration can reach them."""
    impure = {"os", "io", "pathlib", "time", "datetime", "random", "logging", "threading", "sqlite3"}
    assert foreign(path, {"numpy", "exporter.statistics", "exporter.extensions"}) == set()
    assert {module.partition(".")[0] for module in imports_of(path)} & impure == set()


@pytest.mark.parametrize("module", ["exporter.cli", "exporter.web.server", "exporter.catalogue"])
def test_starting_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.split(), found.stderr) == (0, [], "")


# What makes text or bytes into code, or into objects of any kind.
EXECUTING = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "builtins.eval", "builtins.exec"),
    *("yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load", "yaml.FullLoader", "yaml.UnsafeLoader"),
    *("importlib.import_module", "logging.config.fileConfig", "logging.config.dictConfig", "runpy.run_path"),
}
EXECUTING_MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "marshal",
    "shelve",
    "dill",
    "joblib",
    "cloudpickle",
    "code",
    "runpy",
}
# Arguments that allow it.
EXECUTING_ARGUMENTS = {"shell", "allow_pickle"}


def executing(path: Path) -> set[str]:
    """What in a file could run what it was given to read."""
    found = {module for module in imports_of(path) if module.partition(".")[0] in EXECUTING_MODULES}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in EXECUTING:
            found.add(ast.unparse(node))
        if isinstance(node, ast.keyword) and node.arg in EXECUTING_ARGUMENTS and ast.unparse(node.value) != "False":
            found.add(str(node.arg))
        # Numbers and texts come back from arrays without it, but it is numpy's to say what a file holds.
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"np.load", "numpy.load"}:
            found.add("numpy.load")
    return found


@pytest.mark.parametrize("path", modules("exporter"), ids=name_of)
def test_nothing_that_is_read_is_ever_run(path: Path) -> None:
    assert executing(path) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import pickle", {"pickle"}),
        ("from marshal import loads", {"marshal.loads"}),
        ("import yaml\nyaml.load(x)", {"yaml.load"}),
        ("eval(x)", {"eval"}),
        ("import subprocess\nsubprocess.run(x, shell=True)", {"shell"}),
        ("import numpy as np\nnp.load(x, allow_pickle=flag)", {"allow_pickle", "numpy.load"}),
        ("import re\nre.compile(x)\nself.eval", set()),
    ],
)
def test_what_could_run_is_found(text: str, found: set[str], tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(text)
    assert executing(tmp_path / "module.py") == found


def lengths(path: Path) -> Iterator[tuple[str, int]]:
    """Name and number of lines of each function, its docstring left out: that may be as long as it likes."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{name_of(path)}.{node.name}", node.end_lineno - node.lineno + 1 - docstring_lines(node)


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if ast.get_docstring(node) is None or first.end_lineno is None:
        return 0
    return first.end_lineno - first.lineno + 1


def test_no_function_is_long_and_nine_in_ten_are_short() -> None:
    found = dict(length for path in ALL_MODULES for length in lengths(path))
    assert {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION} == {}
    assert sorted(found.values())[math.ceil(0.9 * len(found)) - 1] <= USUAL_FUNCTION


def test_no_file_is_long() -> None:
    found = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in ALL_MODULES}
    found = {name: lines for name, lines in found.items() if name not in TABLES}
    assert {name: lines for name, lines in found.items() if lines > LONGEST_FILE} == {}


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "common", "helpers", "misc", "manager", "base"}
    assert [name_of(path) for path in ALL_MODULES if set(path.stem.split("_")) & vague] == []


# What each part of the exporter may import: itself, its own line, and every line above it.
LINES = (
    "catalogue durations burn_rates extensions redaction regular_file statistics rows sources",
    "snapshot configuration",
    # Edges and tables are made from training data with the code that counts and judges live rows.
    "reference significance counting",
    "decoders label_join sequential",
    "intake objectives",
    "ledger",
    "figures capture",
    "pipeline",
    "state checks exposition",
    "service web logs",
    "commands catalogue_page",
    "command_line generate cli __main__",
)


def test_data_goes_down_the_page_in_the_exporter() -> None:
    line_of = {part: number for number, parts in enumerate(LINES) for part in parts.split()}
    for path in modules("exporter"):
        part = name_of(path).split(".")[1:2]
        reached = {each.split(".")[1] for each in imports_of(path) if each.startswith("exporter.")} - {"__version__"}
        upwards = [each for each in reached if part and line_of[each] > line_of[part[0]]]
        assert not upwards, f"{path} imports {upwards}: later steps know the earlier ones, not the other way round"


def test_what_is_compiled_is_compiled_again_when_any_of_its_files_changes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extensions = project["tool"]["setuptools"]["ext-modules"]
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "exporter" / "native").iterdir())
    # A header may be part of several.
    assert sorted({name for each in extensions for name in [*each["sources"], *each.get("depends", [])]}) == files


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
def test_the_c_code_has_no_warnings_and_short_files() -> None:
    folder = ROOT / "exporter" / "native"
    # Python's own tables of methods and slots leave fields out, and cast functions.
    silent = ["-Wno-missing-field-initializers", "-Wno-cast-function-type"]
    include = f"-I{sysconfig.get_path('include')}"
    for source in folder.glob("*.c"):
        subprocess.run(
            ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", *silent, include, "-c", str(source), "-o", "/dev/null"],
            check=True,
        )
    assert [path.name for path in folder.iterdir() if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE] == []
