"""The engine: plain Python that turns a project and source files into pixels, a plan and a file.

It knows no Qt and no network.
"""
