"""Addresses of the applicant's pages."""

from django.urls import URLPattern, path

from tongban.web import discards
from tongban.web.applicant import (
    cases,
    drafts,
    filing,
    helping,
    items,
    lookup,
    own_cases,
    papers,
    receipts,
    steps,
    visiting,
)

urlpatterns: list[URLPattern] = [
    path("", items.home, name="home"),
    path("items/", items.items, name="items"),
    path("items/<str:code>/", items.item, name="item"),
    path("items/<str:code>/form.pdf", items.blank_form, name="item-form"),
    path("items/<str:code>/example.pdf", items.example_form, name="item-example"),
    path("items/<str:code>/start/", drafts.start, name="start"),
    path("drafts/<str:number>/", drafts.draft, name="draft"),
    path("drafts/<str:number>/steps/<int:step>/", steps.step, name="draft-step"),
    path("drafts/<str:number>/materials/", filing.hand_in, name="draft-materials"),
    path("drafts/<str:number>/materials/remove/", filing.take_back, name="draft-material-remove"),
    path("drafts/<str:number>/materials/<str:digest>/", filing.own_file, name="draft-material"),
    path("drafts/<str:number>/discard/", discards.applicants, name="draft-discard"),
    path("drafts/<str:number>/confirm/", filing.confirm, name="draft-confirm"),
    path("my-cases/", own_cases.my_cases, name="my-cases"),
    path("my-cases/<str:number>/", cases.my_case, name="my-case"),
    path("my-cases/<str:number>/receipt/", receipts.receipt, name="receipt"),
    path("my-cases/<str:number>/receipt.json", receipts.proof, name="my-case-proof"),
    path("my-cases/<str:number>/filing.pdf", papers.filing, name="my-case-filing"),
    path("my-cases/<str:number>/letters/<slug:kind>.pdf", papers.letter, name="my-case-letter"),
    path("my-cases/<str:number>/acts/<str:act>/", cases.act, name="my-case-act"),
    path("my-cases/<str:number>/materials/", cases.supplement, name="my-case-materials"),
    path("my-cases/<str:number>/materials/<str:digest>/", cases.content, name="my-case-content"),
    path("helpers/", helping.helpers, name="helpers"),
    path("lookup/", lookup.lookup, name="lookup"),
    path("lookup/send/", visiting.send, name="lookup-send"),
    path("lookup/code/", visiting.code, name="lookup-code"),
    path("lookup/case/", visiting.case, name="lookup-case"),
    path("lookup/case/letters/<slug:kind>.pdf", visiting.letter, name="lookup-letter"),
    path("lookup/leave/", visiting.leave, name="lookup-leave"),
]
