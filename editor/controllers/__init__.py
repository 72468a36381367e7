"""Gestures and commands become edits or jobs here; results of jobs become edits. No painting, no layout."""
