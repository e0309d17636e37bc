"""What is sent before there is a case: to which telephone, and what a code about it counts for."""

import json

from tongban.accounts.people import sealed
from tongban.catalogue import filers, forms
from tongban.catalogue import queries as catalogue
from tongban.materials import queries as materials
from tongban.materials.models import Draft


def telephone(draft: Draft) -> str:
    """Return the mobile number of whoever files by a draft; nothing where it gives none. Raises as content and guide do."""
    schema = catalogue.current_guide(draft.offering).body["form"]
    filled = materials.form_at(draft.number, draft.form) if draft.form else {}
    return filers.mobile_of_filer(schema, forms.cleaned(schema, filled))[1]


def about(draft: Draft) -> str:
    """Return a keyed hash of what a draft says now: the digest of its form is another each time it is saved. Raises as content does."""
    filled = materials.form_at(draft.number, draft.form) if draft.form else {}
    return sealed.lookup(f"draft:{draft.number}:{json.dumps(filled, ensure_ascii=False, sort_keys=True)}")
