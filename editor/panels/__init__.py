"""Docks made of widgets: they show plain values of the project and report what the hand does. No editing logic."""
