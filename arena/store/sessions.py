"""Sessions, and links that set a new password. Tokens are stored as their SHA-256."""

from dataclasses import replace
from datetime import datetime, timedelta

from arena.domain.account import PasswordLink, Session
from arena.domain.ids import AccountId
from arena.store.instance_file import InstanceFile, hashed

SESSIONS = {
    "session_id": "VARCHAR",
    "account_id": "VARCHAR",
    "hash": "VARCHAR",
    "client": "VARCHAR",
    "created_at": "TIMESTAMP",
    "last_used_at": "TIMESTAMP",
    "expires_at": "TIMESTAMP",
    "ended_at": "TIMESTAMP",
    "proved_at": "TIMESTAMP",
}
LINKS = {
    "hash": "VARCHAR",
    "account_id": "VARCHAR",
    "created_at": "TIMESTAMP",
    "ends_at": "TIMESTAMP",
    "used_at": "TIMESTAMP",
}
NOTED = timedelta(hours=1)
"""How exactly the last use of a session is kept: a write for each request would cost more than the request."""


class Sessions:
    """Sessions that have not ended, and links that were not used."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file
        file.on_change.append(self._read)
        self._read()

    def _read(self) -> None:
        found = self._file.fetched(
            f"SELECT {', '.join(SESSIONS)} FROM sessions WHERE ended_at IS NULL ORDER BY created_at, session_id"
        )
        self._by_hash = {
            row[2]: Session(
                session_id=row[0],
                account_id=AccountId(row[1]),
                hash=row[2],
                client=row[3],
                created_at=row[4],
                last_used_at=row[5],
                expires_at=row[6],
                proved_at=row[8] or row[4],
            )
            for row in found
        }
        links = self._file.fetched(f"SELECT {', '.join(LINKS)} FROM password_links ORDER BY created_at, hash")
        self._links = {
            row[0]: PasswordLink(
                hash=row[0], account_id=AccountId(row[1]), created_at=row[2], ends_at=row[3], used_at=row[4]
            )
            for row in links
        }

    def add(self, session: Session) -> None:
        """Store a new session."""
        self._file.append("sessions", SESSIONS, [getattr(session, name) for name in SESSIONS])
        self._by_hash[session.hash] = session

    def find(self, token: str, now: datetime) -> Session | None:
        """The valid session of a token."""
        session = self._by_hash.get(hashed(token))
        if session is None or not session.valid(now):
            return None
        if now - session.last_used_at >= NOTED:
            session = replace(session, last_used_at=now)
            self._by_hash[session.hash] = session
            self._file.change("UPDATE sessions SET last_used_at = ? WHERE session_id = ?", [now, session.session_id])
        return session

    def holds(self, session: Session) -> bool:
        """Whether a session that was found earlier has not been ended since."""
        return session.hash in self._by_hash

    def of(self, account_id: AccountId, now: datetime) -> list[Session]:
        """The valid sessions of an account, oldest first."""
        return [one for one in self._by_hash.values() if one.account_id == account_id and one.valid(now)]

    def end(self, session: Session, now: datetime) -> None:
        """Make a session worthless from now on."""
        self._file.change("UPDATE sessions SET ended_at = ? WHERE session_id = ?", [now, session.session_id])
        self._by_hash.pop(session.hash, None)

    def end_all(self, account_id: AccountId, now: datetime, keep: Session | None = None) -> None:
        """End the sessions of an account, but for one."""
        with self._file.transaction():
            for session in self.of(account_id, now):
                if keep is None or session.session_id != keep.session_id:
                    self.end(session, now)

    def forget(self, account_id: AccountId) -> None:
        """Drop every session and link of an account, those that ended too, with what they say of its devices."""
        with self._file.transaction():
            self._file.change("DELETE FROM sessions WHERE account_id = ?", [account_id])
            self._file.change("DELETE FROM password_links WHERE account_id = ?", [account_id])
        self._by_hash = {key: one for key, one in self._by_hash.items() if one.account_id != account_id}
        self._links = {key: one for key, one in self._links.items() if one.account_id != account_id}

    def add_link(self, link: PasswordLink) -> None:
        """Store a link that sets a new password."""
        self._file.append("password_links", LINKS, [getattr(link, name) for name in LINKS])
        self._links[link.hash] = link

    def find_link(self, token: str) -> PasswordLink | None:
        """The link of a token, used or ended though it may be."""
        return self._links.get(hashed(token))

    def use_links(self, account_id: AccountId, now: datetime) -> None:
        """Make every link of an account worthless: a new password was set."""
        self._file.change(
            "UPDATE password_links SET used_at = ? WHERE account_id = ? AND used_at IS NULL", [now, account_id]
        )
        for link in list(self._links.values()):
            if link.account_id == account_id and link.used_at is None:
                self._links[link.hash] = replace(link, used_at=now)
