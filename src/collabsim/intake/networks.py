"""GraphML and GML as public data sets hold them, to a table of organisations and a table of ties."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from collabsim.errors import InputError
from collabsim.intake.cells import Cell, Unreadable, tidy
from collabsim.intake.grids import Grid, Row
from collabsim.intake.text_tables import decode

_LABELS = ("name", "label", "title", "id")


def is_network(name: str, content: bytes) -> bool:
    """Whether a file is GraphML or GML, by what is in it, and by its name where that does not tell."""
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return b"<graphml" in head or bool(re.match(rb"(#.*\n|creator.*\n|version.*\n|\s)*graph\s*\[", head,
        re.I)) or (
        name.casefold().endswith((".graphml", ".gml"))
    )  # fmt: skip


def read_network(content: bytes, where: str, encoding: str | None = None) -> tuple[Grid, Grid]:
    """Read a network to two grids: a row an organisation, and a row a tie, each with a heading row.

    Raises
    ------
    InputError
        If it cannot be read, holds definitions that XML networks never need, or has no node.
    """
    import networkx as nx

    graph: Any
    try:
        if b"<graphml" in content[:4096] or content.lstrip()[:1] == b"<":
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                raise InputError(
                    f"{where}: this GraphML defines a document type, which no network needs; remove it"
                )
            graph = nx.read_graphml(io.BytesIO(content), force_multigraph=True)
        else:
            text, _ = decode(content, where, encoding)
            if not re.search(
                r"^\s*multigraph\s", text, re.MULTILINE
            ):  # ties listed twice are our own to judge
                text = re.sub(r"\bgraph\s*\[", "graph [\n  multigraph 1", text, count=1)
            graph = nx.parse_gml(text, label="id")
    except InputError:
        raise
    except (
        Exception
    ) as error:  # each reader has its own kinds of error for a file that is not as it should be
        reason = tidy(str(error))[:200] or type(error).__name__
        raise InputError(f"{where}: this network cannot be read: {reason}") from None
    if not len(graph):
        raise InputError(f"{where}: this network has no nodes")
    return _nodes(graph, where), _edges(graph, where)


def _named(graph: Any) -> dict[Any, str]:
    """Return what each node is called: the first of the attributes for names that all have, or its id."""
    attributes = dict(graph.nodes(data=True))
    for wanted in _LABELS:
        for spelt in {
            key for values in attributes.values() for key in values if str(key).casefold() == wanted
        }:
            names = {node: tidy(str(values.get(spelt, ""))) for node, values in attributes.items()}
            if all(names.values()):
                return names
    return {node: tidy(str(node)) for node in attributes}


def _nodes(graph: Any, where: str) -> Grid:
    names = _named(graph)
    headings = [
        key for key in _keys(values for _, values in graph.nodes(data=True)) if key.casefold() not in _LABELS
    ]
    rows = [Row(0, ["name", *headings])]
    for number, (node, values) in enumerate(graph.nodes(data=True), 1):
        rows.append(Row(number, [names[node], *(_cell(values.get(key)) for key in headings)]))
    return Grid(where, rows, row_word="node")


def _edges(graph: Any, where: str) -> Grid:
    names = _named(graph)
    headings = [
        key
        for key in _keys(values for *_, values in graph.edges(data=True))
        if key.casefold() not in ("id", "key")
    ]
    rows = [Row(0, ["from", "to", *headings])]
    for number, (one, other, values) in enumerate(graph.edges(data=True), 1):
        rows.append(Row(number, [names[one], names[other], *(_cell(values.get(key)) for key in headings)]))
    return Grid(where, rows, row_word="edge", directed=bool(graph.is_directed()))


def _keys(every: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(str(key) for values in every for key in values))


def _cell(value: Any) -> Cell:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        return tidy(value) or None
    return Unreadable("it holds several values where one is wanted")
