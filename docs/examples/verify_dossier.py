#!/usr/bin/env python3
"""
Verify a dossier (案卷) of the protocol between nodes, format 2, offline.

    verify_dossier.py FILE [ROOTS] [--table FILE]...

FILE is the dossier. ROOTS is a text file with one trusted fingerprint a line (64 hex digits, with or without `sm3:`,
spaces allowed; empty lines and what follows `#` are skipped). Each `--table` gives a rule table that is to be trusted,
besides those whose digests stand in KNOWN_TABLES. One sentence says what was found; notes may follow. Exit codes (§15):

    0 holds   1 something is wrong   3 only rule tables are unknown, or say what this program cannot read
    4 intact, but no roots given
    5 authentic, but contested or not lawful          (1 goes before 5, 5 before 3, 3 before 4)

This is a second implementation, written from `protocol.md` alone, on purpose with nothing but Python's own library:
whoever doubts the product's verifier reads this one. § refer to that page. First come shapes and keys, then the
fold and the bounds, then the rule table read as data, then the dossier as a whole. Of procedures other than `case` it
reads what stands in their tables; guards and papers of their own take a newer program (exit code 3).
"""

import base64
import hashlib
import json
import re
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

# Digests (`sm3:…`) of rule tables that need not be given by --table.
KNOWN_TABLES = {"sm3:e04c122c31ed35a2a0cee5121ad930388f8b9339e072c92803bb1e2ccf5e4f89"}


class Wrong(Exception):
    """Something in the dossier does not hold: exit 1."""


def need(holds, what):
    if not holds:
        raise Wrong(what)


# ---- §2 canonical form, digests, signatures --------------------------------------------------------------------------

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def sm3(data):
    return hashlib.new("sm3", data).digest()


def digest_of(data):
    return "sm3:" + sm3(data).hex()


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def refuse(token):
    raise Wrong(f"不是规定的数值：{token[:20]}")


def check_value(value, depth=1):
    """The restrictions of §2 on JSON; what the canonical form cannot say by itself."""
    need(depth <= 64, "嵌套过深")
    if isinstance(value, dict):
        for name, member in value.items():
            need(all(c <= "\uffff" for c in name), "成员名超出基本平面")
            check_value(member, depth + isinstance(member, (dict, list)))
    elif isinstance(value, list):
        for member in value:
            check_value(member, depth + isinstance(member, (dict, list)))
    elif type(value) is int:
        need(abs(value) < 2**53, "整数过大")


def read_json(data):
    return json.loads(data.decode("utf-8"), parse_float=refuse, parse_constant=refuse)


def read_canonical(data):
    value = read_json(data)
    check_value(value)
    need(canonical(value) == data, "文件不是规范形式")
    return value


def without(document, *names):
    return {name: value for name, value in document.items() if name not in names}


def tagged(tag, document):
    return tag.encode() + b"\0" + canonical(document)


def tagged_digest(tag, document):
    return digest_of(tagged(tag, document))


def double(point):
    x, y, z = point
    yy = y * y % P
    s, m = 4 * x * yy % P, 3 * (x - z * z) * (x + z * z) % P  # a = -3
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def add(one, other):
    """Sum of two points in Jacobian coordinates; z = 0 is the point at infinity."""
    (x1, y1, z1), (x2, y2, z2) = one, other
    if not z1 or not z2:
        return other if not z1 else one
    u1, u2 = x1 * z2 * z2 % P, x2 * z1 * z1 % P
    s1, s2 = y1 * z2 * z2 * z2 % P, y2 * z1 * z1 * z1 % P
    if u1 == u2:
        return double(one) if s1 == s2 else (1, 1, 0)
    h, r = u2 - u1, s2 - s1
    hh, v = h * h % P, u1 * h * h % P
    x3 = (r * r - h * hh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * h * hh) % P, z1 * z2 * h % P


def twofold(s, t, point):
    """[s]G + [t]point in Jacobian coordinates."""
    g, q = (*G, 1), (*point, 1)
    both, total = add(g, q), (1, 1, 0)
    for bit in range(255, -1, -1):
        total = double(total)
        which = (s >> bit & 1) + 2 * (t >> bit & 1)
        if which:
            total = add(total, (g, q, both)[which - 1])
    return total


def point_of(key):
    x, y = int(key[6:70], 16), int(key[70:], 16)
    need(x < P and y < P and (y * y - x * x * x - A * x - B) % P == 0, "公钥不在曲线上")
    return x, y


def der_int(number):
    data = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(data)]) + data


def der(r, s):
    inner = der_int(r) + der_int(s)
    return b"\x30" + bytes([len(inner)]) + inner


def der_numbers(data):
    """r and s of a DER signature, or None if this is not its only spelling."""
    if len(data) < 8 or 4 + data[3] >= len(data) - 1:
        return None
    r, s = int.from_bytes(data[4 : 4 + data[3]], "big"), int.from_bytes(data[6 + data[3] :], "big")
    if not (0 < r < N and 0 < s < N) or der(r, s) != data:
        return None
    return r, s


def sm2_verify(key, message, signature):
    if not re.fullmatch(r"sm2:([0-9a-f]{2})+", signature):
        return False
    numbers = der_numbers(bytes.fromhex(signature[4:]))
    if numbers is None:
        return False
    (r, s), (x, y) = numbers, point_of(key)
    parts = b"".join(n.to_bytes(32, "big") for n in (A, B, *G, x, y))
    za = sm3(b"\x00\x80" + b"1234567812345678" + parts)
    e, t = int.from_bytes(sm3(za + message), "big"), (r + s) % N
    px, _, pz = twofold(s, t, (x, y))
    return t != 0 and pz != 0 and (e + px * pow(pz, -2, P) % P) % N == r


# ---- §2, §3 shapes: a predicate says whether a value is of a type ----------------------------------------------------

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MOST = 2**31 - 1


def match(pattern, most=4096):
    compiled = re.compile(pattern)
    return lambda v: isinstance(v, str) and len(v) <= most and bool(compiled.fullmatch(v))


def one_of(*words):
    return lambda v: isinstance(v, str) and v in words


def whole(low=-MOST, high=MOST):
    return lambda v: type(v) is int and low <= v <= high


def lists(item, most=10**9, least=0):
    return lambda v: isinstance(v, list) and least <= len(v) <= most and all(map(item, v))


def maps(name, item, most=10**9, least=0):
    return lambda v: (
        isinstance(v, dict) and least <= len(v) <= most and all(name(k) and item(m) for k, m in v.items())
    )


def tuples(*items):
    return lambda v: (
        isinstance(v, list) and len(v) == len(items) and all(p(m) for p, m in zip(items, v, strict=True))
    )


def either(*kinds):
    return lambda v: any(kind(v) for kind in kinds)


def both(*kinds):
    return lambda v: all(kind(v) for kind in kinds)


def exactly(members, optional=()):
    return lambda v: (
        isinstance(v, dict)
        and set(v) | set(optional) == set(members) | set(optional)
        and all(members[name](m) for name, m in v.items())
    )


def is_number(v):
    """§9: 27 characters with a check by ISO 7064 MOD 37,36, and -01 to -99 for a sub-case."""
    if not match(rf"[0-9]{{6}}[{ALPHABET}]{{4}}[0-9]{{8}}[{ALPHABET}]{{9}}(-(0[1-9]|[1-9][0-9]))?")(v):
        return False
    product = 36
    for character in v[:26]:
        product = ((product + int(character, 36)) % 36 or 36) * 2 % 37
    return int(v[26], 36) == (37 - product) % 36 and is_date(v[10:14] + "-" + v[14:16] + "-" + v[16:18])


def is_date(v):
    try:
        return bool(date.fromisoformat(v))
    except ValueError:
        return False


def timed(pattern):
    fits = match(rf"2[0-9]{{3}}-[01][0-9]-[0-3][0-9]T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]{pattern}Z")
    return both(fits, lambda v: is_date(v[:10]))


