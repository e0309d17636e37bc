"""What is sent before there is a case: to which telephone, and what a code about it counts for. Pure, but for the key of the hash."""

import json
from typing import Any

from tongban.accounts.people import sealed
from tongban.catalogue import filers, forms
from tongban.catalogue.formpaths import Schema


def telephone(schema: Schema, form: dict[str, Any]) -> str:
    """Return the mobile number of whoever files by a form; nothing where it gives none."""
    return filers.mobile_of_filer(schema, forms.cleaned(schema, form))[1]


def about(number: str, form: dict[str, Any]) -> str:
    """Return a keyed hash of what a draft says: the digest of its form is another each time it is saved."""
    return sealed.lookup(f"draft:{number}:{json.dumps(form, ensure_ascii=False, sort_keys=True)}")
