"""The one SQLite file that window, commands and later a service share: what was spent, what is under way, what was allowed."""
