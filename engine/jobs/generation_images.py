"""A picture that has come becomes the result of its operation: at once, or when a program finds what an ended one had kept."""

from engine.jobs.generation_errand import Tools
from engine.jobs.generation_files import image_facts
from engine.store.ledger import UNPRICED, Charge, LedgerState, Outcome
from engine.store.operation_values import OperationState


def keep_image(tools: Tools, operation: str) -> str | None:
    """Make a kept answer the operation's result; its asset's hash. None where no answer is kept. Raises: StorageError."""
    image = tools.files.answer(operation)
    if image is None:
        return None
    now = tools.operations.get(operation)
    charge = Charge(image.cost_usd, tokens=image.tokens, request_id=image.request_id)
    facts, error = image_facts(image.raw)
    asset = tools.files.put_image(image.raw, facts.get("mime", ""))
    state, note = (LedgerState.SETTLED, "") if image.is_priced else (LedgerState.UNKNOWN, UNPRICED)
    paid = Outcome(state, charge, note, asset)
    warnings = [*now.facts.get("warnings", []), *image.warnings]
    took_s = round((tools.clock.now() - now.created).total_seconds(), 1)
    if error:
        tools.operations.note(operation, damaged=asset, warnings=warnings)
        text = f"{error} What came is kept, and was charged."
        tools.operations.end(operation, OperationState.FAILED, text, paid)
    else:
        tools.operations.done(operation, asset, paid, **facts, warnings=warnings, took_s=took_s, answered_by=image.model)
    tools.files.drop_answer(operation)
    return asset
