"""The tables of accounts: places, people, and the traces of access."""

from tongban.accounts.access import ApiKey, FailedAttempt, SignIn
from tongban.accounts.external import ExternalIdentity
from tongban.accounts.people import Applicant, Appointment, Person, Post
from tongban.accounts.places import Division, Hall, Organisation, Window
from tongban.accounts.shifts import Shift

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
    "SignIn",
    "Window",
]
