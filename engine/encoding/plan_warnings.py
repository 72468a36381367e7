"""What a plan says of its sources before anything is written: what is not there, and what encoded frames cannot keep."""

from collections.abc import Iterator
from dataclasses import replace

from engine.encoding.facts import SourceFacts
from engine.encoding.splice.not_kept import not_kept
from engine.encoding.splice.source import SpliceSource
from engine.media.cut_off import cut_off
from engine.planning.planner import Blueprint
from engine.project.model import MediaKind, Project


def with_warnings(made: Blueprint, project: Project, facts: SourceFacts) -> Blueprint:
    """The blueprint with these sentences in its plan. Raises MediaError."""
    said = (*_cut_off(project, facts), *_losses(made, facts))
    return replace(made, plan=replace(made.plan, warnings=(*made.plan.warnings, *said))) if said else made


def _cut_off(project: Project, facts: SourceFacts) -> Iterator[str]:
    used = {clip.media_id for track in project.tracks if track.visible for clip in track.clips}
    for media in project.media:
        if media.id in used and media.kind is MediaKind.VIDEO and (sentence := cut_off(media.name, facts.index(media))):
            yield sentence


def _losses(made: Blueprint, facts: SourceFacts) -> tuple[str, ...]:
    """What encoded frames cannot keep."""
    splice = facts.splice(made.source.media) if made.source else None
    if made.source is None or not isinstance(splice, SpliceSource):
        return ()
    return not_kept(splice, made.source.facts.index, made.plan.encoded_runs)
