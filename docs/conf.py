"""How 'make docs' builds the site: these pages, the README first, and the reference from docstrings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import collabsim

project = "collabsim"
author = "The collabsim contributors"
version = release = collabsim.__version__
language = "en-GB"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "collabsim"
html_copy_source = False

myst_heading_anchors = 4
suppress_warnings = ["myst.xref_missing"]  # anchors set by hand in HTML; tests/test_docs.py checks them
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "none"  # the docstrings say it in words
napoleon_google_docstring = False
napoleon_use_ivar = True

ROOT = Path(__file__).resolve().parents[1]


def readme() -> str:
    """Return the README as a page of the site: links lead to pages, files are offered, folders only named."""

    def link(match: re.Match[str]) -> str:
        bang, words, target = match.groups()
        if "://" in target or target.startswith("#"):
            return match[0]
        if target.startswith("docs/"):
            return f"{bang}[{words}]({target.removeprefix('docs/')})"
        return f"{bang}[{words}](../{target})" if (ROOT / target).is_file() else words

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", link, text)


def _with_readme(app: Any, name: str, source: list[str]) -> None:
    if name == "index":
        source[0] = readme() + "\n" + source[0]


def setup(app: Any) -> None:
    """Put the README in front of the table of contents."""
    app.connect("source-read", _with_readme)
