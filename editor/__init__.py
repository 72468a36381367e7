"""The application: the only place where windows, undo and threads meet the engine."""