TIME, SECOND = timed(r"\.[0-9]{3}"), timed("")
DIGEST, PUBLIC = match("sm3:[0-9a-f]{64}"), match("sm2:04[0-9a-f]{128}")
SUITED = match("[^:]*:(.|\n)*", 10**9)  # a value that names its algorithm, perhaps one unknown here
SUBJECT = match("[0-9A-Z-]{1,30}")
ROLE, WORD, CHAIN = (
    match("[a-z][a-z0-9_]*", 24),
    match(r"[a-z][a-z0-9_.]*", 40),
    match(r"[a-z][a-z0-9_]{0,23}/[1-9][0-9]?"),
)
TEXT, SHORT = match(r"[^\x00-\x1f\x7f]*"), match(r"[^\x00-\x1f\x7f]*", 40)
ANY, NONE = (lambda v: True), (lambda v: v is None)
OBJECT, FLAG = (lambda v: isinstance(v, dict)), (lambda v: isinstance(v, bool))
DAY = both(match("2[0-9]{3}-[0-9]{2}-[0-9]{2}"), is_date)
DUTY_ID = match(r"[a-z][a-z0-9_]{0,23}/[1-9][0-9]?\.[1-9][0-9]{0,9}\.[0-9]{1,2}")
LIMIT = exactly({"n": whole(0, 100_000), "unit": one_of("working_day", "day")})
NO_LIMIT, NO_DAY, CALENDAR = (
    either(NONE, LIMIT),
    either(NONE, DAY),
    either(NONE, match(r"[0-9]{4}\.[0-9]{1,5}")),
)
ORG, STAFF = match("[0-9A-Z]{0,18}"), match("[0-9A-Z]{0,26}")
BASIS, WITHIN = match(r"[^\x00-\x1f\x7f]*", 120), lists(WORD, 40)
PAPER = exactly({"kind": WORD, "id": match(r"[^\x00-\x1f\x7f]+", 80), "version": whole(1), "digest": DIGEST})
BIND = exactly(
    {"role": ROLE, "term": whole(1, 99), "node": DIGEST, "org": ORG, "office": ORG, "papers": lists(PAPER, 8)}
)
CLOCK = exactly(
    {
        "state": one_of("running", "paused", "stopped"),
        "from": DAY,
        "limit": LIMIT,
        "pauses": lists(tuples(DAY, NO_DAY, BASIS), 64),
        "basis": BASIS,
        "due": NO_DAY,
        "calendar": CALENDAR,
        "ended": DAY,
    },
    optional=["ended"],
)
THEN = exactly(
    {
        "kind": WORD,
        "holder": one_of("org", "office", "applicant"),
        "limit": NO_LIMIT,
        "basis": BASIS,
        "within": WITHIN,
    }
)
DUTY = exactly(
    {
        "id": DUTY_ID,
        "kind": WORD,
        "holder": exactly({"org": ORG, "node": DIGEST}),
        "limit": NO_LIMIT,
        "from": DAY,
        "due": NO_DAY,
        "calendar": CALENDAR,
        "basis": BASIS,
        "within": WITHIN,
        "about": either(NONE, DUTY_ID),
        "to": either(NONE, CHAIN),
        "to_node": either(NONE, DIGEST),
        "then": either(NONE, THEN),
    }
)
EFFECTS = {  # §5
    "phase": tuples(either(WORD, one_of("")), WORD),
    "pen": either(ROLE, one_of("")),
    "bind": lists(BIND, 8, 1),
    "clocks": maps(WORD, CLOCK, 8),
    "facts": maps(WORD, lambda v: len(canonical(v)) <= 4096, 64),
    "close": lists(DUTY_ID, 64),
    "open": lists(DUTY, 64),
    "look": maps(DUTY_ID, STAFF, 64),
    "claim": maps(DUTY_ID, STAFF, 64),
    "redact": maps(DIGEST, BASIS, 64),
    "succeed": exactly({"role": ROLE, "term": whole(1, 99), "from": DIGEST, "node": DIGEST}),
    "due": maps(either(DUTY_ID, WORD), exactly({"due": NO_DAY, "calendar": CALENDAR}), 64),
    "withhold": either(NONE, exactly({"chain": CHAIN, "seq": whole(1), "hash": DIGEST})),
    "release": either(NONE, exactly({"park": DIGEST, "struck": either(NONE, whole(1))})),
}
EVENT = {  # §3
    "format": one_of("tongban-event/2"),
    "suite": one_of("sm2-sm3-sm4"),
    "procedure": ROLE,
    "subject": SUBJECT,
    "node": DIGEST,
    "role": ROLE,
    "term": whole(1, 99),
    "epoch": whole(1),
    "seq": whole(1),
    "kind": WORD,
    "rules": exactly({"version": whole(1), "digest": DIGEST}),
    "at": TIME,
    "prev": DIGEST,
    "seen": maps(CHAIN, tuples(whole(1), DIGEST), 40),
    "body": DIGEST,
    "hash": DIGEST,
    "refs": lists(
        exactly({"procedure": ROLE, "subject": SUBJECT, "chain": CHAIN, "seq": whole(1), "hash": DIGEST}), 16
    ),
    "effects": exactly(EFFECTS, optional=EFFECTS),
    "content": lists(exactly({"digest": DIGEST, "size": whole(0, 2**40)}), 200),
}
ACTOR = exactly(
    {
        "kind": one_of("staff", "applicant", "system", "peer"),
        "org": SHORT,
        "post": SHORT,
        "staff": SHORT,
        "applicant": SHORT,
        "channel": SHORT,
        "assurance": whole(0, 9),
    }
)
BODY = {
    "salt": match("[0-9a-f]{32}"),
    "actor": ACTOR,
    "given": OBJECT,
    "labels": lists(match(r"[^\x00-\x1f\x7f]*", 80), 200),
}
SIGNATURES = lists(exactly({"key": lambda v: type(v) is int, "value": SUITED}), 4, 1)
STATEMENT = {  # §6
    "format": one_of("tongban-heads/2"),
    "procedure": ROLE,
    "subject": SUBJECT,
    "signer": DIGEST,
    "at": TIME,
    "heads": maps(CHAIN, tuples(whole(1), DIGEST), least=1),
    "keys": maps(DIGEST, whole(1)),
    "signatures": SIGNATURES,
}
SEAL = {  # §7
    "format": one_of("tongban-seal/2"),
    "node": DIGEST,
    "epoch": whole(1),
    "size": whole(1, 2**53 - 1),
    "root": DIGEST,
    "at": TIME,
    "previous": either(DIGEST, one_of("")),
    "signatures": SIGNATURES,
}
KEY = {  # §8
    "format": one_of("tongban-key/2"),
    "node": DIGEST,
    "number": whole(1),
    "sign": PUBLIC,
    "wrap": PUBLIC,
    "at": SECOND,
    "previous": either(DIGEST, one_of("")),
    "signature": SUITED,
    "proof": SUITED,
    "revokes": lists(exactly({"number": whole(1), "from": SECOND})),
}
PARTY = exactly(
    {
        "node": DIGEST,
        "organisation": match("[0-9A-Z]{18}"),
        "division": match("[0-9]{6}([0-9]{3}){0,2}"),
        "name": match(r"\S.{0,119}"),
    }
)
POWERS = one_of("receive", "notice", "verify", "deliver", "decide")
SEGMENTS = one_of(
    "push",
    "post",
    "acknowledge",
    "recheck",
    "tell",
    "answer",
    "send_result",
    "deliver",
    "confirm",
    "decision",
    "conclude",
    "transit",
    "supplement",
    "answer_withdrawal",
    "urging",
)
ITEM = both(match("(.|\n)+", 10**9), lambda v: v != "*")


def in_order(v):
    return v == sorted(set(v))


AGREEMENT = {  # §11
    "format": one_of("tongban-agreement/2"),
    "id": match("[0-9A-Za-z._-]{1,60}"),
    "version": whole(1, 10**6),
    "parties": both(lists(PARTY, 2, 2), lambda v: v[0]["node"] != v[1]["node"] or v[0] == v[1]),
    "powers": both(lists(POWERS), in_order),
    "items": either(one_of("*"), both(lists(ITEM, least=1), in_order)),
    "limits": maps(SEGMENTS, whole(1, 365)),
    "valid_from": DAY,
    "valid_to": NO_DAY,
    "signatures": maps(DIGEST, OBJECT),
}
SIGNED_AGREEMENT = {
    "format": one_of("tongban-agreement-signature/2"),
    "agreement": DIGEST,
    "node": DIGEST,
    "signatures": SIGNATURES,
}
EPOCH = {  # §13
    "format": one_of("tongban-epoch/2"),
    "node": DIGEST,
    "epoch": whole(1),
    "at": TIME,
    "previous": either(NONE, exactly({"epoch": whole(1), "size": whole(0, 2**53 - 1), "root": DIGEST})),
    "lost": whole(0, 2**53 - 1),
    "skipped": lists(DIGEST),
    "signatures": SIGNATURES,
}
SETTLEMENT = {
    "format": one_of("tongban-settlement/2"),
    "procedure": ROLE,
    "subject": SUBJECT,
    "chain": CHAIN,
    "seq": whole(1),
    "kept": DIGEST,
    "dropped": lists(DIGEST, least=1),
    "basis": match("(.|\n)+", 200),
    "minutes": either(DIGEST, one_of("")),
    "writer": DIGEST,
    "counterpart": DIGEST,
    "at": TIME,
    "signed": maps(DIGEST, OBJECT),
}
SIGNED_SETTLEMENT = {
    "format": one_of("tongban-settlement-signature/2"),
    "settlement": DIGEST,
    "node": DIGEST,
    "signatures": SIGNATURES,
}
INCLUSION = lists(exactly({"chain": CHAIN, "seq": whole(1), "leaf": whole(0, 2**53), "path": lists(DIGEST)}))
DOSSIER = {  # §15
    "format": one_of("tongban-dossier/2"),
    "procedure": ROLE,
    "subject": SUBJECT,
    "exporter": DIGEST,
    "at": TIME,
    "nodes": maps(DIGEST, lists(OBJECT, least=1)),
    "epochs": lists(OBJECT),
    "tables": maps(DIGEST, OBJECT),
    "papers": maps(DIGEST, OBJECT),
    "events": lists(OBJECT, least=1),
    "bodies": maps(DIGEST, OBJECT),
    "statements": lists(OBJECT),
    "content": either(NONE, maps(DIGEST, lambda v: isinstance(v, str))),
    "forks": exactly({"events": lists(OBJECT), "statements": lists(OBJECT), "settlements": lists(OBJECT)}),
    "seals": exactly(
        {
            "own": lists(OBJECT),
            "proofs": lists(lists(DIGEST)),
            "inclusion": INCLUSION,
            "peers": lists(exactly({"seal": OBJECT, "inclusion": INCLUSION})),
        }
    ),
    "signatures": SIGNATURES,
}

WORDS, MAYBE, MAYBE_ROLE = lists(TEXT), either(NONE, TEXT), either(NONE, ROLE)
ROW = exactly(  # §18
    {
        "role": MAYBE_ROLE,
        "from": either(NONE, WORDS),
        "to": MAYBE,
        "becomes": MAYBE,
        "staff": FLAG,
        "applicant": FLAG,
        "system": either(one_of("any"), WORDS),
        "by_step": FLAG,
        "modes": either(NONE, WORDS),
        "power": MAYBE,
        "basis": TEXT,
        "closes": WORDS,
        "opens": lists(exactly({"duty": MAYBE, "holder": TEXT, "to": MAYBE_ROLE, "when": MAYBE})),
        "founds": FLAG,
        "binds": MAYBE_ROLE,
        "pen": MAYBE,
        "starts": either(NONE, exactly({"clock": TEXT, "since": MAYBE})),
        "stops": WORDS,
        "pauses": MAYBE,
        "resumes": MAYBE,
        "extends": MAYBE,
        "needs": WORDS,
        "given": WORDS,
        "allows": WORDS,
        "content": WORDS,
        "brings": FLAG,
        "facts": maps(TEXT, either(one_of("day"), both(OBJECT, lambda v: len(v) == 1))),
        "does": MAYBE,
        "annotates": FLAG,
        "overseers": FLAG,
    }
)
TABLE = exactly(
    {
        "format": one_of("tongban-rules/1"),
        "procedure": ROLE,
        "version": whole(1),
        "founder": ROLE,
        "roles": lists(ROLE, least=1),
        "carries": WORDS,
        "acts": maps(TEXT, ROW),
        "duties": maps(
            TEXT,
            exactly(
                {
                    "limit": NO_LIMIT,
                    "basis": TEXT,
                    "within": WORDS,
                    "segment": TEXT,
                    "clock": TEXT,
                    "escalates": MAYBE,
                }
            ),
        ),
        "clocks": maps(
            TEXT,
            exactly(
                {
                    "limit": LIMIT,
                    "basis": TEXT,
                    "guided": FLAG,
                    "segment": TEXT,
                    "extension": whole(0, 100_000),
                }
            ),
        ),
        "otherwise": maps(TEXT, TEXT),
        "keeps": maps(TEXT, whole(1)),
        "limits": both(maps(TEXT, whole(0)), lambda v: "minutes" in v),
    }
)


def shaped(value, members, what):
    need(isinstance(value, dict) and set(value) == set(members), f"{what}：成员不符")
    for name, kind in members.items():
        if not kind(value[name]):
            raise Wrong(f"{what}：{name} 不合格式")


def check_limits(value, what, depth=1):
    """Limits on what stands in an event or body (§2)."""
    need(depth <= 16, f"{what}：嵌套过深")
    if isinstance(value, (dict, list)):
        need(isinstance(value, list) or all(map(TEXT, value)), f"{what}：成员名不合格式")
        for member in value.values() if isinstance(value, dict) else value:
            check_limits(member, what, depth + isinstance(member, (dict, list)))
    elif isinstance(value, str):
        need(TEXT(value), f"{what}：文字过长或含控制字符")
    else:
        need(type(value) is not int or abs(value) <= MOST, f"{what}：整数过大")


def chain_of(event):
    return f"{event['role']}/{event['term']}"


def place(event):
    return f"{chain_of(event)} 第{event['seq']}项 {event['kind']}"


def check_event(event, dossier):
    """Schema, limits and hash of one envelope (§3)."""
    what = f"事件 {str(event.get('role'))[:24]}/{str(event.get('term'))[:3]} {str(event.get('seq'))[:9]}"
    need(event.get("suite") == "sm2-sm3-sm4", f"{what}：unknown_suite")
    shaped(event, EVENT, what)
    check_limits(without(event, "content"), what)  # a `size` may be greater
    need(len(canonical(event)) <= 65536, f"{what}：过长")
    need(chain_of(event) not in event["seen"], f"{what}：seen 含自己的链")
    need(len({c["digest"] for c in event["content"]}) == len(event["content"]), f"{what}：content 重复")
    need(all(event[n] == dossier[n] for n in ("procedure", "subject")), f"{what}：不属于本事")
    need(event["hash"] == tagged_digest(event["format"], without(event, "hash")), f"{what}：hash 不符")


