"""The window of the tests, for figures of it."""

from tests.editor.conftest import *  # noqa: F403 - fixtures are used by their names
