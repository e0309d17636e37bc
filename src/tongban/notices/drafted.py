"""What is sent before there is a case: to whom, and in whose name, as a draft's form says."""

from tongban.cases.told_of import given
from tongban.catalogue import forms
from tongban.catalogue import queries as catalogue
from tongban.materials import queries as materials
from tongban.materials.models import Draft

_MOBILE = "cn-mobile"


def telephone(draft: Draft) -> str:
    """Return the first telephone that the form of a draft gives; nothing where it gives none."""
    guide = catalogue.current_guide(draft.offering).body
    form = forms.cleaned(guide["form"], materials.form_of(draft.number))
    return next((number for _, number in given(guide["form"], form, _MOBILE)), "")