def check_body(digest, body):
    what = f"事件内容 {digest[:16]}"
    shaped(body, BODY, what)
    check_limits(body, what)
    need(len(canonical(body)) <= 65536, f"{what}：过长")
    need(tagged_digest("tongban-body/2", body) == digest, f"{what}：摘要不符")


# ---- §8, §14 keys and signed documents -------------------------------------------------------------------------------


class Keys:
    """The key records of all nodes of the dossier."""

    def __init__(self, nodes):
        self.nodes, self.revoked = nodes, {}
        for node, records in nodes.items():
            self.check_chain(node, records)

    def check_chain(self, node, records):
        what, used, before = f"节点 {node[:12]} 的密钥记录", set(), None
        for number, record in enumerate(records, 1):
            shaped(record, KEY, what)
            core = without(record, "signature", "proof")
            need(record["node"] == node and record["number"] == number, f"{what}：次序不符")
            need(
                record["previous"]
                == ((before and tagged_digest("tongban-key/2", without(before, "signature", "proof"))) or ""),
                f"{what}：previous 不符",
            )
            need(before is None or record["at"] >= before["at"], f"{what}：时间倒退")
            need(
                not {record["sign"], record["wrap"]} & used and record["sign"] != record["wrap"],
                f"{what}：重复使用",
            )
            used |= {record["sign"], record["wrap"]}
            point_of(record["wrap"])
            message = tagged("tongban-key/2", core)
            need(sm2_verify((before or record)["sign"], message, record["signature"]), f"{what}：签名不符")
            need(sm2_verify(record["sign"], message, record["proof"]), f"{what}：持有证明不符")
            for gone in record["revokes"]:
                need(gone["number"] < number, f"{what}：吊销的不是更早的密钥")
                moment, key = gone["from"][:-1] + ".000Z", (node, gone["number"])
                self.revoked[key] = min(moment, self.revoked.get(key, moment))
            before = record
        need(digest_of(bytes.fromhex(records[0]["sign"][4:])) == node, f"{what}：与节点指纹不符")

    def check_signed(self, document, node, what):
        """Every signature of a known algorithm holds (§2); the moment the keys used were revoked from, or None."""
        records, known, moments = self.nodes.get(node), 0, []
        need(records is not None, f"{what}：没有节点 {node[:12]} 的密钥记录")
        need(SIGNATURES(document.get("signatures")), f"{what}：签名不合格式")
        entries = [(s["key"], s["value"].split(":")[0], s["value"]) for s in document["signatures"]]
        need(len({e[:2] for e in entries}) == len(entries), f"{what}：签名重复")
        for number, suite, value in entries:
            if suite != "sm2":
                continue
            need(1 <= number <= len(records), f"{what}：没有第{number}号密钥")
            core = {**without(document, "signatures"), "signing": {"key": number, "suite": "sm2"}}
            need(
                sm2_verify(records[number - 1]["sign"], tagged(document["format"], core), value),
                f"{what}：签名不符",
            )
            known += 1
            moments += [self.revoked[node, number]] if (node, number) in self.revoked else []
        need(known, f"{what}：unknown_suite")
        return min(moments, default=None)


# ---- §4, §5 the chains and the fold ----------------------------------------------------------------------------------


def by_role_and_term(named):
    role, term = named[0].split("/")
    return role, int(term)


class Matter:
    """All events of the chains, and what can be computed of them."""

    def __init__(self, events):
        self.chains, self.by_hash = {}, {}
        for event in events:
            chain = self.chains.setdefault(chain_of(event), [])
            genesis = tagged_digest(
                "tongban-chain/2", {n: event[n] for n in ("procedure", "subject", "role", "term")}
            )
            need(event["seq"] == len(chain) + 1, f"{place(event)}：不在其位")
            need(event["prev"] == (chain[-1]["hash"] if chain else genesis), f"{place(event)}：prev 不符")
            chain.append(event)
            self.by_hash[event["hash"]] = event
        for event in events:
            for name, (seq, digest) in event["seen"].items():
                seen = self.at(name, seq)
                need(
                    seen is not None and seen["hash"] == digest,
                    f"{place(event)}：所见的 {name} 第{seq}项不在此处",
                )
        self.order = self.sort()
        self.founding = [e for e in events if e["seq"] == 1 and not e["seen"]]

    def at(self, name, seq):
        chain = self.chains.get(name, [])
        return chain[seq - 1] if 1 <= seq <= len(chain) else None

    def sort(self):
        """An order in which every event stands after what it follows and has seen."""
        done, order, moved = dict.fromkeys(self.chains, 0), [], True
        while moved:
            moved = False
            for name, chain in sorted(self.chains.items(), key=by_role_and_term):
                while done[name] < len(chain) and all(
                    done[c] >= s for c, (s, _) in chain[done[name]]["seen"].items()
                ):
                    order.append(chain[done[name]])
                    done[name] += 1
                    moved = True
        need(len(order) == len(self.by_hash), "事件互相以对方为先")
        return order

    def frontier(self, event):
        """The heads of the event's view (§4): what it has seen, and what these have seen where that is more."""
        heads = {chain_of(event): event["seq"] - 1, **{c: s for c, (s, _) in event["seen"].items()}}
        waiting = [(name, 1) for name in heads]
        while waiting:
            name, first = waiting.pop()
            for seq in range(first, heads[name] + 1):
                for c, (further, _) in self.at(name, seq)["seen"].items():
                    if further > heads.get(c, 0):
                        waiting.append((c, heads.get(c, 0) + 1))
                        heads[c] = further
        return heads

    def view(self, event):
        frontier = self.frontier(event)
        return self.fold([e for e in self.order if e["seq"] <= frontier.get(chain_of(e), 0)])

    def fold(self, events, skip=frozenset()):
        """The state (§5) of these events in this order; those of `skip` are there but have no effect."""
        withheld, closed, late = standing_parks([e for e in events if e["hash"] not in skip])
        named = {self.by_hash[park]["effects"]["withhold"]["hash"] for park in withheld}
        state = {
            "version": 0,
            "phase": "",
            "pen": "",
            "heads": {},
            "roles": {},
            "nodes": {},
            "duties": {},
            "clocks": {},
            "facts": {},
            "withheld": withheld,
            "closed": closed,
            "redacted": {},
            "moved": "",
            "bound": {},
        }
        for event in events:
            state["version"] += 1
            state["heads"][chain_of(event)] = [event["seq"], event["hash"], event["at"]]
            state["nodes"][chain_of(event)] = event["node"]
            if event["hash"] in skip:
                continue
            parks = [park for park, place in withheld.items() if holds_back(place, event)]
            if is_guard(event):
                idle = event["hash"] in late
            elif event["effects"].get("succeed"):
                idle = event["hash"] in named or is_beyond(closed, event)
            else:
                idle = parks or is_beyond(closed, event)
            uncalled = event["term"] > state["roles"].get(event["role"], {"term": 0})["term"]
            if idle:
                # Who parks what binds the park's own chain stays bound, or it could never let it in.
                bind(state, event, {chain_of(self.by_hash[park]) for park in parks})
            elif not uncalled or state["version"] == 1:
                bind(state, event)
                apply_effects(state, event, event["effects"])
            drop_duties(state)
        return state


def parties(state):
    """The nodes bound in any term: who wrote a chain, or was called to one by what counts."""
    return {*state["nodes"].values(), *state["bound"].values()}


def standing_parks(events):
    """`state.withheld`, `state.closed`, and the hashes of parks and releases that came too late to count."""
    events = sorted(events, key=lambda e: (e["role"], e["term"], e["seq"]))
    parks = {e["hash"]: e for e in events if e["effects"].get("withhold")}
    successions = {e["hash"]: e for e in events if e["effects"].get("succeed")}

    def is_late(event, closed):
        release = event["effects"].get("release")
        park = parks.get(release["park"]) if release else event
        named = (park["effects"].get("withhold") if park else None) or {"hash": None}
        return is_beyond(closed, event) and named["hash"] not in successions  # a protest is never late

    def standing(closed):
        there = [e for e in events if not is_late(e, closed)]
        releases = [e["effects"]["release"] for e in there if e["effects"].get("release")]
        ends = {release["park"]: release["struck"] for release in releases}  # the last decides
        return {
            e["hash"]: [
                e["effects"]["withhold"]["chain"],
                e["effects"]["withhold"]["seq"],
                ends.get(e["hash"]),
                e["role"],
            ]
            for e in there
            if e["hash"] in parks and ends.get(e["hash"], 0) is not None
        }

    closed, withheld = {}, standing({})
    for event in successions.values():
        named = event["effects"]["succeed"]
        chain = f"{named['role']}/{named['term'] - 1}"
        trial = {**closed, chain: event["seen"].get(chain, [0])[0]}
        then = standing(trial)
        protested = any(parks[park]["effects"]["withhold"]["hash"] == event["hash"] for park in then)
        if not protested and not is_beyond(closed, event):
            closed, withheld = trial, then
    return withheld, closed, {e["hash"] for e in events if is_guard(e) and is_late(e, closed)}


def is_beyond(closed, event):
    return event["seq"] > closed.get(chain_of(event), event["seq"])


def is_guard(event):
    """Parks and releases are never withheld."""
    return "withhold" in event["effects"] or "release" in event["effects"]


def holds_back(place, event):
    chain, first, last, _ = place
    return chain == chain_of(event) and first <= event["seq"] and (last is None or event["seq"] <= last)


def bind(state, event, chains=None):
    """Apply the bindings of an event; of one that is withheld only those to these chains."""
    for one in event["effects"].get("bind", []):
        if chains is None or f"{one['role']}/{one['term']}" in chains:
            state["bound"][f"{one['role']}/{one['term']}"] = one["node"]
            state["roles"][one["role"]] = without(one, "role")
    named = event["effects"].get("succeed")
    if named and (chains is None or f"{named['role']}/{named['term']}" in chains):
        now = state["roles"].get(named["role"], {})
        state["bound"][f"{named['role']}/{named['term']}"] = named["node"]
        state["roles"][named["role"]] = {**now, "term": named["term"], "node": named["node"]}


def take_over(duties, named):
    """What the succeeded node owed, and what is on its way to it, is the successor's."""
    role, node = named["role"], named["node"]
    for name, duty in duties.items():
        if name.startswith(role + "/") and duty["holder"]["node"] == named["from"]:
            duties[name] = {**duty, "holder": {**duty["holder"], "node": node}}
        elif duty["to"] == f"{role}/{named['term'] - 1}":
            duties[name] = {**duty, "to": f"{role}/{named['term']}", "to_node": node}


