"""A report as a Word document, for those who will edit it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from docx import Document as new_document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from collabsim.report.compare.blocks import (
    Block,
    Bullets,
    Code,
    Document,
    Findings,
    Heading,
    Paragraph,
    Picture,
    Table,
)

STILL = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the document, so that the same report is the same bytes."""


def word_of(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Return the report as a .docx.

    Parameters
    ----------
    document
        The report.
    pictures
        By name, as PNG.
    """
    made = new_document()
    for section in made.sections:
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.0)
    made.styles["Normal"].font.size = Pt(10.5)
    properties = made.core_properties
    properties.title, properties.author, properties.language = document.title[:250], "collabsim", "en-GB"
    properties.created = properties.modified = datetime(*STILL, tzinfo=UTC)
    made.add_heading(document.title, 0)
    for line in document.subtitle:
        made.add_paragraph(line)
    for block in document.blocks:
        _add(made, block, pictures)
    file = io.BytesIO()
    made.save(file)
    return _without_times(file.getvalue())


def _add(made: Any, block: Block, pictures: Mapping[str, bytes]) -> None:
    match block:
        case Heading():
            made.add_heading(block.text, block.level - 1)
        case Paragraph():
            paragraph = made.add_paragraph()
            if block.lead:
                paragraph.add_run(f"{block.lead} ").bold = True
            paragraph.add_run(block.text)
        case Bullets():
            for sentence in block.items:
                made.add_paragraph(sentence, style="List Bullet")
        case Findings():
            for item in block.items:
                made.add_heading(item.heading, 3)
                made.add_paragraph(item.text)
                if item.sure:
                    paragraph = made.add_paragraph(style="Intense Quote")
                    paragraph.add_run("How sure: ").bold = True
                    paragraph.add_run(item.sure)
        case Picture():
            made.add_picture(io.BytesIO(pictures[block.name]), width=Cm(17.0))
            made.inline_shapes[-1]._inline.docPr.set("descr", block.alt)
            made.add_paragraph(block.caption, style="Caption")
        case Table():
            _table(made, block)
        case Code():
            made.add_paragraph(block.label).runs[0].bold = True
            run = made.add_paragraph().add_run(block.text.rstrip())
            run.font.name, run.font.size = "Consolas", Pt(9)


def _table(made: Any, block: Table) -> None:
    caption = block.caption + (f" (also in {block.file})" if block.file else "")
    made.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
    table = made.add_table(rows=1, cols=len(block.header), style="Light List Accent 1")
    marked = OxmlElement("w:tblHeader")  # repeats on every page, and is read out as the head
    marked.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(marked)
    for place, cells in enumerate([block.header, *block.rows]):
        row = table.rows[0] if place == 0 else table.add_row()
        for column, text in enumerate(cells):
            paragraph = row.cells[column].paragraphs[0]
            paragraph.add_run(text).font.size = Pt(8.5)
            if column >= block.words:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.add_paragraph()


def _without_times(data: bytes) -> bytes:
    """Return the archive with every file dated alike."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(zipfile.ZipInfo(item.filename, STILL), old.read(item.filename), zipfile.ZIP_DEFLATED)
    return file.getvalue()
