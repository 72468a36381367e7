"""The docks of the window, made of widgets. They show the document and report wishes."""