def apply_effects(state, event, effects):
    duties = state["duties"]
    if "phase" in effects:
        state["phase"], state["moved"] = effects["phase"][1], event["at"]
    state["pen"] = effects.get("pen", state["pen"])
    state["clocks"].update(effects.get("clocks", {}))
    if "facts" in effects:
        state["facts"].setdefault(event["role"], {}).update(effects["facts"])
    for name in effects.get("close", []):
        duties.pop(name, None)
    for duty in effects.get("open", []):
        duties[duty["id"]] = {
            **without(duty, "id"),
            "since": event["at"],
            "first_opened": None,
            "claimed": None,
        }
    for name, staff in effects.get("look", {}).items():
        if name in duties and duties[name]["first_opened"] is None:
            duties[name] = {**duties[name], "first_opened": [event["at"], staff]}
    for name, staff in effects.get("claim", {}).items():
        if name in duties:
            duties[name] = {**duties[name], "claimed": staff}
    for name, dates in effects.get("due", {}).items():
        where = duties if "/" in name else state["clocks"]
        if name in where:
            where[name] = {**where[name], **dates}
    if "succeed" in effects:
        take_over(duties, effects["succeed"])
    state["redacted"].update(effects.get("redact", {}))


def drop_duties(state):
    duties = state["duties"]
    for name in [n for n, d in duties.items() if d["within"] and state["phase"] not in d["within"]]:
        del duties[name]
    gone = True
    while gone:
        gone = [n for n, d in duties.items() if d["about"] is not None and d["about"] not in duties]
        for name in gone:
            del duties[name]


# ---- §5 bounds -------------------------------------------------------------------------------------------------------


def issuer_tag(node, epoch):
    number = int(tagged_digest("tongban-issuer/2", {"node": node, "epoch": epoch})[4:10], 16)
    return "".join(ALPHABET[number >> shift & 31] for shift in (19, 14, 9, 4))


class Bounds:
    """The bounds of one event, judged by its view."""

    def __init__(self, matter, event, view):
        self.matter, self.event, self.view = matter, event, view
        self.effects, self.role, self.chain = event["effects"], event["role"], chain_of(event)
        self.frontier, self.founding = matter.frontier(event), event in matter.founding
        self.binds, now = self.effects.get("bind", []), view["roles"]
        self.after = {**now, **{b["role"]: b for b in self.binds}}
        self.pen = self.founding or (view["pen"] == self.role and self.term_of(self.role) == event["term"])

    def term_of(self, role):
        return self.view["roles"].get(role, {"term": 0})["term"]

    def bound(self, name, holds):
        need(holds, f"{place(self.event)}：越界 out_of_bounds {name}")

    def only(self, name, *members):
        self.bound(name, set(self.effects) <= set(members))

    def check(self):
        self.check_writer()
        self.check_pen()
        self.check_own_duties()
        for n, duty in enumerate(self.effects.get("open", [])):
            self.check_opened(n, duty)
        if "withhold" in self.effects:
            self.check_withhold(self.effects["withhold"])
        if "release" in self.effects:
            self.check_release(self.effects["release"])
        if "redact" in self.effects:
            self.only("B10", "redact", "facts")
            named = [self.earlier(digest) for digest in self.effects["redact"]]
            self.bound("B10", all(one and self.stands_for(one) for one in named))
        if "succeed" in self.effects:
            self.only("B11", "succeed", "facts")
            self.check_succeed(**self.effects["succeed"])

    def check_succeed(self, role, term, node, **named):
        there, own = self.view["roles"].get(role, {}), self.event
        self.bound("B11", role != self.role and self.term_of(self.role) == own["term"])
        self.bound("B11", there.get("node") == named["from"] and term == self.term_of(role) + 1)
        self.bound("B11", node not in (named["from"], own["node"]))

    def check_writer(self):
        event, view = self.event, self.view
        if not self.founding:
            there = view["roles"].get(self.role, {})
            node = view["nodes"].get(self.chain) or (there.get("term") == event["term"] and there["node"])
            need(node == event["node"], f"{place(event)}：写入者未被绑定 transfer_not_authentic")
            return
        epochs = range(max(1, event["epoch"] - 20), event["epoch"] + 1)
        self.bound(
            "B1",
            len(self.matter.founding) == 1
            and event["term"] == 1
            and [(b["role"], b["term"], b["node"]) for b in self.binds] == [(self.role, 1, event["node"])],
        )
        tags = {issuer_tag(event["node"], epoch) for epoch in epochs}
        self.bound("B1", is_number(event["subject"]) and event["subject"][6:10] in tags)

    def check_pen(self):
        effects, roles = self.effects, {b["role"] for b in self.binds}
        self.bound("B2", self.pen or not {"phase", "pen", "bind", "clocks"} & set(effects))
        self.bound("B3", "phase" not in effects or effects["phase"][0] == self.view["phase"])
        self.bound("B4", effects.get("pen", "") in {"", *self.after})
        self.bound(
            "B5",
            self.founding
            or (
                len(roles) == len(self.binds)
                and self.role not in roles
                and all(b["term"] == self.term_of(b["role"]) + 1 for b in self.binds)
            ),
        )

    def check_own_duties(self):
        effects, own, duties = self.effects, self.role + "/", self.view["duties"]
        clocks = self.view["clocks"] if self.pen else {}
        named = [*effects.get("look", {}), *effects.get("claim", {}), *effects.get("due", {})]
        self.bound("B6", all(n.startswith(own) or n in clocks for n in named))
        self.bound(
            "B6",
            all(
                n.startswith(own)
                or (n in duties and duties[n]["to"] == self.chain and not is_guard(self.event))
                for n in effects.get("close", [])
            ),
        )

    def check_opened(self, n, duty):
        event = self.event
        self.bound(
            "B7", duty["id"] == f"{self.chain}.{event['seq']}.{n}" and duty["holder"]["node"] == event["node"]
        )
        self.bound("B7", duty["about"] is None or duty["about"].startswith(self.role + "/"))
        if duty["to"] is None:
            self.bound("B7", duty["to_node"] is None and duty["then"] is None)
            return
        there = self.after.get(duty["to"].split("/")[0])
        self.bound(
            "B7",
            there is not None
            and duty["to"] != self.chain
            and duty["to"].split("/")[1] == str(there["term"])
            and duty["to_node"] == there["node"],
        )

    def check_withhold(self, place):
        self.only("B8", "withhold", "open", "facts")
        self.bound("B8", self.says_no_more())
        if place is None:
            return
        chain, seq = place["chain"], place["seq"]
        self.bound("B8", chain.split("/")[0] != self.role and seq <= self.event["seen"].get(chain, [0])[0])
        named = self.matter.at(chain, seq)
        self.bound("B8", named["hash"] == place["hash"] and named not in self.matter.founding)
        self.bound("B8", not is_guard(named))

    def check_release(self, release):
        self.only("B9", "release", "close", "facts")
        self.bound("B9", self.says_no_more())
        if release is None:
            return
        struck, park = release["struck"], self.earlier(release["park"])
        withhold = park and park["effects"].get("withhold")
        self.bound("B9", withhold)
        self.bound("B9", self.stands_for(park))
        seen = self.event["seen"].get(withhold["chain"], [0])[0]
        self.bound("B9", struck is None or withhold["seq"] <= struck <= seen)

    def stands_for(self, other):
        """Its own, or of a node whose place it has taken."""
        heir = chain_of(other) in self.view["closed"] and self.term_of(self.role) == self.event["term"]
        return other["node"] == self.event["node"] or heir

    def says_no_more(self):
        """What no park may name says no other facts than these, and sends nothing."""
        opened = self.effects.get("open", [])
        return {*self.effects.get("facts", {})} <= {"parked", "settlement"} and all(
            d["to"] is None for d in opened
        )

    def earlier(self, digest):
        """The event of the view, of the event's own role, that has this hash."""
        other = self.matter.by_hash.get(digest)
        mine = other and other["role"] == self.role and other["seq"] <= self.frontier.get(chain_of(other), 0)
        return other if mine else None


# ---- §18 lawfulness: the rule table read as data ---------------------------------------------------------------------


class Unlawful(Exception):
    """The reason why an event is not lawful."""


class Newer(Exception):
    """The table says something that this program cannot read."""


def lawful(holds, reason):
    if not holds:
        raise Unlawful(reason)


def readable(holds):
    if not holds:
        raise Newer


