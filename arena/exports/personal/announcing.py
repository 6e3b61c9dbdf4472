"""What kind of number the words before it announce: a phone number, another kind, or nothing that is known."""

import re

WORD = re.compile(r"[^\W\d_]+")
WINDOW = 45
"""Characters before a number in which a word announces a phone number."""
NEAR = 24
"""Characters before it in which a word announces another kind."""
PHONE = (
    "tel", "tél", "phone", "call", "mobil", "móvil", "movil", "handy", "fax", "whats", "signal", "anruf", "appel",
    "rappel", "joindre", "joignable", "portable", "llam", "llám", "celular", "chiam", "cellular", "contact", "contatt",
    "reach", "erreich", "durchwahl", "hotline",
)  # fmt: skip
"""How words begin that announce a phone number."""
PHONE_WORDS = frozenset(
    {"ph", "cel", "cell", "sms", "text", "ring", "dial", "fon", "ruf", "rufen", "fixe", "marca", "wa"}
)
NUMBER_WORDS = frozenset({"number", "nummer", "numéro", "número", "numero", "num", "nr", "no"})
"""Say nothing alone; with a word of OWN before them, a phone number: nobody says "my number" of anything else."""
OWN = frozenset((
    "my", "our", "his", "her", "their", "your", "new", "meine", "unsere", "seine", "ihre", "mon", "notre", "votre",
    "son", "mi", "su", "nuestro", "vuestro", "mio", "suo", "nostro", "vostro",
))  # fmt: skip
OTHER = (
    "order", "invoice", "account", "acct", "ticket", "track", "case", "reference", "serial", "isbn", "issn", "ean",
    "upc", "gtin", "sku", "part", "item", "article", "artikel", "version", "patent", "doi", "pmid", "arxiv", "policy",
    "booking",
    "confirmation", "customer", "member", "license", "licence", "batch", "bestell", "auftrag", "rechnung", "kunden",
    "vorgang", "sendung", "konto", "kontonummer", "aktenzeichen", "commande", "facture", "dossier", "suivi", "colis",
    "client", "compte", "contrat",
    "vertrag", "pedido", "factura", "cuenta", "expediente", "seguimiento", "referencia", "ordine",
    "fattura", "conto", "pratica", "spedizione", "population", "lott", "seed", "timestamp", "unix", "epoch", "nhs",
    "siren", "siret", "tva", "iva",
)  # fmt: skip
"""How words begin that announce another kind."""
OTHER_WORDS = frozenset({"ref", "id", "port", "zip", "pin", "lot", "lotto", "loto"})


def is_phone(text: str, start: int) -> bool | None:
    """Whether the words before a number announce a phone number: the last one that says anything counts."""
    before = max(0, start - WINDOW)
    words = [(match[0].lower(), match.start()) for match in WORD.finditer(text, before, start)]
    for place in range(len(words) - 1, -1, -1):
        word, stands = words[place]
        if word in PHONE_WORDS or word.startswith(PHONE):
            return True
        if word in NUMBER_WORDS and not OWN.isdisjoint(earlier for earlier, _ in words[max(0, place - 2) : place]):
            return True
        if start - stands <= NEAR and (word in OTHER_WORDS or word.startswith(OTHER)):
            return False
    return None
