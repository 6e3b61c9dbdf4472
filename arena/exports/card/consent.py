"""What the card says that raters agreed to."""

from arena.domain import consent, wording
from arena.domain.selection import Consent
from arena.exports.folder.manifest import Manifest, ReleaseOrigin

IMPORTED = "what raters agreed to is for its sources to say"


def warning(manifest: Manifest) -> list[str]:
    """A warning not to publish the release, where somebody with votes or prompts in it does not agree to that."""
    if not manifest.private:
        return []
    votes = wording.counted(manifest.private, "vote")
    return [
        f"**Keep this release to yourselves.** It includes {votes} whose raters do not agree to publication. They "
        "allow boards, and training by whoever runs the arena. A release that may be published asks for "
        '`consent = "public"`, which leaves those votes out.',
        "",
    ]


def told(manifest: Manifest) -> list[str]:
    """What raters were told, and what the selection asked of them."""
    if not manifest.consent:
        return [f"Everything in it was imported: {IMPORTED}.", ""]
    texts = " ".join(f'"{consent.TEXTS[version]}" (version {version})' for version in manifest.consent)
    said = [f"Whoever wrote or voted in the arena itself was told: {texts}"]
    if manifest.selection.get("consent") == Consent.PUBLIC:
        said.append("Only votes were taken of which both who voted and who wrote the prompt agree to publication.")
        if manifest.origin is ReleaseOrigin.MIXED:
            said.append(f"Of what was imported, {IMPORTED}.")
    return [" ".join(said), ""]
