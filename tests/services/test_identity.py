"""Who a signed value belongs to, and what answers call them."""

import hashlib
import hmac
import random
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from arena import errors
from arena.domain import ids
from arena.domain.account import Account, Member
from arena.domain.ids import AccountId, RaterId, ours
from arena.domain.name_key import NameKey
from arena.domain.principal import Principal, Role
from arena.domain.vote import RaterKind
from arena.services import acting_for, clock, made_by, permitting
from arena.services import identity as identities
from arena.services.identity import Identity
from arena.services.pseudonyms import Pseudonyms
from arena.store import database
from arena.store.instance import Instance

SECRET = b"a secret of these tests"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance file without tokens."""
    with Instance.open(tmp_path / "instance.duckdb") as opened:
        yield opened


def identity(instance: Instance, workspace: str = "ours") -> Identity:
    """The identities of a workspace."""
    return Identity(instance, SECRET, workspace, random.Random(1))


def earlier(rater_id: str, workspace: str = "ours") -> str:
    """A value as it was signed before values hid the stored id: cookies last a year."""
    return f"{rater_id}.{hmac.new(SECRET, f'rater:{workspace}:{rater_id}'.encode(), hashlib.sha256).hexdigest()}"


def test_a_raters_value_is_worth_something_only_in_the_workspace_it_was_made_in(instance: Instance) -> None:
    made = identity(instance).new_rater(clock.now())
    found = identity(instance).bearer(made.token)
    assert found is not None
    assert (identity(instance).shown(found), found.workspace) == (made.name, "ours")
    assert identity(instance, "theirs").bearer(made.token) is None


def test_the_stored_id_is_in_neither_the_value_nor_the_name(instance: Instance) -> None:
    made = identity(instance).new_rater(clock.now())
    found = identity(instance).rater(made.token)
    assert found is not None
    assert ours(found.id)
    assert ours(made.name)
    assert found.id not in (made.name, made.token.partition(".")[0])


def test_a_value_of_an_earlier_arena_is_the_same_rater_still(instance: Instance) -> None:
    stored = "r_01K7QX4M8ZJ5T0W3N6R9V2C4E1"
    found = identity(instance).rater(earlier(stored))
    assert found == Principal(id=stored, role=Role.RATER, workspace="ours")
    assert stored not in identity(instance).shown(found)
    assert identity(instance, "theirs").rater(earlier(stored)) is None


def test_a_value_is_not_worth_anything_under_the_other_signature(instance: Instance) -> None:
    """Who knows a stored id, or a name, cannot make a value of it."""
    made = identity(instance).new_rater(clock.now())
    found = identity(instance).rater(made.token)
    assert found is not None
    _, _, signature = made.token.partition(".")
    for forged in (f"{found.id}.{signature}", f"{made.name}.{signature}", f"{made.token}x", signature, ""):
        assert identity(instance).rater(forged) is None


def test_a_token_that_rates_is_called_as_every_rater_is(instance: Instance) -> None:
    lab = Principal(id="t_1", role=Role.LAB, workspace="ours")
    assert identity(instance).shown(lab) == identity(instance).name_of(RaterId("t_1"))


def test_a_name_differs_by_workspace_and_installation_and_is_found_again() -> None:
    stored = [RaterId(f"r_{number}") for number in range(9)]
    names = Pseudonyms(NameKey(workspace="ours", secret=SECRET))
    foreign = Pseudonyms(NameKey(workspace="theirs", secret=SECRET))
    assert len({names.name(one) for one in stored}) == 9
    for others in (foreign, Pseudonyms(NameKey(workspace="ours", secret=b"another secret"))):
        assert others.name(stored[3]) != names.name(stored[3])
    assert names.find(names.name(stored[3]), stored) == stored[3]
    assert names.find(stored[3], stored) == stored[3]
    assert names.find(foreign.name(stored[3]), stored) is None


def test_names_hang_on_the_workspace_s_key_or_on_its_secret_where_it_has_none(instance: Instance) -> None:
    stored, key = RaterId("r_1"), NameKey(workspace="once", secret=b"a key of its own")
    of_the_secret = Pseudonyms(NameKey(workspace="ours", secret=SECRET)).name(stored)
    assert identity(instance).name_of(stored) == of_the_secret
    assert Identity(instance, SECRET, "ours", random.Random(1), names=key).name_of(stored) == Pseudonyms(key).name(
        stored
    )


# -- tokens ---------------------------------------------------------------------------------------------------------

ADMIN = Principal(id="t_admin", role=Role.ADMIN, workspace="ours")
NOW = clock.now()


@pytest.mark.parametrize("role", [Role.READER, Role.REVIEWER, Role.LAB, Role.TRAINER, Role.ADMIN])
def test_a_token_is_worth_its_role_in_its_workspace_until_it_is_revoked(instance: Instance, role: Role) -> None:
    ours, theirs = identity(instance), identity(instance, "theirs")
    made = ours.create_token(ADMIN, role, NOW)
    assert ours.bearer(made.text) == Principal(id=made.id, role=role, workspace="ours", kind=RaterKind.PROGRAM)
    assert theirs.bearer(made.text) is None
    assert ours.bearer(made.text + "x") is None
    ours.revoke_token(ADMIN, made.id, NOW)
    assert ours.bearer(made.text) is None
    assert [token.revoked_at for token in instance.tokens()] == [NOW]


@pytest.mark.parametrize("role", [Role.RATER, Role.ANONYMOUS, Role.OPERATOR, "owner", ""])
def test_no_token_is_made_for_another_role(instance: Instance, role: str) -> None:
    with pytest.raises(errors.InvalidValue, match="accepted: reader, reviewer, trainer, lab, admin"):
        identity(instance).create_token(ADMIN, role, NOW)
    assert instance.tokens() == []


def test_an_admins_token_alone_needs_a_fresh_proof_of_who_makes_it(instance: Instance) -> None:
    ours = identity(instance)
    long_ago, just_now = (replace(ADMIN, proved_at=NOW - ago) for ago in (permitting.FRESH * 1.01, permitting.FRESH))
    with pytest.raises(permitting.ProofTooOldError):
        ours.create_token(long_ago, Role.ADMIN, NOW)
    for who, role in ((long_ago, Role.LAB), (just_now, Role.ADMIN)):
        ours.create_token(who, role, NOW)
    assert [token.role for token in ours.tokens(ADMIN)] == [Role.LAB, Role.ADMIN]


@pytest.mark.parametrize("role", [Role.RATER, Role.LAB, Role.TRAINER])
def test_only_the_admin_makes_lists_and_revokes_tokens(instance: Instance, role: Role) -> None:
    ours = identity(instance)
    made = ours.create_token(ADMIN, Role.LAB, NOW)
    other = Principal(id="t_other", role=role, workspace="ours")
    for refused in (
        lambda: ours.create_token(other, Role.LAB, NOW),
        lambda: ours.tokens(other),
        lambda: ours.revoke_token(other, made.id, NOW),
    ):
        with pytest.raises(errors.Forbidden, match=f"^This needs the role admin; you are a {role}"):
            refused()
    assert [(token.token_id, token.revoked_at) for token in ours.tokens(ADMIN)] == [(made.id, None)]


def test_an_admin_sees_and_revokes_the_tokens_of_this_workspace_alone(instance: Instance) -> None:
    ours, theirs = identity(instance), identity(instance, "theirs")
    mine, other = ours.create_token(ADMIN, Role.LAB, NOW), theirs.create_token(ADMIN, Role.LAB, NOW)
    assert [token.token_id for token in ours.tokens(ADMIN)] == [mine.id]
    with pytest.raises(errors.NotFound, match=f"There is no token {other.id}"):
        ours.revoke_token(ADMIN, other.id, NOW)
    assert theirs.bearer(other.text) is not None


def test_who_was_erased_is_nobody_with_a_new_value_and_with_an_old_one(instance: Instance) -> None:
    made = identity(instance).new_rater(NOW)
    found = identity(instance).rater(made.token)
    assert found is not None
    gone = {found.id, "r_old"}
    strict = Identity(instance, SECRET, "ours", random.Random(1), gone.__contains__)
    for value in (made.token, earlier("r_old")):
        assert identity(instance).bearer(value) is not None
        assert strict.bearer(value) is None
    assert strict.bearer(earlier("r_other")) is not None


def test_a_value_is_signed_as_earlier_arenas_signed_it(instance: Instance) -> None:
    """Cookies last a year: what is signed, and which stored id a seed stands for, may not change."""
    made = identity(instance).new_rater(NOW)
    seed, _, signature = made.token.partition(".")

    def keyed(purpose: str) -> bytes:
        return hmac.digest(SECRET, f"{purpose}:ours:{seed}".encode(), hashlib.sha256)

    assert seed == ids.mint("r", NOW, random.Random(1))
    assert signature == keyed("rater seed").hex()
    found = identity(instance).rater(made.token)
    assert found == Principal(
        id=ids.spelled("r", int.from_bytes(keyed("rater id")[:16], "big")), role=Role.RATER, workspace="ours"
    )
    assert identity(instance).rater(made.token.replace(".", "..")) is None


def test_who_signs_in_is_a_new_rater_of_the_workspace_without_a_value(instance: Instance) -> None:
    seed = ids.mint("r", NOW, random.Random(1))
    keyed = hmac.digest(SECRET, f"rater id:ours:{seed}".encode(), hashlib.sha256)
    assert identity(instance).unsigned_rater(NOW) == ids.spelled("r", int.from_bytes(keyed[:16], "big"))


def test_a_rater_who_has_an_account_is_nobody_by_their_value_in_that_workspace(instance: Instance) -> None:
    made = identity(instance).new_rater(NOW)
    found = identity(instance).rater(made.token)
    assert found is not None
    account = AccountId("acc_1")
    instance.accounts.add(Account(account_id=account, email="a@b.example", name="", password="", created_at=NOW))
    for workspace, known in (("theirs", True), ("ours", False)):
        instance.accounts.join(
            Member(account_id=account, workspace=workspace, role=Role.RATER, rater_id=found.rater_id, since=NOW)
        )
        assert (identity(instance).rater(made.token) is not None) is known


@pytest.mark.parametrize(("campaign", "reason"), [(None, None), ("spring", "for campaign spring")])
def test_a_token_says_who_made_it_and_for_what(instance: Instance, campaign: str | None, reason: str | None) -> None:
    made = identity(instance).create_token(ADMIN, Role.READER, NOW, campaign)
    token = instance.token(made.id)
    assert token is not None
    assert (token.role, token.workspace, token.campaign) == (Role.READER, "ours", campaign)
    assert (token.made_by, token.created_at) == (ADMIN.id, NOW)
    (noted,) = instance.audit.of("ours")
    assert (noted.who, noted.did, noted.subject) == (ADMIN.id, "made token as reader", made.id)
    assert (noted.reason, noted.noted_at) == (reason, NOW)


def test_a_token_for_one_campaign_only_reads_or_trains_and_names_one(instance: Instance) -> None:
    ours = identity(instance)
    for role in (Role.REVIEWER, Role.LAB, Role.ADMIN):
        with pytest.raises(errors.DoesNotFit, match=f"is of a reader or trainer; {role} may change all"):
            ours.create_token(ADMIN, role, NOW, "spring")
    with pytest.raises(errors.InvalidValue, match="names no campaign"):
        ours.create_token(ADMIN, Role.TRAINER, NOW, "No Campaign")
    assert instance.tokens() == []


def test_a_token_that_is_revoked_ends_what_was_made_with_it_and_is_noted(instance: Instance) -> None:
    ours = identity(instance)
    maker = ours.create_token(ADMIN, Role.ADMIN, NOW)
    made = ours.create_token(Principal(id=maker.id, role=Role.ADMIN, workspace="ours"), Role.LAB, NOW)
    ours.revoke_token(ADMIN, maker.id, NOW)
    assert {(token.token_id, token.revoked_at) for token in instance.tokens()} == {(maker.id, NOW), (made.id, NOW)}
    noted = {(entry.who, entry.did, entry.subject, entry.noted_at) for entry in instance.audit.of("ours")}
    assert noted >= {(ADMIN.id, "revoked token", maker.id, NOW), (maker.id, "revoked token", made.id, NOW)}


# -- files of the installation --------------------------------------------------------------------------------------


def test_the_secret_and_the_release_key_are_made_once_and_private(tmp_path: Path) -> None:
    secret, key = identities.signing_secret(tmp_path), identities.release_signer(tmp_path, "ours").public_key
    assert len(secret) == 32
    assert identities.signing_secret(tmp_path) == secret
    assert identities.release_signer(tmp_path, "ours").public_key == key
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    files = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in found}
    assert files == {"signing-secret": 0o600, "workspaces/ours/release-key": 0o600}
    assert (tmp_path / "signing-secret").read_text() == f"{secret.hex()}\n"
    other = tmp_path / "other"
    other.mkdir()
    assert identities.signing_secret(other) != secret
    assert identities.release_signer(other, "ours").public_key != key
    assert identities.release_signer(tmp_path, "theirs").public_key != key


def test_a_secret_that_is_there_is_used_whatever_its_end_of_line(tmp_path: Path) -> None:
    (tmp_path / "signing-secret").write_text("00ff\r\n")
    assert identities.signing_secret(tmp_path) == b"\x00\xff"


def test_a_secret_is_on_disk_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes | list[str]] = []

    def sync(number: int) -> None:
        file = Path(f"/proc/self/fd/{number}")
        synced.append([path.name for path in file.iterdir()] if file.is_dir() else file.read_bytes())

    monkeypatch.setattr(database.os, "fsync", sync)
    secret = identities.signing_secret(tmp_path)
    assert synced == [f"{secret.hex()}\n".encode(), ["signing-secret"]]


def test_the_first_start_of_a_workspace_writes_its_admin_token_and_no_later_one_does(
    instance: Instance, tmp_path: Path
) -> None:
    assert identities.admin_token_path(tmp_path, "default") == tmp_path / "admin-token"
    for workspace, name in (("default", "admin-token"), ("ours", "admin-token-ours")):
        (tmp_path / name).write_text("left by an arena whose instance is gone")
        path = identities.first_admin_token(tmp_path, instance, workspace, NOW)
        assert path == tmp_path / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        found = identity(instance, workspace).bearer(path.read_text().strip())
        assert found is not None
        assert (found.role, found.workspace) == (Role.ADMIN, workspace)
        assert identities.first_admin_token(tmp_path, instance, workspace, NOW) is None
    assert len(instance.tokens()) == 2


def test_a_token_of_another_role_or_workspace_does_not_stand_for_the_first_admin_token(
    instance: Instance, tmp_path: Path
) -> None:
    identity(instance).create_token(ADMIN, Role.LAB, NOW)
    identity(instance, "theirs").create_token(ADMIN, Role.ADMIN, NOW)
    assert identities.first_admin_token(tmp_path, instance, "ours", NOW) is not None


def test_the_secret_of_a_workspace_is_its_own_or_that_of_the_installation(tmp_path: Path) -> None:
    assert identities.workspace_secret(tmp_path, "ours") == identities.signing_secret(tmp_path)
    for name, secret in (("ours", "00ff"), ("theirs", "01")):
        own = tmp_path / "workspaces" / name / "secret"
        own.parent.mkdir(parents=True)
        own.write_text(f"{secret}\n")
    assert identities.workspace_secret(tmp_path, "ours") == b"\x00\xff"
    assert identities.workspace_secret(tmp_path, "theirs") == b"\x01"


def test_names_hang_on_a_key_of_the_workspace_s_own_made_once_and_private(tmp_path: Path) -> None:
    made = identities.name_key(tmp_path, "ours")
    assert (made.workspace, len(made.secret), made.known) == ("ours", 32, {})
    kept = tmp_path / "workspaces" / "ours" / "names"
    assert (stat.S_IMODE(kept.stat().st_mode), kept.read_text()) == (0o600, made.to_json())
    (kept.parent / "workspace.duckdb").touch()
    assert identities.name_key(tmp_path, "ours") == made
    assert identities.name_key(tmp_path, "theirs").secret != made.secret


@pytest.mark.parametrize("there", ["workspace.duckdb", "workspace.heads"])
def test_names_of_a_workspace_from_before_it_had_a_key_hang_on_its_secret(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "workspaces" / "ours"
    folder.mkdir(parents=True)
    (folder / there).touch()
    (folder / "secret").write_text("00ff")
    assert identities.name_key(tmp_path, "ours") == NameKey(workspace="ours", secret=b"\x00\xff")
    assert sorted(path.name for path in folder.iterdir()) == ["secret", there]


class Told(dict[str, str]):
    """What processes of one installation tell each other."""

    told_secret = dict.get
    change_secret = dict.__setitem__


def test_the_admin_token_in_the_folder_is_the_one_that_is_worth_something(instance: Instance, tmp_path: Path) -> None:
    path = identities.admin_token_path(tmp_path, "ours")

    def lying(text: str) -> str | None:
        path.write_text(text)
        return identities.written_token(tmp_path, instance, "ours")

    assert identities.written_token(tmp_path, instance, "ours") is None
    mine, text = instance.add_token(Role.ADMIN, "ours", NOW)
    assert lying(f"{text}\n") == mine
    assert lying("arena_nobody") is None
    assert lying(instance.add_token(Role.ADMIN, "theirs", NOW)[1]) is None
    instance.revoke(mine, NOW)
    assert lying(text) is None


def test_processes_tell_each_other_which_admin_token_lies_in_their_folder(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, name = identities.admin_token_path(tmp_path, "ours"), "ours/admin-token"
    first, text = instance.add_token(Role.ADMIN, "ours", NOW)
    later, _ = instance.add_token(Role.ADMIN, "ours", NOW + timedelta(hours=1))
    path.write_text(text)
    identities.tell_written_token(tmp_path, instance, "ours")
    told = Told()
    monkeypatch.setattr(instance, "shared", told)
    assert identities.written_token(tmp_path, instance, "ours") == first, "nobody told of another"
    identities.tell_written_token(tmp_path, instance, "theirs")
    assert told == {}
    identities.tell_written_token(tmp_path, instance, "ours")
    assert told == {name: first}
    told[name] = later
    assert identities.written_token(tmp_path, instance, "ours") == later
    identities.tell_written_token(tmp_path, instance, "ours")
    assert told == {name: later}
    instance.revoke(later, NOW)
    assert identities.written_token(tmp_path, instance, "ours") == first
    told[name] = "t_unknown"
    assert identities.written_token(tmp_path, instance, "ours") == first
    with monkeypatch.context() as counted:
        counted.setattr(told, "change_secret", lambda *_: pytest.fail("said twice"), raising=False)
        told[name] = first
        identities.tell_written_token(tmp_path, instance, "ours")


def test_of_two_first_starts_at_once_one_writes_an_admin_token(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def after_another() -> Iterator[None]:
        instance.add_token(Role.ADMIN, "ours", NOW)
        yield

    monkeypatch.setattr(instance, "transaction", after_another)
    assert identities.first_admin_token(tmp_path, instance, "ours", NOW) is None
    assert not identities.admin_token_path(tmp_path, "ours").exists()


def test_whose_a_token_is_is_known_without_a_walk_through_all(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, text = instance.add_token(Role.ADMIN, "ours", clock.now(), made_by="ada@lab.example")
    made, _ = instance.add_token(Role.LAB, "ours", clock.now(), made_by=maker)
    theirs, _ = instance.add_token(Role.LAB, "theirs", clock.now(), made_by=maker)
    monkeypatch.setattr(instance, "tokens", lambda: pytest.fail("all were walked through"))
    found = instance.find_token(text)
    assert found is not None
    assert acting_for.account(instance, found) is None, "nobody has that e-mail"
    assert acting_for.actor(instance, found).tokens == {maker, made}
    assert acting_for.actor(instance, Principal(id=made, role=Role.LAB, workspace="ours")).tokens == {maker, made}
    assert acting_for.actor(instance, Principal(id=theirs, role=Role.LAB, workspace="ours")).tokens == frozenset()
    made_by.end(instance, "ours", maker, clock.now())
    assert (instance.token_holds(made), instance.token_holds(maker)) == (False, True)
    assert instance.token_holds(theirs), "of another workspace"
