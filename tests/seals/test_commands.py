"""Seals are made, imported, replaced and revoked by those who may, one in use of each kind."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.db import IntegrityError, transaction

from tests.nodes import BIRTH, Node
from tests.seals.conftest import CENTRE, ELSEWHERE, HRSS, NAMES, letter, spare
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel
from tongban.accounts.models import Organisation
from tongban.kernel.errors import DomainError
from tongban.seals import commands, demo, keys, queries, signing
from tongban.seals.models import Seal, SealAuthority
from tongban.seals.refusals import MANAGE

pytestmark = pytest.mark.usefixtures("offices")
LATER = BIRTH + timedelta(days=400)
PASSPHRASE = "as the authority told us"


def make(**more: Any) -> commands.Made:
    given = {"organisation": HRSS, "kind": "official", "by": SYSTEM, "at": BIRTH} | more
    return commands.make(**given)


def import_(data: bytes, **more: Any) -> commands.Made:
    given = {
        "organisation": HRSS,
        "kind": "official",
        "by": SYSTEM,
        "at": BIRTH,
        "passphrase": PASSPHRASE,
    } | more
    return commands.import_pkcs12(data=data, **given)


def code_of(function: Any, *arguments: Any, **more: Any) -> str:
    """Return the code by which something was refused; nothing changed."""
    before = list(Seal.objects.order_by("pk").values())
    with pytest.raises(DomainError) as refusal:
        function(*arguments, **more)
    assert list(Seal.objects.order_by("pk").values()) == before
    assert str(refusal.value).endswith("。")
    return refusal.value.code


@dataclass(frozen=True)
class Issued:
    """What an authority outside would put into a file."""

    key: Any
    name: str = NAMES[HRSS]
    starts: datetime = BIRTH - timedelta(days=1)
    ends: datetime = BIRTH + timedelta(days=365)
    signs: bool = True

    def certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        usage = x509.KeyUsage(self.signs, False, not self.signs, False, False, False, False, False, False)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "某某电子认证服务有限公司")])
        built = (
            x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(self.key.public_key())
            .serial_number(7).not_valid_before(self.starts).not_valid_after(self.ends)
            .add_extension(usage, critical=True)
        )  # fmt: skip
        return built.sign(spare(90), hashes.SHA256())

    def file(self) -> bytes:
        return pkcs12.serialize_key_and_certificates(
            "印章".encode(), self.key, self.certificate(), None, BestAvailableEncryption(PASSPHRASE.encode())
        )


@cache
def small() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


class TestMake:
    def test_a_seal_carries_its_organisation_and_is_certified_by_the_node(self) -> None:
        seal = make().seal

        certificate, root = x509.load_pem_x509_certificates((seal.certificate + seal.chain).encode())
        certificate.verify_directly_issued_by(root)
        said = {attribute.oid: attribute.value for attribute in certificate.subject}
        assert said[NameOID.ORGANIZATION_NAME] == NAMES[HRSS]
        assert said[NameOID.ORGANIZATION_IDENTIFIER] == f"NTRCN-{HRSS}"
        assert seal.fingerprint == certificate.fingerprint(hashes.SHA256()).hex()
        assert (seal.valid_from, seal.valid_to) == (BIRTH, BIRTH + timedelta(days=1095))

    def test_all_seals_of_a_node_have_one_root(self) -> None:
        assert make().seal.chain == make(organisation=CENTRE).seal.chain
        root = queries.root()
        assert root is not None
        assert root.certificate == Seal.objects.all()[0].chain

    def test_a_second_one_in_use_is_refused(self) -> None:
        make()

        assert code_of(make) == "seal_already_in_use"
        assert make(kind="special", word="行政审批专用章").seal.word == "行政审批专用章"

    def test_the_database_itself_refuses_a_second_one_in_use(self) -> None:
        row = Seal.objects.values().get(pk=make().seal.pk) | {"id": None, "fingerprint": "0" * 64}

        with pytest.raises(IntegrityError), transaction.atomic():
            Seal.objects.create(**row)

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"organisation": ELSEWHERE}, "seal_elsewhere"),
            ({"organisation": "12341723DEM0100099"}, "not_found"),
            ({"kind": "round"}, "invalid_input"),
            ({"word": "行政审批专用章"}, "seal_word_wrong"),
            ({"kind": "special"}, "seal_word_wrong"),
            ({"kind": "special", "word": "长" * 13}, "seal_word_wrong"),
        ],
    )  # fmt: skip
    def test_refuses(self, more: dict[str, Any], code: str) -> None:
        assert code_of(make, **more) == code

    def test_refuses_who_may_not(self) -> None:
        clerk = Actor(
            ActorKind.STAFF, Channel.DESK, organisation=HRSS, permissions=frozenset({"case.decide"})
        )
        other = Actor(ActorKind.STAFF, Channel.DESK, organisation=CENTRE, permissions=frozenset({MANAGE}))
        over = Actor(
            ActorKind.STAFF,
            Channel.DESK,
            organisation=CENTRE,
            permissions=frozenset({MANAGE}),
            supervises="341723",
        )

        assert [code_of(make, by=by) for by in (clerk, other)] == ["not_permitted"] * 2
        assert make(by=over).seal.state == "in_use"

    def test_without_the_authoritys_key_no_seal_is_certified_until_there_is_a_new_authority(
        self, node: Node
    ) -> None:
        make()
        (node.home / "keys" / keys.name_of(SealAuthority.objects.get().fingerprint)).unlink()

        assert code_of(make, organisation=CENTRE) == "seal_authority_key_lost"
        root = commands.renew_authority(by=SYSTEM, at=BIRTH)
        assert make(organisation=CENTRE).seal.chain == root.certificate
        assert Seal.objects.get(organisation__uscc=HRSS).chain != root.certificate


class TestImport:
    @pytest.mark.parametrize(
        "key", [spare(50), ec.generate_private_key(ec.SECP256R1())], ids=["RSA", "P-256"]
    )
    def test_an_imported_seal_signs(self, key: Any) -> None:
        made = import_(Issued(key).file())

        pdf = signing.sign(
            letter(), HRSS, "official", at=BIRTH, reason="决定书", page=0, box=(0, 0, 100, 100)
        )
        assert made.warning == ""
        assert signing.check(pdf)[0].is_good

    def test_a_certificate_of_somebody_else_is_a_warning(self) -> None:
        made = import_(Issued(spare(50), name="另一个局").file())

        assert "另一个局" in made.warning
        assert made.seal.state == "in_use"

    @pytest.mark.parametrize(
        ("issued", "code"),
        [
            (Issued(spare(50), ends=BIRTH - timedelta(seconds=1)), "seal_certificate_expired"),
            (Issued(spare(50), starts=BIRTH + timedelta(seconds=1)), "seal_certificate_expired"),
            (Issued(small()), "seal_key_weak"),
            (Issued(ed25519.Ed25519PrivateKey.generate()), "seal_key_weak"),
            (Issued(spare(50), signs=False), "seal_not_for_signing"),
        ],
        ids=["expired", "not yet", "1024 bits", "Ed25519", "not for signing"],
    )  # fmt: skip
    def test_refuses_what_readers_would_not_trust(self, issued: Issued, code: str) -> None:
        assert code_of(import_, issued.file()) == code

    def test_refuses_a_wrong_passphrase(self) -> None:
        assert code_of(import_, Issued(spare(50)).file(), passphrase="another") == "seal_passphrase_wrong"

    @pytest.mark.parametrize("data", [b"", b"no such file", Issued(spare(50)).file()[:-9]])
    def test_refuses_another_file(self, data: bytes) -> None:
        assert code_of(import_, data) == "seal_file_unreadable"

    def test_refuses_a_file_without_the_key(self) -> None:
        alone = pkcs12.serialize_key_and_certificates(
            None, None, Issued(spare(50)).certificate(), None, BestAvailableEncryption(PASSPHRASE.encode())
        )

        assert code_of(import_, alone) == "seal_incomplete"

    def test_refuses_a_certificate_that_was_used_before(self) -> None:
        data = Issued(spare(50)).file()
        import_(data)
        commands.revoke(organisation=HRSS, kind="official", reason="停用", by=SYSTEM, at=BIRTH)

        assert code_of(import_, data) == "seal_already_in_use"
        assert code_of(import_, data, organisation=CENTRE) == "seal_already_in_use"


class TestEnd:
    def test_the_new_seal_takes_over_and_the_old_key_is_gone(self, node: Node) -> None:
        old = make(kind="special", word="行政审批专用章").seal
        new = commands.replace(organisation=HRSS, kind="special", reason="更换", by=SYSTEM, at=LATER).seal

        old.refresh_from_db()
        assert (old.state, old.ended_at, old.reason) == ("replaced", LATER, "更换")
        assert queries.usable(HRSS, "special", LATER) == new
        assert new.word == "行政审批专用章"
        assert not keys.is_there(old.fingerprint)

    def test_replacing_by_a_file_that_is_refused_leaves_the_old_one(self) -> None:
        make()
        bad = commands.Pkcs12(Issued(spare(50)).file(), "another")

        assert (
            code_of(
                commands.replace,
                organisation=HRSS,
                kind="official",
                reason="更换",
                new=bad,
                by=SYSTEM,
                at=LATER,
            )
            == "seal_passphrase_wrong"
        )
        assert keys.is_there(queries.usable(HRSS, "official", LATER).fingerprint)

    @pytest.mark.parametrize("end", [commands.replace, commands.revoke])
    def test_refuses_without_a_seal_or_a_reason(self, end: Any) -> None:
        assert (
            code_of(end, organisation=HRSS, kind="official", reason="x", by=SYSTEM, at=LATER)
            == "no_seal_in_use"
        )
        make()
        assert (
            code_of(end, organisation=HRSS, kind="official", reason=" ", by=SYSTEM, at=LATER)
            == "seal_reason_missing"
        )

    @pytest.mark.parametrize("since", [BIRTH - timedelta(seconds=1), LATER + timedelta(seconds=1)])
    def test_refuses_to_revoke_from_the_future_or_before_it_was_made(self, since: datetime) -> None:
        make()

        code = code_of(
            commands.revoke, organisation=HRSS, kind="official", reason="x", since=since, by=SYSTEM, at=LATER
        )
        assert code == "seal_end_wrong"

    def test_the_seal_of_a_closed_organisation_is_revoked_and_never_replaced(self) -> None:
        make()
        Organisation.objects.filter(uscc=HRSS).update(is_active=False)
        given = {"organisation": HRSS, "kind": "official", "reason": "机构撤销", "by": SYSTEM, "at": LATER}

        assert code_of(commands.replace, **given) == "seal_elsewhere"
        assert commands.revoke(**given).state == "revoked"

    def test_after_a_revocation_a_new_one_is_made(self) -> None:
        make()
        commands.revoke(organisation=HRSS, kind="official", reason="停用", by=SYSTEM, at=LATER)

        made = make(at=LATER).seal
        assert queries.usable(HRSS, "official", LATER) == made


class TestQueries:
    def test_each_sees_the_seals_in_their_reach(self) -> None:
        make()
        make(organisation=CENTRE)
        own = Actor(ActorKind.STAFF, Channel.DESK, organisation=HRSS)
        over = Actor(ActorKind.STAFF, Channel.DESK, organisation=CENTRE, supervises="341723")
        nobody = Actor(ActorKind.APPLICANT, Channel.WEB, applicant="A1")

        seen = [
            [one.organisation.uscc for one in queries.seals(for_actor=by)]
            for by in (own, over, nobody, SYSTEM)
        ]
        assert seen == [[HRSS], [HRSS, CENTRE], [], [HRSS, CENTRE]]
        assert not queries.seals_of(CENTRE, for_actor=own)

    def test_what_ends_soon_is_told_thirty_days_before(self) -> None:
        seal = make().seal
        days = (seal.valid_to - timedelta(days=30, seconds=1), seal.valid_to - timedelta(days=30))

        assert [list(queries.about_to_expire(at=at, for_actor=SYSTEM)) for at in days] == [[], [seal]]

    def test_the_picture_names_the_organisation(self) -> None:
        drawn = queries.picture_of(make(kind="special", word="行政审批专用章").seal).decode()

        assert all(f">{letter}</text>" in drawn for letter in NAMES[HRSS])
        assert "行政审批专用章" in drawn


def test_a_demo_county_gets_a_seal_for_each_that_decides_once(settings: Any) -> None:
    settings.NODE = replace(settings.NODE, demo=False)
    assert code_of(demo.seal_county, BIRTH) == "not_permitted"
    settings.NODE = replace(settings.NODE, demo=True)
    demo.seal_county(BIRTH)
    demo.seal_county(BIRTH)

    assert sorted(Seal.objects.values_list("organisation__uscc", "kind")) == [
        (HRSS, "official"),
        (CENTRE, "official"),
    ]
    assert "演示" in queries.picture_of(Seal.objects.select_related("organisation")[0]).decode()