def official_day(at):
    return (datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ") + timedelta(hours=8)).strftime("%Y-%m-%d")


class Act:
    """An event with its body, its view and what it is judged by."""

    def __init__(self, matter, papers, table, event, body, view):
        self.matter, self.papers, self.table, self.event, self.view = matter, papers, table, event, view
        self.given, self.actor, self.labels = body["given"], body["actor"], body["labels"]
        self.role, self.chain, self.day = event["role"], chain_of(event), official_day(event["at"])
        self.founding = event in matter.founding
        self.ahead = matter.at(self.chain, event["seq"] - 1)
        self.binding = self.given.get("bind") if self.founding else view["roles"].get(self.role)
        self.row, self.founder = table and table["acts"].get(event["kind"]), table and table["founder"]
        self.node_of_founder = view["roles"].get(self.founder, {}).get("node", event["node"])
        # What guide and agreement say is known here of cases alone, and so are the words of their table.
        self.of_case, self.guide, self.agreement = event["procedure"] == "case", None, None
        self.guards = GUARDS | CASE_GUARDS if self.of_case else GUARDS
        self.whens = CASE_WHENS if self.of_case else {}

    def fact(self, role, name, otherwise=None):
        return self.view["facts"].get(role, {}).get(name, otherwise)

    def own_fact(self, name, otherwise=None):
        return self.fact(self.role, name, otherwise)

    @property
    def mode(self):
        return (self.given.get("mode") if self.row["founds"] else self.fact(self.founder, "mode")) or ""

    @property
    def reviewed(self):
        return self.fact("handling", "reviewed", [])

    def own(self, kinds=None):
        """The open duties of the event's role, of these kinds."""
        return {
            n: d
            for n, d in self.view["duties"].items()
            if n.startswith(self.role + "/") and (kinds is None or d["kind"] in kinds)
        }

    def after(self, role, name):
        """A fact as it is after the event."""
        return self.facts[name] if role == self.role and name in self.facts else self.fact(role, name)

    def is_current(self):
        return self.view["roles"].get(self.role, {}).get("term") == self.event["term"]

    def holds_pen(self):
        return self.founding or (self.view["pen"] == self.role and self.is_current())

    def basis(self, text):
        if self.guide is None or self.guide["kind"] == "licence":
            return text
        return self.table["otherwise"].get(text, text)

    # papers (§11, §18)

    def pinned(self):
        if self.given.get("papers") is not None:
            return self.given["papers"]
        if self.founding:
            return self.given["bind"]["papers"]
        roles = self.view["roles"]
        if self.of_case and "handling" in roles:
            return roles["handling"]["papers"]
        own = self.fact(self.founder, "papers") if self.of_case else None
        return own or roles[self.founder]["papers"]

    def read_papers(self):
        papers = self.pinned()
        lawful(isinstance(papers, list) and all(map(OBJECT, papers)), "unknown_terms")
        if self.of_case:
            _, self.guide, _, self.agreement = self.named(papers)
            self.check_all_papers()
        else:
            readable(not papers)  # what these say, only a program that knows the procedure can tell

    def named(self, papers):
        """Guide and agreement that such a list names first, each as it is named and as it is."""
        found = []
        for kind in ("guide", "agreement"):
            name = next((p for p in papers if p["kind"] == kind), None)
            lawful(name and name["digest"] in self.papers, "unknown_terms")
            found += [name, self.papers[name["digest"]]]
        return found

    def check_papers(self, papers, handling=None):
        """Papers that this event binds or pins fit each other, the sides, the item and the day."""
        guide_name, guide, agreement_name, agreement = self.named(papers)
        fits = {
            (guide["offering"], guide["version"]): (guide_name["id"], guide_name["version"]),
            (agreement["id"], agreement["version"]): (agreement_name["id"], agreement_name["version"]),
            frozenset(party["node"] for party in agreement["parties"]): {self.node_of_founder, guide["node"]},
        }
        lawful(all(one == other for one, other in fits.items()), "wrong_papers")
        lawful(handling is None or handling == guide["node"], "wrong_papers")
        items, names = agreement["items"], {guide["item"]["key"], guide["offering"]}
        lawful(items == "*" or names & set(items), "wrong_papers")
        before = [
            self.fact(self.founder, "papers"),
            *(role["papers"] for role in self.view["roles"].values()),
        ]
        in_force = agreement["valid_from"] <= self.day <= (agreement["valid_to"] or "9")
        lawful(in_force or papers in before, "wrong_papers")

    def check_all_papers(self):
        for one in self.event["effects"].get("bind", []):
            self.check_papers(one["papers"], one["node"] if one["role"] == "handling" else None)
        if self.given.get("papers") is not None:
            self.check_papers(self.given["papers"])

    # the steps of §18

    def judge(self):
        self.check_row()
        self.check_actor()
        self.check_carried()
        self.check_now()
        lawful(comparable(self.event["effects"]) == comparable(self.computed()), "other_effects")

    def check_time(self, minutes):
        event, ahead = self.event, self.ahead
        if ahead:
            lawful(event["at"] >= ahead["at"], "time_backwards")
            lawful(event["epoch"] >= ahead["epoch"], "epoch_fell")
            lawful(
                all(event["seen"].get(c, [0])[0] >= s for c, (s, _) in ahead["seen"].items()),
                "seen_went_back",
            )
        latest = max(
            (e["at"] for c, (s, _) in event["seen"].items() for e in self.matter.chains[c][:s]), default=""
        )
        late = datetime.fromisoformat(event["at"]) + timedelta(minutes=minutes)
        lawful(not latest or datetime.fromisoformat(latest) <= late, "before_what_it_saw")

    def check_row(self):
        lawful(self.row is not None, "unknown_kind")
        lawful(self.row["role"] in (None, self.role) and self.role in self.table["roles"], "wrong_role")
        self.read_papers()

    def check_actor(self):
        row, actor, kind = self.row, self.actor, self.actor["kind"]
        allowed = {
            "system": row["system"] == "any" or self.mode in row["system"],
            "applicant": row["applicant"]
            and (self.founding or actor["applicant"] == self.fact(self.founder, "applicant")),
            "staff": row["staff"]
            and (
                actor["org"] in (self.binding["org"], self.binding["office"])
                or (row["overseers"] and actor["org"] != "")
            ),
        }
        lawful(allowed.get(kind), "wrong_actor")
        for name in ("staff", "applicant"):
            fits = match(rf"([{ALPHABET}]{{26}})?" if name == kind else "")
            lawful(fits(actor[name]), "wrong_actor")

    def check_carried(self):
        row, labels, given = self.row, self.labels, set(self.given)
        lawful(given >= set(row["given"]), "not_allowed")
        lawful(given <= set(row["given"]) | set(row["allows"]), "wrong_given")
        lawful(set(labels) >= set(row["content"]), "not_allowed")
        lawful(
            not row["brings"]
            or any(n in ("remark", "statement", "form") or n.startswith("material:") for n in labels),
            "not_allowed",
        )
        lawful(all(map(match(r"[a-z_]{1,40}|material:[0-9A-Za-z._-]{1,60}"), labels)), "wrong_given")

    def check_now(self):
        row = self.row
        lawful(not self.own_fact("parked") or row["annotates"], "not_allowed")
        lawful(self.founding == row["founds"], "not_allowed")
        lawful(not self.founding or self.role == self.founder, "not_allowed")
        lawful(self.is_at(self.view["phase"], row), "not_allowed")
        moves = row["to"] is not None or row["becomes"] is not None
        lawful(not moves or self.holds_pen(), "not_allowed")
        lawful(self.founding or row["role"] is None or self.is_current(), "not_allowed")
        lawful(row["modes"] is None or self.mode in row["modes"], "not_allowed")
        duties = self.own() if row["role"] is None else self.view["duties"]
        lawful(not row["closes"] or any(d["kind"] in row["closes"] for d in duties.values()), "not_allowed")
        powers = self.agreement["powers"] if self.agreement else []
        lawful(row["power"] is None or row["power"] in powers, "not_allowed")
        for guard in row["needs"]:
            readable(guard in self.guards)
            lawful(self.guards[guard](self), f"not_allowed {guard}")

    def is_at(self, phase, row):
        """Whether the row may be done in this phase."""
        if phase == "":
            return "" in (row["from"] or [])
        if row["from"] is None and not row["annotates"]:
            return any(phase == r["to"] or phase in (r["from"] or []) for r in self.table["acts"].values())
        return row["annotates"] or phase in row["from"]

    # the effects that the row computes

    def computed(self):
        row, view = self.row, self.view
        self.facts = {name: self.source(name, source) for name, source in row["facts"].items()}
        self.clocks, self.closed, self.opened, effects = {}, [], [], {}
        readable(
            row["becomes"] is None
        )  # how a phase follows from what the act carries is the procedure's own
        if row["to"] is not None:
            effects["phase"] = [view["phase"], row["to"]]
        if row["pen"] is not None:
            effects["pen"] = row["pen"]
        if row["founds"]:
            effects["pen"] = self.role
        self.bound = {b["role"]: b for b in self.bindings()}
        if self.bound:
            effects["bind"] = [*self.bound.values()]
        if row["does"] is not None:
            readable(row["does"] in DOES)
            effects |= DOES[row["does"]](self) or {}
        dated = self.move_clocks()
        if dated:
            effects["due"] = dict.fromkeys([*effects.get("due", {}), *dated])
        self.closed += sorted(self.own(row["closes"]))
        for opens in row["opens"]:
            self.open_duty(opens)
        more = {"facts": self.facts, "clocks": self.clocks, "close": self.closed, "open": self.opened}
        return effects | {name: value for name, value in more.items() if value}

    def bindings(self):
        """Whoever founds the matter, and a role that the row binds."""
        if self.row["founds"]:
            own = {"role": self.role, "term": 1, "node": self.event["node"]}
            yield own | {n: self.given["bind"][n] for n in ("org", "office", "papers")}
        if self.row["binds"] is not None:
            names = ("term", "node", "org", "office", "papers")
            yield {"role": self.row["binds"]} | {n: self.given["bind"][n] for n in names}

    def source(self, name, source):
        if source == "day":
            return self.day
        ((how, what),) = source.items()
        if how == "value":
            return what
        if how == "given":
            return self.given[what]
        if how == "more":
            return self.own_fact(name, 0) + what
        if how == "append":
            return [*self.own_fact(name, []), self.given[what]]
        readable(how == "clock")
        return self.view["clocks"][what]["from"]

    # clocks

    def move_clocks(self):
        """The clocks that the row stops, starts, pauses, resumes or extends; the duties that are dated with them."""
        row, now, basis = self.row, self.view["clocks"], self.basis(self.row["basis"])
        for name in row["stops"]:
            if name in now:
                self.clocks[name] = {**now[name], "state": "stopped", "ended": self.day}
        if row["starts"] is not None:
            self.clocks[row["starts"]["clock"]] = self.started(**row["starts"])
        if row["pauses"] in now:
            pauses = [*now[row["pauses"]]["pauses"], [self.day, None, basis]]
            self.clocks[row["pauses"]] = {**now[row["pauses"]], "state": "paused", "pauses": pauses}
        if row["resumes"] in now:
            *others, last = now[row["resumes"]]["pauses"]
            pauses = [*others, [last[0], self.day, basis]]
            self.clocks[row["resumes"]] = {**now[row["resumes"]], "state": "running", "pauses": pauses}
        if row["extends"] is None:
            return []
        limit, more = now[row["extends"]]["limit"], self.table["clocks"][row["extends"]]["extension"]
        self.clocks[row["extends"]] = {**now[row["extends"]], "limit": {**limit, "n": limit["n"] + more}}
        return self.own([k for k, d in self.table["duties"].items() if d["clock"] == row["extends"]])

    def started(self, clock, since):
        how = self.table["clocks"][clock]
        limit, agreed = self.promised() if how["guided"] else None, self.agreed(how["segment"])
        limit = limit or how["limit"]
        if agreed is not None and limit["unit"] == how["limit"]["unit"]:
            limit = {**limit, "n": min(agreed, limit["n"])}
        return {
            "state": "running",
            "from": self.day if since is None else self.view["clocks"][since]["from"],
            "limit": limit,
            "pauses": [],
            "basis": self.basis(how["basis"]),
        }

    def promised(self):
        limits = self.guide["limits"] if self.guide else {"promised": None, "statutory": None}
        limit = limits["promised"] or limits["statutory"]
        return limit and {"n": limit["n"], "unit": limit["unit"]}

    def agreed(self, segment):
        return self.agreement["limits"].get(segment) if self.agreement else None

    # duties

    def arrive(self):
        self.closed += self.given["duties"]
        for then in (self.view["duties"][n]["then"] for n in self.given["duties"]):
            if then is not None and (not then["within"] or self.view["phase"] in then["within"]):
                self.put(
                    then["kind"],
                    self.org(then["holder"]),
                    then["limit"],
                    self.day,
                    then["basis"],
                    then["within"],
                )

    def org(self, holder):
        """The organisation by the words of `then`; "" is the applicant."""
        return "" if holder == "applicant" else self.binding[holder]

    def terms_of(self, kind):
        """Limit, first day, basis and phases of a kind of duty."""
        duty = self.table["duties"][kind]
        limit, agreed = duty["limit"], self.agreed(duty["segment"])
        if limit is not None and agreed is not None:
            limit = {**limit, "n": min(agreed, limit["n"])}
        return limit, self.day, self.basis(duty["basis"]), sorted(duty["within"])

    def put(self, kind, org, limit, since, basis, within, about=None, to=None, to_node=None, then=None):
        self.opened.append(
            {
                "id": f"{self.chain}.{self.event['seq']}.{len(self.opened)}",
                "kind": kind,
                "holder": {"org": org, "node": self.event["node"]},
                "limit": limit,
                "from": since,
                "basis": basis,
                "within": within,
                "about": about,
                "to": to,
                "to_node": to_node,
                "then": then,
            }
        )

    def open_duty(self, opens):
        kind, holder, to, when = (opens[name] for name in ("duty", "holder", "to", "when"))
        readable(holder in HOLDERS or holder == "watch")
        readable(when is None or when in self.whens)
        if when is not None and not self.whens[when](self):
            return
        if to is not None:
            self.send(kind, holder, to)
        elif kind is not None:
            limit, since, basis, within = self.terms_of(kind)
            clock = {**self.view["clocks"], **self.clocks}.get(self.table["duties"][kind]["clock"])
            if clock:
                limit, since = clock["limit"], clock["from"]
            org = self.org(HOLDERS[self.watch() if holder == "watch" else holder])
            self.put(kind, org, limit, since, basis, within, about=self.given.get("about"))

    def watch(self):
        """Who is told that the duty named is late."""
        duty = self.table["duties"].get(self.view["duties"][self.given["about"]]["kind"])
        return (duty and duty["escalates"]) or "own"

    def send(self, kind, holder, to):
        """News: a duty to deliver, with what it opens there."""
        roles, then = self.view["roles"], None
        if to not in roles and not self.bound:
            return
        there = {**roles, **self.bound}[to]
        if kind is not None:
            limit, _, basis, within = self.terms_of(kind)
            then = {
                "kind": kind,
                "holder": HOLDERS[holder],
                "limit": limit,
                "basis": basis,
                "within": within,
            }
        self.put(
            "deliver",
            self.org("org"),
            *self.terms_of("deliver"),
            to=f"{to}/{there['term']}",
            to_node=there["node"],
            then=then,
        )


HOLDERS = {"own": "org", "centre": "office", "applicant": "applicant"}  # a row's word, and that of `then`
DOES = {
    "arrive": Act.arrive,
    "look": lambda a: {"look": dict.fromkeys(a.given["duties"], a.actor["staff"])},
    "claim": lambda a: {"claim": dict.fromkeys(a.given["duties"], a.given["staff"])},
    "hand_over": lambda a: {"claim": dict.fromkeys(a.given["duties"], a.given["colleague"])},
    "relieve": lambda a: {"claim": dict.fromkeys(a.given["duties"], "")},
    "drop": lambda a: a.closed.append(a.given["duty"]),
    "due": lambda a: {"due": a.given["due"]},
    "supervise": lambda a: a.closed.append(a.given["duty"]),
    "park": lambda a: {"withhold": a.given["withhold"]},
    "release": lambda a: {"release": a.given["release"]},
    "settle": lambda a: {"release": a.given["release"]},
    "succeed": lambda a: {"succeed": a.given["succeed"]},
    "redact": lambda a: {"redact": dict.fromkeys(a.given["events"], a.given["under"])},
}


def comparable(effects):
    """Effects without members named `due` or `calendar`, but with the names that a `due` effect sets."""

    def strip(value):
        if isinstance(value, dict):
            return {n: strip(m) for n, m in value.items() if n not in ("due", "calendar")}
        return [strip(m) for m in value] if isinstance(value, list) else value

    return canonical(
        strip(effects) | {"due": sorted(effects.get("due", {}))}
    )  # as bytes: in Python True == 1


def answer_overdue(a):
    return any(d["kind"] == "answer" and d["due"] and d["due"] < a.day for d in a.view["duties"].values())


def notice_ran_out(a):
    due = (a.view["clocks"].get("notice") or {}).get("due")
    told = a.fact("intake", "told_on", "") if a.view["phase"] == "correcting" else a.day
    return a.guide["kind"] == "licence" and due and told > due


def own_dues(a):
    holder = a.own() | (a.view["clocks"] if a.holds_pen() else {})
    return all(name in holder and holder[name]["due"] is None for name in a.given["due"])


def own_overdue(a):
    duty = a.own()[a.given["about"]]
    row = a.table["duties"].get(duty["kind"])
    return (
        (row is None or row["escalates"] is not None)
        and duty["due"]
        and duty["due"] < a.day
        and not_watched(a)
    )


def not_watched(a):
    return all(d["about"] != a.given["about"] for d in a.view["duties"].values())


def own_watched(a):
    row = a.table["duties"].get(a.own()[a.given["about"]]["kind"])
    return (row is None or row["escalates"] is not None) and not_watched(a)


def promise_passed(a):
    days = [p["until"] for p in a.own_fact("promised") or [] if p["about"] == a.given["about"]]
    return not days or days[-1] < a.day


def day_promised(a):
    about = a.view["duties"][a.given["duty"]]["about"]
    promise = a.given["promise"]
    return exactly({"about": lambda v: v == about, "until": DAY})(promise) and a.day <= promise[
        "until"
    ] <= later(a.day, a.table["limits"]["promise"])


def service_told(a):
    way, on = a.given.get("service"), a.given.get("served_on")
    if way is None and on is None:
        adverse = a.fact("handling", "outcome") in ("denied", "refused")
        return not (adverse and a.actor["kind"] == "staff")
    ways = ("direct", "household", "post", "electronic", "left", "announced", "passed_on")
    announced = way == "announced"
    first = a.fact("intake", "handed_out_on") if announced else a.fact("handling", "result_sent_on")
    return way in ways and DAY(on) and DAY(first) and later(first, 30 if announced else 0) <= on <= a.day


def open_parks(a):
    """Its own parks that hold back what nobody has answered yet."""
    parks = a.view["withheld"].items()
    return {h: p for h, p in parks if p[2:] == [None, a.role]}


def park_open(a):
    mine, release = open_parks(a), a.given["release"]
    return a.own_fact("parked") and (not mine if release is None else release["park"] in mine)


def place_seen(a):
    named = a.given["withhold"]
    return named is None or [named["chain"], named["seq"], None, a.role] not in open_parks(a).values()


MATTERS = lists(
    exactly({"procedure": ROLE, "subject": SUBJECT, "head": either(NONE, tuples(CHAIN, whole(1), DIGEST))}),
    16,
)


def matters_named(a):
    """The matters that this one is about: well named, none twice, and not itself."""
    named = a.given["matters"]
    numbers = [one["subject"] for one in named] if MATTERS(named) else [a.event["subject"]]
    return len(set(numbers)) == len(numbers) and a.event["subject"] not in numbers


def steps_done(a):
    return len(a.after("handling", "reviewed") or []) >= len(a.guide["review_steps"])


def astray(a):
    return (a.after("handling", "hops") or 0) >= a.table["limits"]["hops"]


def withdrawal(a):
    asked = a.fact("intake", "withdrawal_requested", 0) - a.fact("intake", "withdrawal_kept", 0)
    return asked > a.fact("handling", "withdrawal_answered", 0)


def claimed(a, duty):
    return a.view["duties"].get(duty, {}).get("claimed") or ""


def later(day, days):
    return (datetime.strptime(day, "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def keeps(a):
    """For how many years content is kept."""
    by_papers = (a.guide or {}).get("retention_years")
    return a.table["keeps"].get(a.view["phase"]) or by_papers or a.table["limits"]["keep"]


GUARDS = {  # of every table
    "addressed_here": lambda a: (
        a.given["duties"] and all(a.view["duties"][n]["to"] == a.chain for n in a.given["duties"])
    ),
    "own_duties": lambda a: (
        a.given["duties"] and all(a.own()[n]["holder"]["org"] == a.actor["org"] for n in a.given["duties"])
    ),
    "claimed_by_nobody_else": lambda a: all(
        claimed(a, n) in ("", a.actor["staff"]) for n in a.given["duties"]
    ),
    "claimed_by_oneself": lambda a: (
        all(claimed(a, n) == a.actor["staff"] for n in a.given["duties"])
        and a.given["colleague"] != a.actor["staff"]
    ),
    "claimed_by_somebody": lambda a: (
        a.given["duties"] and all(n in a.own() and claimed(a, n) for n in a.given["duties"])
    ),
    "oneself": lambda a: a.given["staff"] == a.actor["staff"],
    "own_dues_without_date": own_dues,
    "supervision_of_own": lambda a: a.own({"supervise"})[a.given["duty"]]["holder"]["org"] == a.actor["org"],
    "day_promised": day_promised,
    "own_duty_overdue": own_overdue,
    "own_duty_watched": own_watched,
    "promise_passed": promise_passed,
    "not_appraised": lambda a: not a.own_fact("destroyed") and not a.own_fact("appraised"),
    "retention_over": lambda a: a.day > f"{int(official_day(a.view['moved'])[:4]) + keeps(a)}-12-31",
    "ground_listed": lambda a: a.given["ground"] in ("expired", "transferred"),
    "not_the_appraiser": lambda a: a.actor["staff"] != a.own_fact("appraised_by"),
    "waited": lambda a: (
        a.own_fact("approved_on")
        and a.given["ground"] == a.own_fact("appraised")
        and a.day > later(a.own_fact("approved_on"), a.table["limits"]["wait"])
    ),
    "nobody_objects": lambda a: (
        a.given["duty"].startswith(a.chain + ".")
        and a.view["duties"][a.given["duty"]]["kind"] == "drop_copy"
        and a.day > later(a.view["duties"][a.given["duty"]]["from"], a.table["limits"]["appeal"])
    ),
    "park_open": park_open,
    "place_seen": place_seen,
    "other_side_named": lambda a: (
        a.given["succeed"]["role"] != a.role
        and a.view["roles"][a.given["succeed"]["role"]]["node"] == a.given["succeed"]["from"]
    ),
    "own_events": lambda a: a.given["events"] and not set(a.given["events"]) & set(a.view["redacted"]),
    "matters_named": matters_named,
    "children_named": lambda a: maps(SUBJECT, WORD)(a.given["children"]),
}


def is_open(a, kind):
    return any(duty["kind"] == kind for duty in a.view["duties"].values())


CASE_GUARDS = {
    "mode_offered": lambda a: a.given["mode"] in a.guide["modes"] and a.given["mode"] in a.table["carries"],
    "assured_online": lambda a: (
        a.guide["identity"]["online_assurance"] is not None
        and a.fact("intake", "assurance", 0) >= a.guide["identity"]["online_assurance"]
    ),
    "helped_in_person": lambda a: (
        a.given.get("presence") in ("id_card", "other_paper", "agent")
        if a.actor["kind"] == "staff" and a.given["mode"] == "FULLY_ONLINE"
        else a.given.get("presence") is None
    ),
    "asked_by_applicant": lambda a: (
        a.actor["kind"] == "staff" and a.given["presence"] in ("id_card", "other_paper", "agent", "code")
        if a.given.get("presence") is not None
        else a.actor["kind"] != "staff" or a.fact("intake", "mode") != "FULLY_ONLINE"
    ),
    "window_named": lambda a: DIGEST(a.given["taken_by"]) and match(r"[0-9A-Z]{18}")(a.given["taken_at"]),
    "answer_owed": lambda a: any(d["kind"] == "answer" for d in a.view["duties"].values()),
    "answer_waits": lambda a: a.fact("intake", "answer_waits"),
    "no_answer_waits": lambda a: not a.fact("intake", "answer_waits"),
    "identity_checked": lambda a: a.fact("intake", "identity"),
    "not_noticed_before": lambda a: not a.fact("intake", "noticed_on"),
    "next_term": lambda a: (
        a.given["bind"]["term"] == a.view["roles"].get("handling", {"term": 0})["term"] + 1
    ),
    "no_withdrawal_pending": lambda a: not withdrawal(a),
    "withdrawal_pending": withdrawal,
    "not_being_reached": lambda a: not is_open(a, "reach"),
    "being_reached": lambda a: is_open(a, "reach"),
    "contact_known": lambda a: a.given["contact"] in ("phone", "in_person", "visit", "letter", "household"),
    "service_told": service_told,
    "unreached_named": lambda a: all(
        match("[a-z0-9_]{1,30}")(a.given[name]) for name in ("unreached", "cause")
    ),
    "reached_before_refusal": lambda a: a.view["phase"] != "correcting" or not is_open(a, "reach"),
    "both_places_known": lambda a: {"intake", "handling"} <= set(a.view["roles"]),
    "not_asked_before": lambda a: not a.fact("handling", "corrected"),
    "answer_awaited_long_enough": lambda a: (
        a.view["phase"] != "correcting"
        or a.fact("intake", "answered_on")
        or (not a.fact("intake", "answer_waits") and answer_overdue(a))
    ),
    "notice_time_ran_out": notice_ran_out,
    "next_review_step": lambda a: a.given["step"] == a.guide["review_steps"][len(a.reviewed)]["code"],
    "all_steps_reviewed": lambda a: len(a.reviewed) >= len(a.guide["review_steps"]),
    "not_extended_before": lambda a: not a.fact("handling", "extended"),
    "outcome_known": lambda a: a.given["outcome"] in ("granted", "denied"),
    "may_be_corrected": lambda a: a.guide["kind"] not in ("realty", "enterprise"),
    "asked_named": lambda a: (
        isinstance(a.given["asked"], list)
        and a.given["asked"]
        and all(match(r"(form|material):[0-9A-Za-z_.-]{1,60}")(one) for one in a.given["asked"])
        and len(set(a.given["asked"])) == len(a.given["asked"])
    ),
    "numbered": lambda a: (
        "serial" not in a.given
        or match(r"[\u4e00-\u9fff（）]{2,14}〔20[0-9]{2}〕[1-9][0-9]{0,8}号")(a.given["serial"])
    ),
}
CASE_WHENS = {
    "supplement_owed": lambda a: is_open(a, "supplement"),
    "answer_is_owed": lambda a: is_open(a, "answer"),
    "steps_left": lambda a: not steps_done(a),
    "no_steps_left": lambda a: steps_done(a),
    "astray": lambda a: astray(a),
    "not_astray": lambda a: not astray(a),
}


# ---- §7 RFC 9162 proofs with SM3 -------------------------------------------------------------------------------------


def raw(digests):
    return [bytes.fromhex(d[4:]) for d in digests]


def inner(left, right):
    return sm3(b"\x01" + left + right)


def included(event_hash, leaf, path, seal):
    """RFC 9162, 2.1.3.2."""
    at, last, node = leaf, seal["size"] - 1, sm3(b"\x00" + raw([event_hash])[0])
    if at > last:
        return False
    for other in raw(path):
        if last == 0:
            return False
        if at & 1 or at == last:
            node = inner(other, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = inner(node, other)
        at, last = at >> 1, last >> 1
    return last == 0 and raw([seal["root"]])[0] == node


def consistent(old, new, path):
    """RFC 9162, 2.1.4.2."""
    if old["size"] == new["size"]:
        return not path and old["root"] == new["root"]
    if old["size"] > new["size"] or not path:
        return False
    (first, second), path = raw([old["root"], new["root"]]), raw(path)
    if old["size"] & (old["size"] - 1) == 0:
        path = [first, *path]
    at, last = old["size"] - 1, new["size"] - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    one = two = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            one, two = inner(other, one), inner(other, two)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            two = inner(two, other)
        at, last = at >> 1, last >> 1
    return last == 0 and one == first and two == second


# ---- §15 the dossier -------------------------------------------------------------------------------------------------

NO_BODY = {"given": {}, "actor": {}, "labels": []}


def following(branches, digest):
    """An event of a branch and all that follow it."""
    found = {digest}
    for event in sorted(branches.values(), key=lambda e: e["seq"]):
        if event["prev"] in found:
            found.add(event["hash"])
    return found


class Dossier:
    """All checks of §15, in its order. `contested` and `unknown` gather what is not wrong but is to be told."""

    def __init__(self, data, roots, tables):
        self.roots, self.given_tables = roots, tables
        self.contested, self.unknown, self.notes, self.cover = [], set(), [], {}
        self.d = read_canonical(data)
        shaped(self.d, DOSSIER, "案卷")

    def verify(self):
        self.check_events()
        self.check_keys()
        self.check_papers()
        self.check_statements()
        self.check_forks()
        self.check_seals()
        self.check_lawful()
        self.check_content()
        return self.verdict()

    def check_events(self):
        d = self.d
        for event in d["events"]:
            check_event(event, d)
        for digest, body in d["bodies"].items():
            check_body(digest, body)
        for digest, table in d["tables"].items():
            need(tagged_digest("tongban-rules/1", table) == digest, "规则表摘要不符")
        matter = self.matter = Matter(d["events"])
        need(len(matter.by_hash) == len(d["events"]) and matter.founding, "事件重复，或没有首个事件")
        self.views = {}
        for event in matter.order:
            self.views[event["hash"]] = view = matter.view(event)
            Bounds(matter, event, view).check()
        self.state = matter.fold(matter.order)
        redacted = {h for e in d["events"] for h in e["effects"].get("redact", {})}
        for event in d["events"]:
            body = d["bodies"].get(event["body"])
            need(body is not None or event["hash"] in redacted, f"{place(event)}：缺少内容")
            need(
                body is None or event["hash"] not in self.state["redacted"],
                f"{place(event)}：应已删除的内容仍在",
            )
            need(
                body is None or len(body["labels"]) == len(event["content"]),
                f"{place(event)}：labels 与 content 不符",
            )
        need(set(d["bodies"]) <= {e["body"] for e in d["events"]}, "有内容不属于任何事件")

    def check_keys(self):
        d = self.d
        self.keys = Keys(d["nodes"])
        need(self.keys.check_signed(d, d["exporter"], "案卷") is None, "案卷由已吊销的密钥签出")
        need(d["exporter"] in parties(self.state), "导出者未被绑定")
        need({e["node"] for e in d["events"]} <= set(d["nodes"]), "缺少写入节点的密钥记录")
        if self.roots is not None:
            for node in d["nodes"]:
                need(node in self.roots, f"节点 {node} 不在可信根指纹之中")
        self.epochs = {}
        for record in d["epochs"]:
            shaped(record, EPOCH, "纪元记录")
            self.keys.check_signed(record, record["node"], "纪元记录")
            self.epochs[record["node"], record["epoch"]] = record
        self.check_epoch(self.matter.founding[0], place(self.matter.founding[0]))

    def check_epoch(self, document, what):
        need(
            document["epoch"] == 1 or (document["node"], document["epoch"]) in self.epochs,
            f"{what}：缺少纪元记录",
        )

    def check_papers(self):
        for digest, paper in self.d["papers"].items():
            what, kind = f"文书 {digest[:16]}", paper.get("format")
            need(kind in ("tongban-guide/2", "tongban-agreement/2"), f"{what}：格式未知")
            need(tagged_digest(kind, without(paper, "signatures")) == digest, f"{what}：摘要不符")
            if kind == "tongban-guide/2":
                need(DIGEST(paper.get("node")), f"{what}：node 不合格式")
                self.keys.check_signed(paper, paper["node"], what)
                continue
            shaped(paper, AGREEMENT, what)
            need(set(paper["signatures"]) == {p["node"] for p in paper["parties"]}, f"{what}：签署方不符")
            need(paper["valid_from"] <= (paper["valid_to"] or "9"), f"{what}：有效期不符")
            for node, signed in paper["signatures"].items():
                self.check_part(signed, SIGNED_AGREEMENT, node, "agreement", digest, what)
        for event in self.d["events"]:
            pinned = event["effects"].get("facts", {}).get("papers")
            named = [p for b in event["effects"].get("bind", []) for p in b["papers"]]
            for paper in named + (pinned if isinstance(pinned, list) else []):
                if isinstance(paper, dict) and paper.get("kind") in ("guide", "agreement"):
                    need(paper.get("digest") in self.d["papers"], f"{place(event)}：所依据的文书不在案卷中")

    def check_part(self, signed, members, node, name, digest, what):
        shaped(signed, members, what)
        need(signed["node"] == node and signed[name] == digest, f"{what}：签署的不是它")
        return self.keys.check_signed(signed, node, what)

    # statements (§6, §14)

    def check_statements(self):
        d, matter = self.d, self.matter
        statements = d["statements"]
        moments = [self.check_statement(s, d["nodes"]) for s in statements]
        for statement in statements:
            for name, head in statement["heads"].items():
                self.check_head(statement, name, *head)
        in_force = [s for s, moment in zip(statements, moments, strict=True) if moment is None]
        for statement, moment in zip(statements, moments, strict=True):
            if moment is not None and not self.confirmed(statement, moment, in_force):
                self.notes.append(f"一份链头声明由已吊销的密钥签出，不计：{statement['at']}")
                continue
            for name, (seq, _) in statement["heads"].items():
                covered = self.cover.setdefault(name, {})
                covered[statement["signer"]] = max(seq, covered.get(statement["signer"], 0))
        for name, chain in matter.chains.items():
            need(
                self.cover.get(name, {}).get(chain[0]["node"]) == len(chain),
                f"{name} 的末项没有写入者的有效声明",
            )
        heads = {name: [len(chain), chain[-1]["hash"]] for name, chain in matter.chains.items()}
        need(
            any(s["signer"] == d["exporter"] and s["heads"] == heads for s in in_force),
            "没有导出者对现有链头的声明",
        )

    def check_statement(self, statement, nodes):
        """The moment from which the key of a statement is revoked, or None."""
        what = "链头声明"
        shaped(statement, STATEMENT, what)
        what, signer = f"{statement['at']} 的链头声明", statement["signer"]
        need(all(statement[n] == self.d[n] for n in ("procedure", "subject")), f"{what}：不属于本事")
        need(signer in parties(self.state), f"{what}：签署节点未被绑定")
        need(signer in statement["keys"], f"{what}：keys 不全")
        for node, number in statement["keys"].items():
            need(node not in nodes or number <= len(nodes[node]), f"{what}：案卷所示密钥记录少于其所知")
        return self.keys.check_signed(statement, signer, what)

    def check_head(self, statement, name, seq, digest):
        here = self.matter.at(name, seq)
        if here is None or here["hash"] != digest:
            raise Wrong(
                f"{statement['at']} 的链头声明：{name} 第{seq}项"
                + ("被改写或分叉" if here else "不在案卷中，链尾被截去")
            )

    def confirmed(self, statement, moment, in_force):
        """A statement by a revoked key counts only with words of peers from before the moment (§14)."""
        signer, heads = statement["signer"], statement["heads"]
        peers = [s["heads"] for s in in_force if s["signer"] != signer and s["at"] < moment]
        own = [
            (name, seq) for name, (seq, _) in heads.items() if self.matter.chains[name][0]["node"] == signer
        ]
        return (
            statement["at"] < moment
            and bool(peers)
            and all(any(peer.get(name, [0])[0] >= seq for peer in peers) for name, seq in own)
        )

    def seen_by_other(self, event):
        """Whether a bound node besides the writer has signed for it; where there is none, the writer."""
        others = parties(self.state) - {event["node"]} or {event["node"]}
        covered = self.cover.get(chain_of(event), {})
        return any(covered.get(node, 0) >= event["seq"] for node in others)

    # forks and settlements (§13)

    def check_forks(self):
        forks, matter, branches, roots = self.d["forks"], self.matter, {}, {}
        signed = set()
        for statement in forks["statements"]:
            self.check_statement(statement, {})
            signed |= {(statement["signer"], digest) for _, digest in statement["heads"].values()}
        for event in forks["events"]:
            check_event(event, self.d)
        for event in sorted(forks["events"], key=lambda e: e["seq"]):
            chain, what = chain_of(event), f"分叉 {place(event)}"
            here, before = matter.at(chain, event["seq"]), branches.get(event["prev"])
            need(
                chain in matter.chains and event["node"] == matter.chains[chain][0]["node"],
                f"{what}：写入者不符",
            )
            need(here is None or here["hash"] != event["hash"], f"{what}：就是案卷中的这一项")
            begins = here is not None and here["prev"] == event["prev"]
            follows = before is not None and (chain_of(before), before["seq"]) == (chain, event["seq"] - 1)
            need(begins or follows, f"{what}：不接在链上")
            branches[event["hash"]] = event
            roots[event["hash"]] = event["hash"] if begins else roots[event["prev"]]
        for digest, event in branches.items():
            need(
                any((event["node"], h) in signed for h in following(branches, digest)),
                f"分叉 {place(event)}：写入者未签认",
            )
        settled = {h for document in forks["settlements"] for h in self.dropped(document)}
        for digest in sorted(set(roots.values()) - settled):
            self.contested.append(f"{place(branches[digest])} 处有分叉未了结")

    def dropped(self, document):
        """The hashes of events that a settlement of both sides drops, if it keeps what is here."""
        what, bound = "分叉了结书", parties(self.state)
        shaped(document, SETTLEMENT, what)
        need(all(document[n] == self.d[n] for n in ("procedure", "subject")), f"{what}：不属于本事")
        sides, digest = (
            {document["writer"], document["counterpart"]},
            tagged_digest(document["format"], without(document, "signed")),
        )
        need(
            set(document["signed"]) == sides and document["kept"] not in document["dropped"],
            f"{what}：签署方不符",
        )
        for node, signed in document["signed"].items():
            self.check_part(signed, SIGNED_SETTLEMENT, node, "settlement", digest, what)
        kept = self.matter.at(document["chain"], document["seq"]) or {"hash": "", "node": ""}
        right = (kept["hash"], kept["node"]) == (document["kept"], document["writer"])
        return (
            document["dropped"] if right and sides <= bound and (len(sides) == 2 or len(bound) == 1) else []
        )

    # seals (§7)

    def check_seal(self, seal, node, what):
        shaped(seal, SEAL, what)
        need(seal["node"] == node, f"{what}：节点不符")
        self.keys.check_signed(seal, node, what)
        self.check_epoch(seal, what)

    def check_inclusion(self, entries, seal, node, what):
        """The places that are proved to be in the seal."""
        for entry in entries:
            event = self.matter.at(entry["chain"], entry["seq"])
            need(event is not None and event["node"] == node, f"{what}：所列事件不符")
            need(
                included(event["hash"], entry["leaf"], entry["path"], seal),
                f"{what}：{place(event)} 的包含证明不符",
            )
        places = {(entry["chain"], entry["seq"]) for entry in entries}
        need(len(places) == len(entries), f"{what}：所列事件重复")
        return places

    def check_seals(self):
        seals, exporter = self.d["seals"], self.d["exporter"]
        own, what = seals["own"], "导出者的封存"
        for seal in own:
            self.check_seal(seal, exporter, what)
        need(len(seals["proofs"]) == max(len(own) - 1, 0), f"{what}：证明数目不符")
        for old, new, path in zip(own, own[1:], seals["proofs"], strict=False):
            need(old["epoch"] == new["epoch"] and consistent(old, new, path), f"{what}：一致性证明不符")
        need(own or not seals["inclusion"], f"{what}：没有封存")
        proved = self.check_inclusion(seals["inclusion"], own[-1] if own else None, exporter, what)
        unsealed = set()
        for event in (e for e in self.d["events"] if e["node"] == exporter):
            need(own, f"{what}：没有封存")
            if (chain_of(event), event["seq"]) in proved:
                need(chain_of(event) not in unsealed, f"{place(event)}：之前的未封存")
            else:
                alone = len(parties(self.state)) == 1
                need(alone or not self.seen_by_other(event), f"{place(event)}：未被导出者的封存包含")
                unsealed.add(chain_of(event))
        if unsealed:
            self.notes.append("导出者最近的记录尚未封存。")
        shown = set()
        for peer in seals["peers"]:
            node, what = peer["seal"].get("node"), "对方的封存"
            need(node != exporter, f"{what}：是导出者的")
            self.check_seal(peer["seal"], node, what)
            shown |= self.check_inclusion(peer["inclusion"], peer["seal"], node, what)
        present = {binding["node"] for binding in self.state["roles"].values()}
        for name, chain in self.matter.chains.items():
            covered = [event["seq"] for event in chain if self.seen_by_other(event)]
            if chain[0]["node"] == exporter or not covered or (name, covered[-1]) in shown:
                continue
            need(not {chain[0]["node"], exporter} <= present, f"{name} 最后的事件未被其节点的封存包含")
            self.notes.append(f"没有 {name} 的封存，其任期或导出者的任期已满。")

    # lawfulness (§18), content (§10), verdict (§15)

    def tables(self):
        """The tables of this procedure that are trusted, and that this program can read, by digest."""
        known = {digest: table for digest, table in self.d["tables"].items() if digest in KNOWN_TABLES}
        known |= self.given_tables
        return {n: t for n, t in known.items() if TABLE(t) and t["procedure"] == self.d["procedure"]}

    def check_lawful(self):
        self.unlawful, parks, self.known_tables = set(), self.state["withheld"], self.tables()
        for event in self.matter.order:
            reason = self.reason(event)
            if reason == "newer_rules":
                self.unlawful.add(event["hash"])
                self.unknown.add(event["rules"]["digest"])
            elif reason:
                self.unlawful.add(event["hash"])
                places = [] if is_guard(event) else parks.values()
                struck = any(p[2] is not None and holds_back(p, event) for p in places)
                told = self.notes if struck else self.contested
                told.append(f"{place(event)} 不合规则（{reason}）{'，已剔除' if struck else ''}")
        for park, (_, _, end, _) in parks.items():
            named = self.matter.by_hash[self.matter.by_hash[park]["effects"]["withhold"]["hash"]]
            if end is None:
                self.contested.append(f"{place(named)} 起被对方待核，尚未解除")
            elif named["hash"] not in self.unlawful and named["body"] in self.d["bodies"]:
                self.contested.append(f"{place(named)} 合规则，却被对方剔除")
        for event in (e for e in self.matter.order if e["effects"].get("succeed")):
            named = event["effects"]["succeed"]
            chain = f"{named['role']}/{named['term'] - 1}"
            last = self.state["closed"].get(chain)
            there = [
                s["heads"].get(chain, [0])[0]
                for s in self.d["statements"]
                if s["signer"] == event["node"] and s["at"] <= event["at"]
            ]
            there += [e["seq"] for e in self.matter.chains.get(chain, []) if e["at"] <= event["at"]]
            if last == event["seen"].get(chain, [0])[0] < max(there, default=0):
                self.contested.append(f"{place(event)} 少计了那时已有的 {chain}")

    def reason(self, event):
        """Why the event is not lawful, or None."""
        body, digest = self.d["bodies"].get(event["body"]), event["rules"]["digest"]
        if body is None and self.seen_by_other(event):  # redacted: who saw the body judged it
            return None
        table = self.known_tables.get(digest)
        newest = table or max(self.known_tables.values(), key=lambda one: one["version"], default=None)
        try:
            act = Act(
                self.matter, self.d["papers"], newest, event, body or NO_BODY, self.views[event["hash"]]
            )
            act.check_time(newest["limits"]["minutes"] if newest else 10)
        except Unlawful as refusal:
            return str(refusal)
        if body is None:
            return "redacted_unseen"
        if newest is None:
            return "newer_rules"
        try:
            act.judge()
        except Unlawful as refusal:
            return str(refusal) if table else "newer_rules"
        except Newer:
            return "newer_rules"
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as trouble:
            return f"not_allowed {type(trouble).__name__}" if table else "newer_rules"
        return None

    def check_content(self):
        sizes = {c["digest"]: c["size"] for e in reversed(self.d["events"]) for c in e["content"]}
        for digest, text in (self.d["content"] or {}).items():
            what = f"材料 {digest[:16]}"
            stream = base64.b64decode(text, validate=True)
            need(
                base64.b64encode(stream).decode() == text and digest_of(stream) == digest, f"{what}：摘要不符"
            )
            need(sizes.get(digest) == len(stream) - 16, f"{what}：无事件提及，或大小不符")

    def verdict(self):
        """Exit code and sentence."""
        d, events = self.d, self.matter.order
        unseen = {e["hash"] for e in events if not self.seen_by_other(e)}
        shown = self.matter.fold(events, self.unlawful | unseen)
        outcomes = [f["outcome"] for f in shown["facts"].values() if f.get("outcome") is not None]
        found = f"阶段为“{shown['phase'] or '未定'}”，结果为“{outcomes[0] if outcomes else '未定'}”"
        found += f"；另有 {len(unseen)} 项行为对方尚未见到" if unseen else ""
        self.note_destruction()
        name = f"案卷 {d['subject']}（{d['procedure']}）"
        if self.contested:
            return 5, f"{name}真实，但有争议或不合规则：{'；'.join(self.contested)}；{found}。"
        if self.unknown:
            return (
                3,
                f"{name}真实，但规则表未知，或须由新版程序才能读，未全部判断是否合规则：{'、'.join(sorted(self.unknown))}；{found}。",
            )
        if self.roots is None:
            return 4, f"{name}完整，但未给出可信根指纹，不知由谁签出；{found}。"
        return 0, f"{name}成立：{found}。"

    def note_destruction(self):
        facts = self.state["facts"].items()
        days = [f"{role} {said['destroyed']}" for role, said in facts if said.get("destroyed")]
        if days:
            self.notes.append(f"材料已依规定销毁（{'、'.join(days)}）。")


# ---- command ---------------------------------------------------------------------------------------------------------


def read(name):
    return Path(name).read_bytes()


def read_roots(name):
    roots = set()
    for line in read(name).decode("utf-8-sig").splitlines():
        digits = "".join(line.split("#")[0].split()).removeprefix("sm3:")
        if digits:
            need(re.fullmatch("[0-9a-f]{64}", digits), f"不是根指纹：{line[:80]}")
            roots.add("sm3:" + digits)
    return roots


def read_table(name):
    table = read_json(read(name))
    return tagged_digest("tongban-rules/1", table), table


ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)


def examine(data, roots, tables):
    """Exit code, sentence and notes for the bytes of a dossier; never a traceback: what was not foreseen is malformed."""
    try:
        dossier = Dossier(data, roots, tables)
        return *dossier.verify(), dossier.notes
    except Wrong as wrong:
        return 1, f"案卷不成立：{wrong}。", []
    except ODD as trouble:
        return 1, f"案卷不成立：不是规定形式的文件（{type(trouble).__name__}）。", []


def run(arguments):
    names, tables, rest = [], {}, iter(arguments)
    for argument in rest:
        if argument == "--table":
            digest, table = read_table(next(rest, ""))
            tables[digest] = table
        else:
            names.append(argument)
    need(1 <= len(names) <= 2, "用法：verify_dossier.py 案卷 [根指纹] [--table 规则表]…")
    return examine(read(names[0]), read_roots(names[1]) if len(names) == 2 else None, tables)


def main(arguments):
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code, sentence, notes = run(arguments)
    except Wrong as wrong:
        code, sentence, notes = 1, f"{wrong}。", []
    except (OSError, *ODD) as trouble:
        code, sentence, notes = 1, f"无法读取（{type(trouble).__name__}）。", []
    for line in (sentence, *notes):
        print(line)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
