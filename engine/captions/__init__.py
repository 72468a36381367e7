"""Captions as words and times: from a transcript to cues, in and out of subtitle files, how well they can be read.

Knows no clips, no files' insides and no services.
"""
