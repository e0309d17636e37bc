"""The tables of accounts: places, people, and the traces of access."""

from tongban.accounts.people.external import ExternalIdentity
from tongban.accounts.people.models import Applicant, Appointment, Person, Post
from tongban.accounts.people.shifts import Shift
from tongban.accounts.people.traces import ApiKey, FailedAttempt
from tongban.accounts.places.models import Division, Hall, Organisation, Window

__all__ = [
    "ApiKey",
    "Applicant",
    "Appointment",
    "Division",
    "ExternalIdentity",
    "FailedAttempt",
    "Hall",
    "Organisation",
    "Person",
    "Post",
    "Shift",
    "Window",
]
