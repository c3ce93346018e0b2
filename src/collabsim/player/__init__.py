"""The browser page: what it is given (trajectories, worlds, a catalogue) and its own static files.

Python computes, the browser plays. The live page, the exported file and reports share the one player in
``static/``: plain ES modules beside a vendored D3, with no build step and nothing from a network.
"""
