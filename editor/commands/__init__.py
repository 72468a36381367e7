"""The command line: the same engine calls as the window makes, without a window. One module per command.

A command has a docstring (its help), `add_arguments(parser)` and `run(arguments) -> Answer`.
"""
