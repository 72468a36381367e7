"""From a gesture to an edit or a job, and from a result to what is shown."""
