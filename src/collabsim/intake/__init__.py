"""Your own data: spreadsheets, surveys and networks as people keep them, made into a partnership.

:mod:`collabsim.partnership_files` is strict, for it reads what a person wrote for it. What is read here was
made for somebody else: any encoding, any headings, any scale of answers, a list or a matrix. Each module
takes one step of the way:

======================  ================================================================================
``cells``               one cell: a number however it is written, a missing answer, what cannot be meant
``text_tables``         CSV in any common encoding, to a grid of cells
``workbooks``           Excel, to a grid of cells
``networks``            GraphML and GML, to a table of organisations and one of ties
``headings``            headings to fields: as they stand, by synonym, by nearest spelling
``tables``              a grid with its heading row found; a matrix laid out as a list
``scales``              answers to numbers from 0 to 1, on a declared scale or an inferred one
``sectors``             the words people use for sectors
``organisations``       the table of organisations, checked
``ties``                ties and surveys, checked and brought together
``given``               what was given, and what becomes of the rest
``bring``               all of it, to a partnership and to what must be said about it
``pseudonyms``          other names, for what is published
``writing``             the files that come of it
======================  ================================================================================
"""
