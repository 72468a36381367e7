"""Sizes and counts used in more than one room, each with its reason."""

from fractions import Fraction

MERGE_GAP = Fraction(4, 100)
"""Changed ranges closer than this are one range (seconds)."""

DEFAULT_STILL_SECONDS = Fraction(5)
"""Length of a still when it is put on the timeline."""

PROMPT_MAX_CHARACTERS = 10_000
"""Longest prompt any provider is sent."""

PICTURE_TO_SERVICE_MAX_BYTES = 50 << 20
"""Largest picture file that is taken to be sent to a service; local media have no such bound."""

FEATHER_MAX_PX = 200
"""Widest feather; beyond it a region is no region any more."""

FALLOFF_MAX_FRAMES = 250
"""Longest fade of a patch at the ends of its window: ten seconds of film."""

SEAM_PSNR_MIN_DB = 42.0
"""Unmodified frames inside an encoded range must reach this luma PSNR against the source."""

SEAM_PSNR_MEAN_DB = 45.0
"""And their mean this one."""

ENCODER_THREADS = 2
"""Threads of one encoder. x264 writes other bytes for another number, so it is fixed and part of the segment key."""

CACHE_BYTES = 8 << 30
"""Everything that can be computed again may take this much disk."""

REPLY_MAX_BYTES = 64 << 20
"""Longest picture that is taken from a service; a 4K PNG has about 30 MB."""

REPLY_MAX_PIXELS = 40_000_000
"""And its largest size: twice what any service answers with. A few kilobytes can decode to more."""
