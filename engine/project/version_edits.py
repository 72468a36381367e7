"""Edits of what providers made: states of a patch, its versions, results that came late. Nothing that cost money is dropped.

queued -> processing -> qa_ready -> published
   ^          |            |  ^        |            a version that comes in makes a patch ready to review;
   +----------+------------+  +--------+            to run it again queues it
rejected <-> published, rejected -> queued
"""

from dataclasses import replace

from engine.errors import EditError
from engine.project.lookup import get_patch, is_kind_locked, with_patch
from engine.project.model import LayerKind, Patch, PatchState, PatchVersion, Project

ALLOWED = {
    PatchState.QUEUED: frozenset({PatchState.PROCESSING}),
    PatchState.PROCESSING: frozenset({PatchState.QA_READY, PatchState.QUEUED}),
    PatchState.QA_READY: frozenset({PatchState.PUBLISHED, PatchState.REJECTED, PatchState.QUEUED}),
    PatchState.PUBLISHED: frozenset({PatchState.QA_READY, PatchState.REJECTED, PatchState.QUEUED}),
    PatchState.REJECTED: frozenset({PatchState.PUBLISHED, PatchState.QUEUED}),
}
"""State -> the states that may follow it. Processing goes back to queued when its job failed or was cancelled."""

WITH_RESULT = frozenset({PatchState.QA_READY, PatchState.PUBLISHED, PatchState.REJECTED})
_WORDS = {
    PatchState.QUEUED: "queued", PatchState.PROCESSING: "working", PatchState.QA_READY: "ready to review",
    PatchState.PUBLISHED: "accepted", PatchState.REJECTED: "rejected",
}  # fmt: skip


def refuse_locked_patch(project: Project, patch: Patch) -> None:
    """Raise EditError where a patch, or the row of all patches, is locked."""
    if patch.locked:
        raise EditError(f"The patch “{patch.name}” is locked.", "Unlock it with its padlock to change it.")
    if is_kind_locked(project, LayerKind.MOTION_PATCH):
        raise EditError("The motion patch layer is locked.", "Unlock it with its padlock to change its patches.")


def set_patch_state(project: Project, patch_id: str, state: PatchState) -> Project:
    """Move a patch to another state. Jobs report queued and processing; the user accepts, rejects and runs again.

    Raises: EditError: the state cannot follow the present one; there is no result yet; the user's choice on a locked patch.
    """
    patch = get_patch(project, patch_id)
    if patch.state is state:
        return project
    if state not in ALLOWED[patch.state]:
        raise EditError(f"“{patch.name}” is {_WORDS[patch.state]} and cannot become {_WORDS[state]}.", _advice(patch.state))
    if state in WITH_RESULT and patch.version is None:
        raise EditError(f"“{patch.name}” has no result yet.", "Run it first.")
    if patch.state in WITH_RESULT:
        refuse_locked_patch(project, patch)
    return with_patch(project, replace(patch, state=state))


def _advice(state: PatchState) -> str:
    waiting = {PatchState.QUEUED: "Run it first.", PatchState.PROCESSING: "Wait for its result, or cancel the job."}
    return waiting.get(state, "Run it again instead.")


def attach_version(project: Project, patch_id: str, version: PatchVersion) -> Project:
    """Add what a provider made to its patch; where the patch is gone by now, keep it unattached.

    Its number is given here (the next one). A patch that waits for a result shows it and becomes ready to review; one that was
    accepted or rejected meanwhile keeps its picture and its state. A locked patch takes it too: the result is there and was
    paid. Attaching the same result again changes nothing.
    """
    patch = next((p for p in project.patches if p.id == patch_id), None)
    if patch is None:
        return keep_version(project, patch_id, version)
    known = next((v for v in patch.versions if _is_same(v, version)), None)
    new = known or replace(version, number=max((v.number for v in patch.versions), default=0) + 1)
    versions = patch.versions if known else (*patch.versions, new)
    waits = patch.state in {PatchState.QUEUED, PatchState.PROCESSING}
    is_shown = waits or (patch.state is PatchState.QA_READY and not known) or patch.current_version == 0
    changed = replace(
        patch,
        versions=versions,
        current_version=new.number if is_shown else patch.current_version,
        state=PatchState.QA_READY if waits else patch.state,
    )
    return with_patch(_without_unattached(project, patch_id, version), changed)


