"""The tables of accounts: places, people, and the traces of access."""

from tongban.accounts.people.authenticators import Authenticator, RecoveryCode, SecondReset
from tongban.accounts.people.external import ExternalIdentity
from tongban.accounts.people.models import Applicant, Appointment, Person, Post
from tongban.accounts.people.shifts import Shift
from tongban.accounts.people.traces import ApiKey, FailedAttempt, SignIn
from tongban.accounts.places.models import Division, Hall, Organisation, Window

__all__ = [
    "ApiKey",
    "Applicant",
    "Appointment",
    "Authenticator",
    "Division",
    "ExternalIdentity",
    "FailedAttempt",
    "Hall",
    "Organisation",
    "Person",
    "Post",
    "RecoveryCode",
    "SecondReset",
    "Shift",
    "SignIn",
    "Window",
]
