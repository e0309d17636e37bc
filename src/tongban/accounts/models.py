"""The tables of accounts: places, people, and the traces of access."""

from tongban.accounts.access import ApiKey, FailedAttempt, SignIn
from tongban.accounts.people import Applicant, Appointment, Person, Post
from tongban.accounts.places import Division, Hall, Organisation, Window

__all__ = [
    "ApiKey",
    "Applicant",
    "Appointment",
    "Division",
    "FailedAttempt",
    "Hall",
    "Organisation",
    "Person",
    "Post",
    "SignIn",
    "Window",
]
