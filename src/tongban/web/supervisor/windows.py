"""Which windows have somebody sitting at them now (窗口值守)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.accounts.access.actor import Permission
from tongban.accounts.people import shifts
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.staff import names_of


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def windows(request: SignedInRequest) -> HttpResponse:
    """Windows of the place; those without anybody come first."""
    rows = shifts.staffing(for_actor=request.actor, at=clock.now())
    staffed = sum(bool(row.clerks) for row in rows)
    staff = names_of(clerk for row in rows for clerk, _since in row.clerks)
    context = {"rows": rows, "staff": staff, "staffed": staffed, "unstaffed": len(rows) - staffed}
    return render(request, "supervisor/windows.html", context)
