"""Answers over TLS: what comes is decrypted by the loop, and taken without waiting all the same."""

import asyncio
import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from arena import settings
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.inference import client, http1

PROMPT = (Message.of_text(role="user", text="Tell me a story."),)
PIECES = 20_000
"""Much more than one read of the loop brings, which is 256 KB."""
EVENT = b'data: {"choices": [{"index": 0, "delta": {"content": " word"}, "finish_reason": null}]}\n\n'
END = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for `localhost`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private, public = folder / "key.pem", folder / "certificate.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return private, public


async def write_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One answer of many pieces, as fast as they are taken."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD)
    for event in [EVENT] * PIECES + [END]:
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_what_has_come_of_an_encrypted_answer_is_taken_at_ticks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = certificate(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(public, private)
    monkeypatch.setattr(client, "_trusted", lambda _: ssl.create_default_context(cafile=public))
    async with await asyncio.start_server(write_answer, "localhost", 0, ssl=serving) as server:
        port = server.sockets[0].getsockname()[1]
        model = Model(
            name=ModelName("alpha"),
            endpoint=f"https://localhost:{port}/v1",
            served_name="alpha",
            sampling=Sampling(max_tokens=0),
        )
        async with client.ModelClient(settings.Deadlines()) as models, models.stream(model, PROMPT) as answer:
            text = await answer.begin()
            answer.come()
            await asyncio.sleep(0.2)  # the loop reads ahead, and no further than it may
            exchange = next(iter(models.server(model)._connections._open))
            assert http1.AHEAD < len(exchange._body) < PIECES / 2
            while not answer.complete:
                text += answer.come()
                await asyncio.sleep(0.01)
            assert text == " word" * PIECES
            assert answer.response.finish_reason == "stop"
        assert models.in_use == 0
