"""
Every column of every table that the audit covers is changed by hand, one at a time, and must be named.

The columns are read from the models, so a new one is covered by itself or fails here until it is.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from tests import stories
from tests.databases import undone
from tests.forging import forged
from tests.world import World, build
from tongban.cases.models import Case
from tongban.kernel.journal import seals
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import (
    Content,
    Duty,
    EpochRecord,
    Event,
    NodeKey,
    Outstanding,
    Seal,
    SealedHead,
    SealNode,
    Statement,
    SubjectKey,
)
from tongban.procedures.audit import journal_audit
from tongban.procedures.models import Matter, Party

COVERED: tuple[type[models.Model], ...] = (
    Event, Matter, Party, Case, Duty, Statement, Outstanding, Seal, SealNode, NodeKey, SubjectKey, Content
)  # fmt: skip
COLUMNS = [
    pytest.param(model, field.attname, id=f"{model.__name__}.{field.attname}")
    for model in COVERED
    for field in model._meta.local_concrete_fields
    if field.attname not in journal_audit.NOT_DERIVED.get(model, {})
]


pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Give a world in which one case was delivered and another is under way; tests undo what they change."""
    with django_db_blocker.unblock():
        world = build()
        stories.delivered(world)
        stories.acknowledged(world)
        world.settle()
        yield world
        world.close()


def other_than(field: Any, value: Any) -> Any:
    """Return another value that the column could hold."""
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateTimeField):
        return (value or datetime.fromisoformat("2026-03-02T09:00:00+08:00")) + timedelta(seconds=1)
    if isinstance(field, models.DateField):
        return (value or date(2026, 3, 2)) + timedelta(days=1)
    if isinstance(field, models.JSONField):
        return altered_json(value)
    if isinstance(field, models.BinaryField):
        return bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1]) if value else b"x"
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1000
    return ("1" if value[:1] == "0" else "0") + value[1:] if value else "x"


def altered_json(value: Any) -> Any:
    """Change the first thing found in it."""
    name = next(iter(value), None)
    if isinstance(value, dict) and name is not None and isinstance(value[name], list) and value[name]:
        return {**value, name: [value[name][0] + 1, *value[name][1:]]}
    return {**value, "x": 1}


def change(model: type[models.Model], column: str) -> None:
    """Change a column of one row, by hand and past every guard."""
    field = model._meta.get_field(column)
    rows = model._default_manager.order_by("pk")
    row = rows.exclude(**{f"{column}__isnull": True}).first() or rows.first()
    assert row is not None
    of_another = isinstance(field, models.ForeignKey)
    value = "no such matter" if of_another else other_than(field, getattr(row, column))
    model._default_manager.filter(pk=row.pk).update(**{column: value})


class TestAudit:
    @pytest.mark.prove("audits a node with one case of every kind")
    def test_finds_nothing_wrong_with_what_was_only_written_by_the_program(self, story: World) -> None:
        for node in story.nodes:
            with story.on(node):
                report = journal_audit.verify_journal(deep=True)
            assert report.findings == []
            assert report.checked["Event"] > 20
            assert all(report.checked[model.__name__] for model in COVERED)

    @pytest.mark.parametrize(("model", "column"), COLUMNS)
    def test_names_a_column_changed_by_hand(
        self, story: World, model: type[models.Model], column: str
    ) -> None:
        with story.on("qingyang"), undone():
            try:
                with transaction.atomic():
                    change(model, column)
            except IntegrityError as error:
                assert "check" in str(error).lower()  # noqa: PT017
                return  # the database itself refuses
            found = journal_audit.verify_journal().findings
        named = {(finding.table, name) for finding in found for name in finding.column.split(",")}
        assert (model.__name__, column) in named, [str(finding) for finding in found]

    @pytest.mark.parametrize(
        "model", [Event, Matter, Party, Case, Duty, SealNode], ids=lambda model: model.__name__
    )
    def test_names_a_row_that_was_deleted(self, story: World, model: type[models.Model]) -> None:
        with story.on("qingyang"), undone():
            for row in (
                model._default_manager.order_by("pk").first(),
                model._default_manager.order_by("-pk").first(),
            ):
                assert row is not None
                with undone():
                    gone = model._base_manager.filter(pk=row.pk)
                    gone._raw_delete(gone.db)  # this row alone, as an administrator can
                    found = journal_audit.verify_journal().findings
                assert model.__name__ in {finding.table for finding in found}

    def test_a_whole_case_deleted_leaves_a_gap_in_the_seal(self, story: World) -> None:
        with story.on("qingyang"), undone():
            number = Case.objects.order_by("pk").values_list("number", flat=True)[0]
            gone = Event.objects.filter(subject=number, own=True).count()
            for model, column in (
                (Event, "subject"), (Matter, "number"), (Duty, "subject"), (Statement, "subject"), (Outstanding, "subject"),
                (Content, "subject"), (SubjectKey, "subject"), (SealedHead, "subject"),
            ):  # fmt: skip
                model._default_manager.filter(**{column: number}).delete()
            found = journal_audit.verify_journal().findings
        assert [(finding.table, finding.column) for finding in found] == [("Event", "leaf")] * gone

    def test_an_event_rewritten_with_its_hash_is_named(self, story: World) -> None:
        with story.on("qingyang"), undone():
            row = Event.objects.filter(own=True).order_by("id").first()
            assert row is not None
            true = journal.read_row(row.raw, row.body)
            event = forged(true, actor={**true.actor, "staff": "0" * 26})
            assert event.body_raw is not None
            Event.objects.filter(pk=row.pk).update(
                raw=event.raw.decode(), body=event.body_raw.decode(), hash=event.hash
            )
            tables = {finding.table for finding in journal_audit.verify_journal().findings}
        assert {"Event", "SealNode"} <= tables

    def test_tells_how_far_it_is(self, story: World) -> None:
        told: list[int] = []
        with story.on("qingyang"):
            journal_audit.verify_journal(progress=told.append)
        assert told == [2]


class TestEpochRecords:
    def test_a_record_that_nobody_signed_is_named(self, story: World) -> None:
        with story.on("qingyang"), undone():
            latest = seals.latest(story["qingyang"].fingerprint)
            assert latest is not None
            EpochRecord.objects.create(node=latest["node"], epoch=2, raw="{}")
            found = journal_audit.verify_journal().findings
        assert ("EpochRecord", "raw") in {(finding.table, finding.column) for finding in found}