def attach_correction(project: Project, patch_id: str, version: PatchVersion) -> Project:
    """Bring what a patch's further anchors made of it into the version that is shown, which keeps its number.

    Only a run makes a version: ten corrections are one result put right ten times. What was accepted stays as it was and is
    followed by a new version, which is to be judged; so is what is no longer shown. A patch that is gone or locked by now only
    keeps the result.
    """
    patch = next((p for p in project.patches if p.id == patch_id), None)
    is_locked = patch is None or patch.locked or is_kind_locked(project, LayerKind.MOTION_PATCH)
    shown = None if patch is None else patch.version
    if patch is not None and shown is not None and not is_locked and patch.state is not PatchState.PUBLISHED:
        corrected = replace(version, number=shown.number, cost_usd=shown.cost_usd)
        known = any(_is_same(v, version) for v in patch.versions)
        if not known and replace(corrected, others=shown.others, warnings=shown.warnings) == shown:
            versions = tuple(corrected if v.number == shown.number else v for v in patch.versions)
            state = PatchState.QA_READY if patch.state in WITH_RESULT else patch.state
            return with_patch(project, replace(patch, versions=versions, state=state))
    project = attach_version(project, patch_id, version)
    if is_locked:
        return project
    versions = get_patch(project, patch_id).versions
    return choose_version(project, patch_id, next(v.number for v in versions if _is_same(v, version)))


def keep_version(project: Project, patch_id: str, version: PatchVersion) -> Project:
    """Keep a result as unattached, unless its patch or the unattached ones hold it already."""
    held = [v for p in project.patches if p.id == patch_id for v in p.versions]
    held += [v for owner, v in project.unattached if owner == patch_id]
    if any(_is_same(v, version) for v in held):
        return project
    return replace(project, unattached=(*project.unattached, (patch_id, version)))


def discard_unattached(project: Project, patch_id: str, number: int) -> Project:
    """Forget an unattached result, on the user's explicit wish."""
    kept = tuple((owner, v) for owner, v in project.unattached if (owner, v.number) != (patch_id, number))
    return project if len(kept) == len(project.unattached) else replace(project, unattached=kept)


def choose_version(project: Project, patch_id: str, number: int) -> Project:
    """Show another version. An accepted or rejected patch goes back to review: this picture was not judged yet.

    Raises: EditError: there is no such version; the patch is locked.
    """
    patch = get_patch(project, patch_id)
    if all(version.number != number for version in patch.versions):
        raise EditError(f"“{patch.name}” has no version {number}.")
    if patch.current_version == number:
        return project
    refuse_locked_patch(project, patch)
    state = PatchState.QA_READY if patch.state in WITH_RESULT else patch.state
    return with_patch(project, replace(patch, current_version=number, state=state))


def without_patch(project: Project, patch_id: str) -> Project:
    """Take a patch out whatever its locks; its versions stay as unattached results."""
    patch = get_patch(project, patch_id)
    project = replace(project, patches=tuple(p for p in project.patches if p.id != patch_id))
    for version in patch.versions:
        project = keep_version(project, patch_id, version)
    return project


def _without_unattached(project: Project, patch_id: str, version: PatchVersion) -> Project:
    kept = tuple((owner, v) for owner, v in project.unattached if owner != patch_id or not _is_same(v, version))
    return project if len(kept) == len(project.unattached) else replace(project, unattached=kept)


def _is_same(one: PatchVersion, other: PatchVersion) -> bool:
    """Whether two versions are the same result of the same run, whatever number they carry."""
    return replace(one, number=0) == replace(other, number=0)


def keep_undone_version(project: Project, patch_id: str, version: PatchVersion) -> Project:
    """What undoing the arrival of a result must still hold: the result, unattached; its patch waits again, with no job."""
    project = keep_version(project, patch_id, version)
    patch = next((p for p in project.patches if p.id == patch_id), None)
    if patch is None or patch.state is not PatchState.PROCESSING:
        return project
    return with_patch(project, replace(patch, state=PatchState.QUEUED))
