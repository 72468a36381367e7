"""The pipelines: who calls what in which order. Each job is `run(request, *, cancel, report) -> result`."""
