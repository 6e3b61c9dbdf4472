# ruff: noqa: RUF001 - words of other languages have letters that look like those of English
"""National ids that a word announces: there the form is enough, with or without its check digits.

A number called by its own name is one even where it is mistyped, and a mistyped one still tells who it was.
"""

from dataclasses import dataclass

J = r"[ .-]?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that announces a number."""

    small: str
    whole: bool = False
    """It is no part of a longer word."""
    capitals: bool = False
    """It is written in capitals: in small letters it is a word of some language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One kind of number that needs a word before it."""

    words: tuple[Word, ...]
    form: str


def _announced(words: str, form: str) -> Announced:
    """Words with `=` before those that are whole, `^` before those in capitals, and `_` for a space."""
    return Announced(
        words=tuple(
            Word(small=word.lstrip("=^").replace("_", " ").lower(), whole=word[0] in "=^", capitals=word[0] == "^")
            for word in words.split()
        ),
        form=form,
    )


ANNOUNCED = (
    # English
    _announced("=ssn =ssns social_security =itin", r"\d{3}[ .-]?\d{2}[ .-]?\d{4}"),
    _announced("=nhs", rf"\d{{3}}{J}\d{{3}}{J}\d{{4}}"),
    _announced("=pps =ppsn", rf"\d{{7}}{J}[A-Z]{{1,2}}"),  # Ireland
    _announced("national_insurance =nino =ni", rf"[A-Z]{{2}}{J}\d{{2}}{J}\d{{2}}{J}\d{{2}}{J}[A-D]"),
    _announced(  # Canada, Australia
        "^SIN ^NAS ^TFN social_insurance assurance_sociale tax_file",
        rf"\d{{3}}{J}\d{{3}}{J}\d{{3}}",
    ),
    _announced("medicare =sa_id =ird", r"\d{4} ?\d{5} ?\d|\d{13}|\d{2,3}-?\d{3}-?\d{3}"),
    _announced("=nric =fin", r"[STFGM]\d{7}[A-Z]"),
    # German
    _announced("sozialversicherung =svnr sv-n", rf"\d{{4}}{J}\d{{6}}"),  # Austria
    _announced("rentenversicherung sozialversicherung =rvnr sv-n", r"\d{2} ?\d{6} ?[A-Z] ?\d{3}"),
    _announced("ausweis reisepass", r"[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?"),
    _announced("krankenversicher versichertennummer =kvnr", r"[A-Z] ?\d{3} ?\d{3} ?\d{3}"),
    _announced(
        "steuernummer =st.-nr =st.nr =stnr steuer-id steuerid identifikationsnummer =idnr =tin",
        r"\d{2,3}/\d{3,4}/\d{4,5}|\d{5}/\d{5}|\d{2}[ ./-]?\d{3}[ ./-]?\d{3}[ ./-]?\d{3}|\d{13}",
    ),
    # French
    _announced(
        "registre_national rijksregister =niss =insz",
        r"\d{2}[ .]?\d{2}[ .]?\d{2}[ -]?\d{3}[ .-]?\d{2}|\d{6}[ -]?\d{3}[ -]?\d{2}",
    ),
    _announced(
        "sécurité_sociale =sécu ^NIR =vitale securite_sociale =secu =n°_ss",
        r"[12][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2])[ .]?\d[0-9AB][ .]?\d{3}[ .]?\d{3}(?:[ ./-]{0,3}\d{2})?",
    ),
    _announced("fiscal =spi impôt", r"[0-3]\d(?: ?\d{2} ?\d{3} ?\d{3} ?\d{3}|\d{11})"),
    # Spanish
    _announced("=dni =nif =nie", r"[XYZ]?[ .-]?\d{1,2}[. ]?\d{3}[. ]?\d{3}[ -]{0,3}[A-Z]?"),
    _announced(
        "seguridad_social =nss =n.s.s", r"\d{2}[ /-]?\d{8}[ /-]?\d{2}|\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{4}[ -]?\d"
    ),
    _announced("=cuit =cuil =cuip =curp", r"[23]\d[ -]?\d{8}[ -]?\d|[A-Z]{4}\d{6}[A-Z]{6}[A-Z\d]\d"),
    _announced("=rfc", r"[A-Z&Ñ]{4}[ -]?\d{6}[ -]?[A-Z\d]{3}"),
    _announced("=rut =run", r"\d{1,2}\.?\d{3}\.?\d{3} ?- ?[\dK]|\d{7,8}[\dK]"),
    _announced(
        "cédula cedula ^CI =c.i =c.c ^CC",
        r"[VE]?-?\d{1,2}\.?\d{3}\.?\d{3}(?:-\d)?|\d{1,3}(?:\.\d{3}){2,3}(?:-\d)?|\d{10}|\d{9}-\d"
        r"|\d{3}-?\d{7}-?\d|\d{6,10}",
    ),
    # Portuguese
    _announced("=cpf", r"\d{3}[. ]?\d{3}[. ]?\d{3}[ ./-]{0,3}\d{2}"),
    _announced("=cnpj", r"\d{2}[. ]?\d{3}[. ]?\d{3}[ /]?\d{4}[ -]?\d{2}"),
    _announced("=rg =r.g identidade", r"(?:MG|SP)?[ -]?\d{1,2}\.?\d{3}\.?\d{3}[ -]?[\dX]?"),
    _announced(
        "=pis =pasep =nis =nit =cnh eleitor =niss habilitação =sus =cns",
        r"\d{3}\.?\d{5}\.?\d{2}-?\d|\d{11,12}|\d{4} \d{4} \d{4}|\d{3} ?\d{4} ?\d{4} ?\d{4}",
    ),
    _announced(
        "=nif contribuinte utente =sns segurança_social",
        rf"\d{{3}}{J}\d{{3}}{J}\d{{3}}|\d{{11}}",
    ),
    _announced(
        "cartão_de_cidadão cartao_de_cidadao cartão_cidadão cartao_cidadao =cc =bi",
        r"\d{8}[ -]?\d ?[A-Z]{2}\d|\d{8}[ -]\d",
    ),
    # Italian
    _announced("codice_fiscale cod._fisc cod.fisc =cf =c.f", r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]"),
    _announced("carta_d'identit carta_di_identit carta_d’identit =cie =c.i =ci", r"[A-Z]{2} ?\d{5,7} ?[A-Z]{0,2}"),
    _announced("patente tessera_sanitaria", r"[A-Z][A-Z\d] ?\d{7} ?[A-Z]|U1[A-Z\d]{7}[A-Z]|\d{20}"),
    # Dutch
    _announced(
        "=bsn burgerservice =sofi sofinummer",
        rf"\d{{9}}|\d{{4}}{J}\d{{2}}{J}\d{{3}}|\d{{3}}{J}\d{{3}}{J}\d{{3}}|\d{{2}}{J}\d{{3}}{J}\d{{4}}",
    ),
    _announced("paspoort identiteitskaart rijbewijs id-kaart", r"[A-NP-Z]{2}[A-NP-Z0-9]{6}\d|\d{10}|\d{3}-\d{7}-\d{2}"),
    # Turkish
    _announced(
        "kimlik kımlık ^TC ^T.C =tckn =tc_no",
        rf"[1-9]\d{{2}}{J}\d{{3}}{J}\d{{3}}{J}\d{{2}}|[1-9]\d{{10}}|[A-Z]\d{{2}}[A-Z]\d{{5}}",
    ),
    _announced("vergi =vkn =sgk ehliyet =sicil", rf"\d{{3}}{J}\d{{3}}{J}\d{{4}}|\d{{10,13}}|\d{{6}}"),
    # Indonesian
    _announced(
        "=nik =ktp kependudukan kartu_keluarga ^KK =no._kk =nkk =nomor_kk",
        rf"\d{{4}}{J}\d{{4}}{J}\d{{4}}{J}\d{{4}}|\d{{6}}{J}\d{{6}}{J}\d{{4}}"
        rf"|\d{{2}}\.\d{{2}}\.\d{{2}}\.\d{{6}}\.\d{{4}}",
    ),
    _announced(
        "=npwp =bpjs ^SIM surat_izin",
        r"\d{2}\.?\d{3}\.?\d{3}\.?\d-?\d{3}\.?\d{3}|\d{16}|\d{13}|\d{12}|\d{4}-\d{4}-\d{4,6}",
    ),
    # Hindi and English of India
    _announced("aadhaar aadhar adhaar adhar uidai =uid आधार", rf"\d{{4}}{J}\d{{4}}{J}\d{{4}}(?:{J}\d{{4}})?"),
    _announced("=pan पैन", r"[A-Z]{5} ?\d{4} ?[A-Z]"),
    _announced("voter =epic मतदाता वोटर", r"[A-Z]{3} ?/?\d{7}"),
    _announced(
        "driving_licence driving_license driver's_licen drivers_licen driver_licen driver’s_licen ड्राइविंग",
        r"[A-Z]{2}[ -]?\d{2}[ -]?(?:19|20)\d{2}[ -]?\d{7}|[A-Z]\d{3}-?\d{3,4}-?\d{2,4}-?\d{0,4}-?\d?"
        r"|[A-Z]\d{7}|[A-Z]{5}\d{6}[A-Z\d]{5}",
    ),
    # Arabic
    _announced(
        "هوي إقام اقام قومي وطني المدني مدنية بطاق شخصي تعريف ضريبي",
        r"[12]\d{9}|[12](?: ?\d{3}){3}|784[ -]?\d{4}[ -]?\d{7}[ -]?\d|[23]\d{13}"
        r"|[23](?:[ -]?\d{2}){3}[ -]?\d{2}[ -]?\d{4}[ -]?\d|[123]\d{11}|\d{18}|9\d{9}|2\d{9}"
        r"|[A-Z]{1,2}\d{5,6}|\d{14}|\d{11}|\d{8}(?!\d)|\d{9}",
    ),
    # Chinese
    _announced(
        "身份证 身分證 身份證 证件 證件 社保 公民身份 驾驶证 驾照 駕照 居住证 社会保障",
        r"\d{6} ?\d{8} ?\d{3}[\dX]|\d{15}(?!\d)|[A-Z]{1,2}\d{6} ?\(?[\dA]\)?|[A-Z][1289]\d{8}|[157]/\d{6}/\d"
        r"|[157]\d{6}\(\d\)",
    ),
    _announced("护照 護照 通行证 通行證 台胞证", r"[A-Z]{1,2} ?\d{7,9}|\d{9}"),
    # Japanese
    _announced("マイナンバー 個人番号 マイナ", rf"\d{{4}}{J}\d{{4}}{J}\d{{4}}"),
    _announced("免許", rf"\d{{12}}|\d{{4}}{J}\d{{4}}{J}\d{{4}}|\d{{2}}{J}\d{{2}}{J}\d{{6}}{J}\d{{2}}"),
    _announced("年金 保険者 被保険 保険証 雇用保険", r"\d{4}[ -]?\d{6}(?:[ -]\d)?|\d{4}-\d{6}-\d|\d{8}"),
    _announced("在留", r"[A-Z]{2} ?\d{8} ?[A-Z]{2}"),
    # Korean
    _announced("주민 외국인등록 민번", r"\d{6}[ -]{0,3}\d{7}"),
    _announced("면허", r"\d{2}-?\d{2}-?\d{6}-?\d{2}|[가-힣]{2}[ -]?\d{2}-?\d{6}-?\d{2}"),
    # Everywhere
    _announced(
        "passport reisepass passeport pasaporte passaporto passaporte paspoort pasaport paspor パスポート "
        "旅券 여권 पासपोर्ट جواز",
        r"[A-Z]{1,3} ?\d{6,8}|\d{2}[A-Z]{2}\d{5}|\d{8,9}|[A-Z]\d{2}[A-Z]\d{5}|[A-Z]\d{3}[A-Z]\d{4}|C[A-Z0-9]{8}",
    ),
)
"""By the words that announce them, and how they are written there."""
GENERAL = _announced(
    "identity_card =id_card =id_no =id_number national_id identification_number personalausweis "
    "ausweisnummer führerschein carte_d'identit carte_d’identit numéro_d'identit =cni permis_de_conduire "
    "documento_de_identidad documento_d'identit =dui carné_de carnet_de licencia_de_conduc carta_de_conduç "
    "identiteitskaart rijbewijsnummer kimlik ehliyet nomor_identitas पहचान رقم_الهوية الهوية رخصة 证件号 "
    "身分證字號 신분증",
    r"[A-Z]{0,3}[ -]?\d{6,18}[A-Z]{0,2}|[A-Z]\d{3}[A-Z\d]{6}\d"
    r"|[A-Z]{0,2}\d{1,8}(?:[./-]\d{1,8}){1,5}(?:-?[A-Z])?|\d{3,6}(?: \d{2,6}){1,4}",
)
"""What may be any country's: any number that is long enough and no date."""
