"""Addresses of the supervisor's pages."""

from django.urls import URLPattern, path

from tongban.web.supervisor import cases, consulting, looks, overview, pressing, trust, windows

urlpatterns: list[URLPattern] = [
    path("supervision/", overview.supervision, name="supervision"),
    path("supervision/export.<slug:form>", overview.export, name="supervision-export"),
    path("supervision/press/", pressing.press, name="supervision-press-many"),
    path("supervision/press/sheet.pdf", pressing.sheet, name="supervision-sheet"),
    path("supervision/parked/", overview.parked, name="supervision-parked"),
    path("supervision/unattended/", overview.unattended, name="supervision-unattended"),
    path("supervision/windows/", windows.windows, name="supervision-windows"),
    path("supervision/peers/", trust.peers, name="peers"),
    path("supervision/journal/", trust.journal, name="journal"),
    path("supervision/looks/", looks.alarms, name="look-alarms"),
    path("supervision/looks/<int:alarm>/", looks.close, name="look-alarm-close"),
    path("supervision/cases/<str:number>/", cases.case, name="supervised-case"),
    path("supervision/cases/<str:number>/consult/", consulting.ask, name="supervision-consult"),
    path("supervision/cases/<str:number>/consulted/", consulting.case, name="consulted-case"),
    path("supervision/cases/<str:number>/consulted/<str:digest>/", consulting.file, name="consulted-file"),
    path("supervision/cases/<str:number>/dossier/", cases.dossier, name="dossier"),
    path("supervision/cases/<str:number>/release/", cases.release, name="supervision-release"),
    path("supervision/cases/<str:number>/press/", cases.press, name="supervision-press"),
]
