"""Waveform and histogram of the picture that is seen: figures where an eye gets used to what it looks at."""

from widgets.scopes.measure import Measured, measure
from widgets.scopes.scopes import Scopes

__all__ = ["Measured", "Scopes", "measure"]
