"""The optional second step of signing in: a code of six digits that a device makes anew every 30 seconds (RFC 6238).

A code is taken once, and none after a newer one. Where the device is lost, each of ten recovery codes works once; they
are stored as their SHA-256.
"""

import base64
import io
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

from arena.domain.account import Account
from arena.errors import Conflict, Unauthenticated
from arena.store.instance import Instance
from arena.store.instance_file import hashed
from arena.store.ways_in import SecondStep

ISSUER = "Preference Arena"
SECONDS = 30
WINDOW = 1
"""Codes before and after the present one that are taken, as clocks differ."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
WRONG = "This code did not match. Take the one that your device shows now, or a recovery code."


class NeededError(Unauthenticated):
    """The password was right, and a code is needed, too."""

    code = "second_step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a device is told, before it has shown that it makes codes."""

    secret: str
    address: str
    picture: str
    """SVG of a QR code of the address."""


class SecondFactor:
    """Second steps of the accounts of one installation."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._offered: dict[str, str] = {}
        """Secrets that were offered and not confirmed, by account."""

    def is_on(self, account: Account) -> bool:
        """Whether an account needs a code."""
        return self._instance.second_steps.of(account.account_id) is not None

    def offer(self, account: Account) -> Offered:
        """A new secret for a device; it counts once a code of it is confirmed."""
        if self.is_on(account):
            raise Conflict("This account has a second step already. Switch it off first.")
        secret = pyotp.random_base32()
        self._offered[account.account_id] = secret
        address = pyotp.TOTP(secret, interval=SECONDS, name=account.email, issuer=ISSUER).provisioning_uri()
        return Offered(secret=secret, address=address, picture=drawn(address))

    def confirm(self, account: Account, code: str, now: datetime) -> list[str]:
        """Need codes from now on; returns the recovery codes, which are shown once. For who has made a code."""
        secret = self._offered.get(account.account_id)
        step = None if secret is None else _step(secret, code, now, after=-1)
        if secret is None or step is None:
            raise Unauthenticated(WRONG)
        codes = [_recovery() for _ in range(RECOVERY_CODES)]
        self._instance.second_steps.add(
            SecondStep(
                account_id=account.account_id,
                secret=secret,
                recovery=tuple(hashed(_spelled(one)) for one in codes),
                last_step=step,
                since=now,
            )
        )
        del self._offered[account.account_id]
        return codes

    def demand(self, account: Account, code: str | None, now: datetime) -> None:
        """Take a code, or a recovery code, of an account that needs one. Raises `Unauthenticated`."""
        kept = self._instance.second_steps.of(account.account_id)
        if kept is None:
            return
        if not code:
            raise NeededError("This account has a second step. Send the code that your device shows, too.")
        step = _step(kept.secret, code, now, after=kept.last_step)
        used = hashed(_spelled(code))
        if step is None and used not in kept.recovery:
            raise NeededError(WRONG)
        with self._instance.transaction():
            self._take(account, step, used)

    def _take(self, account: Account, step: int | None, used: str) -> None:
        """Take a right code, unless another process took it meanwhile."""
        kept = self._instance.second_steps.of(account.account_id)
        if kept is None:
            return
        if step is not None and step > kept.last_step:
            self._instance.second_steps.take_code(account.account_id, step)
        elif step is None and used in kept.recovery:
            self._instance.second_steps.take_recovery(account.account_id, used)
        else:
            raise NeededError(WRONG)

    def switch_off(self, account: Account) -> None:
        """Need no code any more."""
        self._instance.second_steps.forget(account.account_id)


def _step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step that a code is of, where it is newer than the last that was taken."""
    digits = code.replace(" ", "")
    present = int(now.timestamp()) // SECONDS
    device = pyotp.TOTP(secret, interval=SECONDS)
    for step in range(present - WINDOW, present + WINDOW + 1):
        if step > after and pyotp.utils.strings_equal(digits, device.generate_otp(step)):
            return step
    return None


def _recovery() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _spelled(code: str) -> str:
    return code.replace("-", "").replace(" ", "").lower()


def drawn(address: str) -> str:
    """A QR code of an address, as SVG."""
    picture = io.BytesIO()
    segno.make(address, error="m").save(
        picture, kind="svg", xmldecl=False, scale=4, border=4, dark="#000", light="#fff"
    )
    return picture.getvalue().decode()
