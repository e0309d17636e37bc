"""What a page says where several acts were to be done at one press and one of them was refused."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from tongban.cases.models import Case
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError
from tongban.web.english import told


def sentence(case: Case, done: Sequence[Act], at: Act, refusal: DomainError) -> str:
    """Return what is recorded, which act was refused and why, and that the case goes on from there."""
    titles = "、".join(_(case.title_of_act(one)) for one in done)
    return _("已经记下：%(done)s。在“%(act)s”这一步没有办成：%(why)s 已记下的不用重办，请从这一步继续。") % {
        "done": titles, "act": _(case.title_of_act(at)), "why": told(refusal),
    }  # fmt: skip
