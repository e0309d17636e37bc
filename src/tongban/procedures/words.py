"""The words of acts and duties that every procedure has. Pure."""

from enum import StrEnum


class Standard(StrEnum):
    """The acts that every procedure has."""

    ARRIVE = "arrive"
    LOOK = "look"
    CLAIM = "claim"
    HAND_OVER = "hand_over"
    RELIEVE = "relieve"
    SET_DUE = "set_due"
    ESCALATE = "escalate"
    PRESS = "press"
    SUPERVISE = "supervise"
    PARK = "park"
    RELEASE = "release"
    SETTLE = "settle"
    SUCCEED = "succeed"
    REDACT = "redact"
    APPRAISE = "appraise_destruction"
    APPROVE_DESTRUCTION = "approve_destruction"
    DECLINE_DESTRUCTION = "decline_destruction"
    RETRACT_DESTRUCTION = "retract_destruction"
    CONFIRM_DESTRUCTION = "confirm_destruction"
    DROP = "drop_copy"


class Owed(StrEnum):
    """The duties that every procedure has."""

    DELIVER = "deliver"
    SUPERVISE = "supervise"
    RESOLVE = "resolve"
    APPROVE_DESTRUCTION = "approve_destruction"
    DESTROY = "destroy"
    DROP = "drop_copy"


# What the system itself owes: nobody has to look at it or to take it on.
OF_SYSTEM = frozenset({str(Owed.DELIVER), str(Owed.DESTROY), str(Owed.DROP)})
