"""Refusals: what a person or a machine is told when something is not done."""


class DomainError(Exception):
    """
    A refusal. The sentence is for people: what was refused, for which thing, what to do next.

    Subclasses set `code` (stable, for machines) and the HTTP `status` that fits; `retry_after`, in
    seconds, where waiting helps; who refuses may say it too. Whatever is not a DomainError is a bug and may crash loudly.
    """

    code = "refused"
    status = 409
    retry_after: int = 0

    def __init__(self, *said: object, retry_after: int = 0) -> None:
        super().__init__(*said)
        if retry_after:
            self.retry_after = retry_after


class NotPermitted(DomainError):
    """The actor's place or post does not allow this."""

    code = "not_permitted"
    status = 403


class NotFound(DomainError):
    """There is no such thing, or none that the actor may see."""

    code = "not_found"
    status = 404


class InvalidInput(DomainError):
    """What was sent cannot be right; nothing was changed."""

    code = "invalid_input"
    status = 422
