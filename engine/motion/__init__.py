"""How a patch follows the picture: optical flow, rigid motion, propagation, confidence. Knows no provider and no project."""

ALGORITHM = "flow-plane-3"
"""Part of every key of a carried frame; changes when the same input would give other pixels."""
FOLLOWING = "follow-1"
"""The same of a region that is followed for itself."""
GRAIN = "grain-1"
"""And of the grain that an anchor's pixels are given."""
