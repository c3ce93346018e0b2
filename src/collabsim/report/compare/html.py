"""A report as one HTML file that opens anywhere, offline, and prints well."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from collabsim.report.compare.blocks import Document, Heading


def html_of(document: Document, pictures: Mapping[str, bytes]) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    document
        The report.
    pictures
        By name, as SVG. They stand in it as images, so that nothing in them can act.
    """
    environment = Environment(
        loader=PackageLoader("collabsim.report.compare"), autoescape=select_autoescape(default=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    images = {
        name: "data:image/svg+xml;base64," + base64.b64encode(svg).decode() for name, svg in pictures.items()
    }
    contents = [block for block in document.blocks if isinstance(block, Heading) and block.level == 2]
    template = environment.get_template("report.html.jinja")
    return template.render(document=document, images=images, contents=contents)
