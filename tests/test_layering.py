"""Who may import whom, top to bottom only; and what the package loads before it is asked to."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "collabsim"
EXPERIMENTS = ROOT / "experiments"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__", "cli", "commands", "app", "solara_page"),
    ("__init__",),  # hands out names of all below when they are asked for
    ("report",),
    ("player",),
    ("study", "lessons", "lesson_files", "lesson_conditions"),
    ("event_log",),
    ("model", "organisation", "ensemble", "single_run", "jobs"),
    ("play",),
    ("frames", "summary", "saved_state", "intake"),
    ("scenario", "scenario_files", "scenario_extends", "scenario_schema"),
    ("partnership", "partnership_files", "partnership_tables", "partnership_ties", "sectors", "naming",
     "generate"),
    ("practices", "programmes", "costs"),
    ("alternatives", "one_by_one"),
    ("schedule",),
    ("driver",),
    ("start", "dynamics", "meetings", "brokering"),
    ("outcomes", "stock", "rules"),
    ("state", "draws", "arithmetic"),
    ("parts",),
    ("compiling", "linking"),
    ("passing", "calling"),
    ("telling",),
    ("compiled",),
    ("parameters",),
    ("errors", "spreadsheets"),
)
"""From top to bottom. A module imports from layers below its own, and from its own."""

STRANGERS = [{"model", "organisation"}, {"ensemble", "single_run"}]
"""Parts of one layer that never import each other."""

ONLY_IN = {
    "mesa": {"model", "organisation", "solara_page"},
    "solara": {"solara_page"},
    "matplotlib": {"report"},
    "fastapi": {"app"},
    "starlette": {"app"},
    "uvicorn": {"app"},
}
"""Packages that only some modules may import."""

HEIGHT = {name: len(LAYERS) - place for place, layer in enumerate(LAYERS) for name in layer}

WITHOUT_A_LAYER = "has no layer: give it one in LAYERS of tests/test_layering.py"


def module_of(file: Path, root: Path) -> list[str]:
    """Return a file's place below the package, as ``["study", "designs"]``."""
    parts = list(file.relative_to(root).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


def imported(source: str, inside: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and full name of everything that a module imports, wherever in it that stands.

    Parameters
    ----------
    source
        Its text.
    inside
        The package it lies in, as ``["collabsim", "study"]``, for relative imports.
    """
    whole: set[str] = set()  # what the package as a whole is called here: what is taken from it counts
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "collabsim":
                    whole.add(alias.asname or alias.name)
                else:
                    yield node.lineno, alias.name
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in whole:
            yield node.lineno, f"collabsim.{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            start = inside[: len(inside) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called in ("importlib.import_module", "import_module", "__import__"):
                name = str(node.args[0].value)
                yield node.lineno, name if not name.startswith(".") else f"collabsim{name}"


def faults_of(place: list[str], source: str, is_package: bool = False) -> list[str]:
    """Say in words which imports of one module the layering forbids."""
    own = place[0]
    where = "/".join(place)
    if own not in HEIGHT:
        return [f"{where} {WITHOUT_A_LAYER}"]
    faults = []
    inside = ["collabsim", *(place if is_package else place[:-1])] if own != "__init__" else ["collabsim"]
    for line, name in imported(source, inside):
        top, _, rest = name.partition(".")
        if top != "collabsim":
            if top in ONLY_IN and own not in ONLY_IN[top]:
                allowed = ", ".join(sorted(ONLY_IN[top]))
                faults.append(f"{where}:{line} imports {top}, which only {allowed} may")
            continue
        other = rest.split(".")[0]
        if other in ("__version__", "__file__", "__path__"):
            continue
        is_file = rest != "" and any((PACKAGE / f"{other}{end}").exists() for end in ("", ".py"))
        if other not in HEIGHT and other == rest and not is_file:
            other = "__init__"  # a name that the package hands out, or the package itself
        if other not in HEIGHT:
            faults.append(f"{where}:{line} imports {name}, which {WITHOUT_A_LAYER}")
        elif HEIGHT[other] > HEIGHT[own]:
            faults.append(f"{where}:{line} imports {name}, from a layer above its own")
        elif any(own in one and other in two for one in STRANGERS for two in STRANGERS if one is not two):
            faults.append(f"{where}:{line} imports {name}, a stranger to it")
    return faults


def modules(root: Path = PACKAGE) -> list[Path]:
    """Return every Python file of the package."""
    return sorted(file for file in root.rglob("*.py") if "__pycache__" not in file.parts)


# The checker itself


@pytest.mark.parametrize(
    ("place", "source", "fault"),
    [
        ("novelty", "x = 1", "novelty has no layer"),
        (
            "rules/trust",
            "from collabsim.dynamics import levers",
            "rules/trust:1 imports collabsim.dynamics.levers",
        ),
        ("rules/trust", "from ..dynamics import levers", "from a layer above its own"),
        ("dynamics", "from collabsim import scenario", "from a layer above its own"),
        ("dynamics", "from collabsim.novelty import x", "has no layer"),
        ("dynamics", "import collabsim as cs\ncs.run()", "dynamics:2 imports collabsim.run"),
        ("dynamics", "from collabsim import run", "from a layer above its own"),
        ("dynamics", "def f():\n    from .study import sweep", "dynamics:2 imports collabsim.study.sweep"),
        (
            "errors",
            "import importlib\nimportlib.import_module('collabsim.cli')",
            "errors:2 imports collabsim.cli",
        ),
        ("ensemble", "from collabsim.model import CollaborationModel", "a stranger to it"),
        ("organisation", "from collabsim import ensemble", "a stranger to it"),
        (
            "ensemble",
            "import mesa",
            "ensemble:1 imports mesa, which only model, organisation, solara_page may",
        ),
        ("study/designs", "from matplotlib import pyplot", "imports matplotlib, which only report may"),
        ("cli", "import uvicorn", "imports uvicorn, which only app may"),
        ("report/figures", "from starlette.responses import Response", "which only app may"),
        ("scenario", "if TYPE_CHECKING:\n    from collabsim.model import CollaborationModel", "scenario:2"),
    ],
)
def test_a_forbidden_import_is_told_in_words(place: str, source: str, fault: str) -> None:
    (found,) = faults_of(place.split("/"), source)
    assert fault in found


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("rules/trust", "import math\nfrom collabsim.compiled import rule"),
        ("rules/trust", "from . import contact\nfrom ..arithmetic import exp"),
        ("model", "import mesa\nfrom collabsim.organisation import OrganisationAgent"),
        ("organisation", "from collabsim.model import CollaborationModel"),
        ("study/sweep", "from collabsim import ensemble, model\nfrom .designs import lhs"),
        ("report/figures", "import matplotlib.pyplot as plt\nfrom collabsim import study"),
        ("app/server", "import starlette\nfrom collabsim import __version__, run"),
        ("cli", "import collabsim\ncollabsim.run()"),
        ("study/provenance", "import collabsim\nx = collabsim.__version__"),
        ("practices", "from collabsim.parameters import LEVERS"),
        ("schedule", "from collabsim import compiled, dynamics, outcomes, start"),
    ],
)
def test_an_import_that_goes_down_is_allowed(place: str, source: str) -> None:
    assert faults_of(place.split("/"), source) == []


# The package as it is


def test_every_module_has_a_layer_and_imports_from_there_down_only() -> None:
    files = modules()
    assert len(files) >= 15
    faults = []
    for file in files:
        source = file.read_text(encoding="utf-8")
        faults += faults_of(module_of(file, PACKAGE), source, is_package=file.name == "__init__.py")
    assert faults == [], "\n".join(faults)


def test_no_modules_wait_for_each_other_when_they_are_loaded() -> None:
    """Imports at the top of modules form no circle, so that any module can be imported first."""
    names = {".".join(module_of(file, PACKAGE)): file for file in modules() if file.parent.name != "data"}
    needs: dict[str, set[str]] = {}
    for name, file in names.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        parts = ["collabsim", *name.split(".")]
        inside = parts if file.name == "__init__.py" else parts[:-1]
        needs[name] = set()
        for _, found in imported(ast.unparse(tree), inside):
            words = found.split(".")[1:]
            for length in (len(words), len(words) - 1):  # the module itself, or the one that has the name
                if found.startswith("collabsim.") and ".".join(words[:length]) in names:
                    needs[name].add(".".join(words[:length]))
                    break
    done: set[str] = set()
    while ready := {name for name in needs if name not in done and needs[name] - {name} <= done}:
        done |= ready
    assert set(needs) - done == set()


def test_experiments_use_the_library_and_numbers_alone() -> None:
    allowed = {"collabsim", "numpy", "pandas"} | set(sys.stdlib_module_names)
    faults = []
    for file in sorted(EXPERIMENTS.rglob("*.py")):
        for line, name in imported(file.read_text(encoding="utf-8"), ["experiments"]):
            if name.split(".")[0] not in allowed:
                faults.append(f"{file.relative_to(ROOT)}:{line} imports {name}")
    assert faults == [], "\n".join(faults)


HEAVY = ("mesa", "matplotlib", "numba", "pandas")


def loaded_after(statement: str) -> set[str]:
    """Return which heavy packages a fresh process has loaded after a statement."""
    program = f"import sys\n{statement}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_after("import collabsim") == set()


def test_a_heavy_import_would_be_noticed() -> None:
    assert "numba" in loaded_after("import collabsim.compiling")


@pytest.mark.parametrize("name", ["errors", "parameters", "practices", "schedule", "ensemble", "single_run"])
def test_declarations_can_be_read_without_compiling_anything(name: str) -> None:
    assert loaded_after(f"import collabsim.{name}") == set()
