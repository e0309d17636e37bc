"""Who files from their own account files for themselves, or as the agent whom the form names."""

from typing import Any

from tongban.accounts import identifiers
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.people.applicants import identity_key
from tongban.catalogue import filers
from tongban.catalogue.formpaths import Fault, Schema

_OTHERS = (
    "不是登录账号实名认证的号码。为自己办请填本人的号码；替别人办请选由代理人办理，并填写您本人的代理人信息"
)


def faults(schema: Schema, instance: dict[str, Any], by: Actor) -> list[Fault]:
    """
    Return what is wrong with who files online: nobody whom the form names is the owner of the account.

    An account that has proved no identity can be compared with nothing; its level is for the guide to judge.
    """
    if by.kind is not ActorKind.APPLICANT:
        return []
    named = filers.numbers_of_filer(schema, instance)
    account = accounts.verified(by)
    if account is None or not named or account.identity_lookup in {_key(number) for _, number in named}:
        return []
    return [Fault(named[0][0], f"证件号码{_OTHERS}。")]


def account_of(schema: Schema, instance: dict[str, Any]) -> str:
    """Return the code of the account whose owner has proved to be whoever files by a form; nothing if there is none."""
    found = (
        accounts.applicant_known_by(_key(number)) for number in filers.numbers_of_applicant(schema, instance)
    )
    return next((one for one in found if one), "")


def own_answers(schema: Schema, by: Actor) -> dict[str, Any]:
    """Return what a form may begin with for the owner of an account: their proved name and number."""
    account, known = accounts.verified(by), schema.get("properties", {})
    if account is None:
        return {}
    given = {"applicant_name": account.name, "applicant_idno": account.identity_number}
    return {name: value for name, value in given.items() if name in known}


def _key(number: str) -> str:
    for rule in (identifiers.citizen_id, identifiers.uscc):
        try:
            return identity_key(rule(number))
        except identifiers.BadIdentifier:
            continue
    return ""
