"""The tables of accounts: places, people, and the traces of access."""

from tongban.accounts.people.authenticators import Authenticator, RecoveryCode, SecondReset
from tongban.accounts.people.bindings import StaffIdentity
from tongban.accounts.people.devices import Device
from tongban.accounts.people.external import ExternalIdentity
from tongban.accounts.people.grants import Grant
from tongban.accounts.people.leaves import Leave
from tongban.accounts.people.models import Applicant, Appointment, Person, Post
from tongban.accounts.people.opened import Session
from tongban.accounts.people.past_passwords import PastPassword
from tongban.accounts.people.shifts import Shift
from tongban.accounts.people.traces import ApiKey, FailedAttempt
from tongban.accounts.places.models import Division, Hall, Organisation, Window
from tongban.accounts.roster.drafts import StaffList

__all__ = [
    "ApiKey",
    "Applicant",
    "Appointment",
    "Authenticator",
    "Device",
    "Division",
    "ExternalIdentity",
    "FailedAttempt",
    "Grant",
    "Hall",
    "Leave",
    "Organisation",
    "PastPassword",
    "Person",
    "Post",
    "RecoveryCode",
    "SecondReset",
    "Session",
    "Shift",
    "StaffIdentity",
    "StaffList",
    "Window",
]
