"""What is read of drafts and materials, and by whom."""

from datetime import timedelta

import pytest

from tests.materials import samples, stories
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel, Permission
from tongban.kernel import vault
from tongban.kernel.errors import NotFound
from tongban.materials import commands, container, filing, queries
from tongban.materials.forms import FormUnreadable
from tongban.materials.models import Draft, Material

pytestmark = pytest.mark.usefixtures("node")
NUMBER, OTHER, ZHANG, LI, MONDAY = (
    stories.NUMBER, stories.OTHER, stories.ZHANG, stories.LI, stories.MONDAY,
)  # fmt: skip
NOBODIES = [
    LI,
    Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB),
    Actor(kind=ActorKind.STAFF, channel=Channel.DESK, permissions=frozenset(Permission)),
    Actor(kind=ActorKind.PEER, channel=Channel.API, node="ab" * 32),
    stories.window("11330100MB0000000X", *Permission),
    stories.window("11341723MB1524561K", Permission.CASE_DECIDE),
]


class TestVisibleTo:
    @pytest.mark.parametrize("stranger", NOBODIES)
    def test_shows_nothing_to_strangers(self, stranger: Actor) -> None:
        stories.a_draft()
        stories.a_draft(OTHER, by=stories.window())
        stories.handed_in()
        assert not Draft.objects.visible_to(stranger).exists()
        assert not Material.objects.visible_to(stranger).exists()
        with pytest.raises(NotFound):
            queries.draft(NUMBER, stranger)

    def test_shows_everyone_their_own(self) -> None:
        stories.a_draft()
        stories.a_draft(OTHER, by=stories.window())
        stories.handed_in()
        assert [draft.number for draft in queries.drafts_of(ZHANG)] == [NUMBER]
        assert [draft.number for draft in queries.drafts_of(stories.window())] == [OTHER]
        assert Material.objects.visible_to(ZHANG).count() == 1
        assert Draft.objects.visible_to(SYSTEM).count() == 2

    def test_lists_drafts_last_changed_first_until_filed(self) -> None:
        stories.a_draft()
        stories.a_draft(OTHER)
        commands.save_form(number=NUMBER, instance={}, by=ZHANG, at=MONDAY + timedelta(hours=1))
        assert [draft.number for draft in queries.drafts_of(ZHANG)] == [NUMBER, OTHER]
        filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)
        assert [draft.number for draft in queries.drafts_of(ZHANG)] == [OTHER]


class TestForm:
    def test_of_an_empty_or_unknown_draft_is_empty(self) -> None:
        stories.a_draft()
        assert queries.form_of(NUMBER) == queries.form_of(OTHER) == {}
        assert queries.form_reference(NUMBER) is None

    def test_is_referred_to_as_the_vault_holds_it(self) -> None:
        stories.a_draft()
        draft = commands.save_form(number=NUMBER, instance={"a": "b"}, by=ZHANG, at=MONDAY)
        assert queries.form_reference(NUMBER) == {"label": "form", "digest": draft.form, "size": 9}
        assert queries.form_at(NUMBER, draft.form) == {"a": "b"}

    @pytest.mark.parametrize("data", [b"[]", b"{", b"\xff", b"[" * 100_000])
    def test_that_a_peer_spoiled_is_refused(self, data: bytes) -> None:
        reference = vault.put(NUMBER, "form", data)
        with pytest.raises(FormUnreadable):
            queries.form_at(NUMBER, reference.digest)

    def test_of_many_leaves_out_what_cannot_be_read(self) -> None:
        for number in (NUMBER, OTHER):
            stories.a_draft(number)
            commands.save_form(number=number, instance={"a": number}, by=ZHANG, at=MONDAY)
        large = {"a": "x" * vault.INLINE}
        assert queries.forms_of([NUMBER, OTHER, "unknown"]) == {one: {"a": one} for one in (NUMBER, OTHER)}
        commands.save_form(number=OTHER, instance=large, by=ZHANG, at=MONDAY)
        spoiled = vault.put(NUMBER, "form", b"[]").digest
        Draft.objects.filter(number=NUMBER).update(form=spoiled)
        assert queries.forms_of([NUMBER, OTHER]) == {OTHER: large}  # which lies in a file
        vault.destroy(OTHER, "档案法", MONDAY)
        assert queries.forms_of([NUMBER, OTHER]) == {}


class TestReferences:
    def test_hold_label_digest_and_size_in_order(self) -> None:
        stories.a_draft()
        first = stories.handed_in()
        second = stories.handed_in(
            samples.picture(), code="photo", name="a.jpg", at=MONDAY + timedelta(hours=1)
        )
        assert queries.references(NUMBER) == [
            {"label": f"material:{m.code}", "digest": m.digest, "size": m.size} for m in (first, second)
        ]
        assert vault.get(NUMBER, first.digest).__len__() == first.size

    def test_of_what_no_event_names_yet(self) -> None:
        stories.a_draft()
        stories.handed_in()
        filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)
        later = stories.handed_in(samples.pdf_file(2), for_draft=False)
        assert [r["digest"] for r in queries.references(NUMBER, unstated_only=True)] == [later.digest]
        assert len(queries.references(NUMBER)) == 2


class TestOpenMaterial:
    def test_opens_what_a_peer_sent(self) -> None:
        data = samples.pdf_file()
        stored = container.pack(container.StoredFile("a.pdf", "application/pdf", data))
        reference = vault.put(NUMBER, "material:id", stored)
        assert queries.open_material(NUMBER, reference.digest) == ("a.pdf", "application/pdf", data)

    @pytest.mark.parametrize(
        "stored",
        [
            b"{}",
            b"",
            b"\n",
            b'{"name":"a","type":"text/html"}\n<script>alert(1)</script>',
            b'{"name":"a","type":"application/pdf"}\n<script>alert(1)</script>',
            b'{"name":"a","type":null}\nx',
            b'{"type":"text/html"}\nx',
        ],
    )
    def test_refuses_what_a_peer_made_up(self, stored: bytes) -> None:
        reference = vault.put(NUMBER, "material:id", stored)
        with pytest.raises(container.MaterialMalformed):
            queries.open_material(NUMBER, reference.digest)

    def test_knows_nothing_of_another_cases_content(self) -> None:
        stories.a_draft()
        material = stories.handed_in()
        with pytest.raises(NotFound):
            queries.open_material(OTHER, material.digest)


class TestMissingRequired:
    def test_names_what_is_called_for_and_not_there(self) -> None:
        stories.a_draft()
        assert queries.missing_required(NUMBER, stories.GUIDE) == ["申请书", "身份证明"]
        stories.handed_in()
        assert queries.missing_required(NUMBER, stories.GUIDE) == ["申请书"]

    def test_depends_on_the_form(self) -> None:
        stories.a_draft()
        commands.save_form(number=NUMBER, instance={"agent": True}, by=ZHANG, at=MONDAY)
        assert "授权委托书" in queries.missing_required(NUMBER, stories.GUIDE)
