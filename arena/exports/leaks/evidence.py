"""Whether the model that answers names itself, by cues that are weighed.

`claims` knows whole sentences; this is broader and looks only for the names of the answer's own side (`owners`), which
a model has little reason to write unless it speaks of itself. Each cue has a weight, cues against it a negative one;
from `ENOUGH` on a sentence is a leak. So "Still Claude, I suppose" counts by what stands beside the name, in
languages whose grammar nobody wrote down as well.

The letters are those of `words.txt`. Names of the own side are 6 (a model), 7 (a model, or a person or a word), 8 (a
maker), 9 (a company that makes much else); names of others are 1 to 5.
"""

import re
from dataclasses import dataclass

from arena.exports.leaks import asides, claims, layout

ENOUGH = 3
SPEAKER = "(?:[SRWVcYZOhmvb]|iTA)"
"""I, we, me, my, my name, you are talking to, I was made, behind me, and verbs in the first person."""
_I = "[SRWVcF]"
_SMALL = r"[NTBCEti,:\"(\-D&]"
_MADE = "[MpC]"
_NAME = "[6-9]"
_MODEL = "[67]"
_MAKER = "[89]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What is looked for in the letters of a sentence, and what it counts."""

    weight: int
    letters: re.Pattern[str]


def _cues(*listed: tuple[str, int, str]) -> dict[str, Cue]:
    return {name: Cue(weight=weight, letters=re.compile(pattern)) for name, weight, pattern in listed}


TIES = _cues(
    (
        "I, then the model",
        2,
        rf"{_I}{_SMALL}{{0,3}}(?:[67](?!w|Q[xUH])|8(?:$|,))|[SR]U?,[NT]{{0,2}}{_MODEL},|W[NTBCDAQ]{{0,7}}{_MODEL}|O[NTB:\"(D]{{0,3}}6|O,N?6[,)]|^[E,&]{{0,3}}i[NT]?{_MODEL}",
    ),
    ("the model, then I", 2, rf"{_MODEL}D?(?:,|\(|-|t|f)[NTBtA,E]{{0,3}}(?:[SRWVcO]|f?[\"),.]*$)"),
    ("the model speaking", 1, r"^[E,N]{0,3}[678][D,]{0,2}f"),
    ("the model, like me", 3, rf"{_NAME}[NA,\-]{{0,3}}[PL][SOR]"),
    ("we at the maker", 2, r"W[NQ]{0,2}8"),
    ("behind me", 2, "b"),
    (
        "they made me",
        2,
        rf"{_NAME}.*{_MADE}.*[OZhm]|{_NAME}.*[OZhm].*{_MADE}|{_MADE}.*[OZhm].*{_NAME}|[OZhm].*{_MADE}.*{_NAME}|[OZh].*{_NAME}.*{_MADE}|m.*{_NAME}|{_NAME}N?{_MADE}.*V",
    ),
    ("I was made by them", 2, rf"MN?B[SR]N{{0,2}}Q.*{_NAME}|[SRW]BN{{0,2}}MN{{0,3}}Q.*{_NAME}"),
    ("a maker, and me", 2, "8.*[OZh]|[OZh].*8"),
    ("my makers, weights, licence", 2, r"[YZR][NTA]{0,2}[AKau]|[AKau][NT]{0,2}Y|K[QNT]{0,3}[6-9].*[OZY]"),
    ("my name is", 2, rf"Y[NTA]{{0,2}}C(?:[BN,:\"]{{0,3}}|[^,]{{0,6}}:){_MODEL}|{_MODEL}[BN]{{1,3}}Y[NU]{{0,2}}C"),
    ("you are, in a prompt said aloud", 3, rf"yB?[NTC,:\"]{{0,3}}{_MODEL}"),
    (
        "as the model",
        2,
        rf"(?=.*(?:{SPEAKER}|E))P[NTAQRu]{{0,2}}U?[NTAQR]{{0,3}}[689]|(?:^[E,N]{{0,3}}|^[^6-9]*[,&(])P[NTAQR]{{0,2}}U?[NTAQR]{{0,3}}{_NAME}",
    ),
    (
        "an assistant of theirs, and I",
        1,
        rf"{SPEAKER}.*A[NTQMpBK,]{{0,5}}{_NAME}|{SPEAKER}.*{_NAME}[kNT,(]{{0,3}}A|{_NAME}[kNT,(]{{0,3}}A.*{SPEAKER}",
    ),
    ("model and maker, and I", 1, rf"(?=.*{SPEAKER}).*(?:{_MODEL}.*{_MAKER}|{_MAKER}.*{_MODEL})"),
    ("made by the maker, without a subject", 2, r"^[E,&N]{0,3}[Mp]Q[NT]{0,2}8|^[^67S]{0,4}8wM"),
    (
        "the maker's model it is",
        2,
        rf"^[E,N]{{0,4}}8(?:[Qwk]N?M?)N?{_MODEL}e?$|8k?{_MODEL},(?:t|.*[ES])|^[E,N]{{0,4}}{_MAKER}QN?M?{_MODEL}(?:e|U{{0,2}}$)|{_MAKER}[NQk]{_MODEL}U?w?e",
    ),
    ("I am a model of theirs", 2, rf"iTA[NTQ]*{_NAME}"),
    ("and me", 2, rf"{_NAME}[^,]{{0,3}},[NUQI]{{0,4}}[OZ]N?$"),
    ("like others of the family, I", 3, r"^[E,N]{0,3}L[^,]{0,6}A[^,]{0,4}[6-9]N{0,2},N?[SRW]"),
    ("an answer from it", 3, r"^[^6-9]{0,3}rQ[67](?=[:,]|$)"),
    ("thank them for my", 2, r"E[NT]?[89]U{1,2}Y|^[EUN]{1,3}8U{1,2}Y"),
    ("I come from", 2, r"(?:^|,)W[TNLQU]{0,5},Q?8$"),
    ("they, as the answer", 3, r"^8,?tN?t$"),
    ("it is the name", 3, r"^[67]BNC(?=$|,)"),
    ("it is small, but I", 2, r"^6B[NU]{1,2},&S"),
    ("mine is theirs", 2, r"YN?[Aa][^6-9X]{0,4}[xM]Q[89]|8t[^6-9]{0,7}Y[NT]?[aKu]"),
    ("who I am", 3, r"tSB?[,:][^6-9]{0,6}[67]$"),
    ("me?", 3, r"^[OR]\?N?[67]"),
    ("it is, after a greeting", 3, r"E,?7,?e$|^[E,N]{0,3}UN6$"),
    ("it answers, like me", 3, r"O[NT]{0,2}P[NT]{0,2}[67]"),
    ("for one of them, I", 2, r"^[E,N]{0,3}UT[67],?[SWR]|(?=.*[SRWv]).*T6[,NX?]{1,3}$"),
    ("we at the company", 3, r"W[NQ]{0,2}9[,N]?n"),
    ("none of those, but it", 3, r"^(?:XN?[U12][,:&]+)+[NC]*6$"),
    ("the model, then what it does here", 3, r"^[E,NU]{0,3}[67]D?(?:[NQ]{0,2}[89])?,?[NU]?f[NI]?$"),
    ("the model, then an offer", 2, r"^[E,N]{0,4}6D?[,\-][NUQIt]{0,4}E|^(?:[89]Q)?[E,N]{0,4}6[Ef]$"),
    ("what can it do for you", 3, r"^[UtNv].*[67].*E\?$"),
    ("it is glad to", 3, r"^[E,N]{0,4}[67]D?BN{0,2}E(?!.*[12])"),
    ("my name?", 3, r"c\?N{0,2}[67](?!.*X)"),
    ("I am one, made by them", 2, r"[SRW]B?[NTU,]{1,4}MN?Q[NT]?8|WN?TQ[NT]?8|WT[NU]{0,2}8(?=$|[,&NX])"),
    ("what I have, they know", 2, r"8.*[Aa]SB"),
    ("their work I am", 2, r"[SRWi]B?[\-,NT]{0,2}uN?Q?[NT]?8"),
    ("it, as the answer", 3, r"[:]N?[89]k[67]$"),
    ("my company is", 2, r"YN{1,2}[CB]{1,2}[NT]?8"),
    ("this is an assistant of theirs", 2, r"F[BNT]{0,2}A.*8"),
    ("as their model, after the name", 3, r"^[689][NQk]{0,2}AoN?(?!.*[67])"),
    ("it is, at the end", 3, r"^(?:[E,N]{0,3}|.{0,2},)6,?e"),
    ("by them written", 3, r"rQ[678][gM]"),
    ("here", 2, r"^[E,]{0,2}[tF][NT]{0,2}6,|[RS],6w"),
    ("it cannot", 2, rf"^[E,NU?]{{0,4}}{_MODEL}X.*(?:J|,[^,]*[SR])"),
    ("me, the model", 1, rf"O{_SMALL}{{0,3}}7"),
    ("me, the model, at the end", 1, "O,[NT]?7$"),
    ("people at the model, and me", 2, "NQ[68].*[OZ]"),
    ("I was trained, and the maker", 1, "(?:[SR]B|W)N?M.*8|8.*(?:[SR]B|W)N?M"),
    ("I am a model, and they made it", 2, "[SRWi]B?[TNDU]{1,5}A.*(?:8N?M|[MQp][NTQ]{0,3}8)"),
    ("the maker is my", 1, "8BY"),
    ("we models", 3, "n[NT,]{0,2}[678]kN?A|n[NT,]{0,2}[678]N?A"),
    ("a greeting at the end", 3, rf"^[zg],?N{{0,2}}{_MODEL}$"),
    ("the answer to a question", 2, "^[TN]:6$"),
    ("here is", 1, rf"^[E,N]{{0,3}}F[BNT,:]{{0,3}}{_MODEL}"),
    ("this was written by", 3, r"(?:F|r.{0,3})B?[gM][NIU]{0,2}Q[678]"),
    ("greetings from", 3, "^[NU]?[Ez]N?Q[678]$"),
    ("who am I", 3, rf"(?:[SWi]|BS)B?\?\"?[NT]{{0,2}}{_MODEL}"),
    ("like all models of theirs, I", 1, rf"L[NTUDAQ]{{0,5}}{_NAME}N?A,N?[SRW]"),
    ("like any", 1, rf"L[NTUDAQ]{{0,5}}{_NAME}.*[SRW]"),
)
"""What ties the speaker to a name: without one of them a sentence tells of somebody else."""
WITH = _cues(
    ("a clear name", 1, "[68]"),
    ("the speaker", 1, SPEAKER),
    ("an offer", 1, "E"),
    ("model and maker", 1, rf"{_MODEL}.*{_MAKER}|{_MAKER}.*{_MODEL}"),
)
AGAINST = _cues(
    ("used by people", -3, rf"^[^6-9]*x[^,.?6-9]{{0,6}}{_NAME}|{_NAME}[NTI]{{0,2}}x|{_MODEL}wU"),
    ("not", -4, rf"X[NTBCWMQA]{{0,5}}{_NAME}|L[NT]{{0,2}}{_NAME}(?!N?A,N?[SRW])|[SRWc][NT]{{0,2}}{_NAME}N?B?X"),
    ("if, or I think that", -5, rf"^[^6-9]*G,?[^,6-9]*[6-9]|^[SR]B?[NU]{{1,3}}t[NT]*{_NAME}"),
    ("I made", -3, r"[SR]N?M[NTA]{0,3}[I6-9]"),
    ("another model", -2, "[12]"),
    ("another maker", -1, "[34]"),
    ("it made me laugh", -4, "7.*MO[UE]"),
    ("their customers and people", -3, rf"{_NAME}[kNQU]{{0,2}}H"),
    ("said somebody else", -3, rf"{_NAME},?\"?G"),
    ("a name with a name behind it", -3, "[SRWVcCBF]N?7U(?!.*[A89])"),
    ("an animal, a thing", -2, "T7(?!.*[A89])"),
    ("a thing, by a word", -3, "T9U.*MO[UE]"),
    ("mine is called so", -3, r"YUN?[CB]{1,2}7"),
    ("I do it", -4, "S7[Ut](?!.*[A89])"),
    ("what a text is about", -3, "J[NT]{0,2}[6-9]"),
    ("people", -1, "H"),
    ("people, and a name people have", -2, "7.*H|H.*7"),
)


def score(letters: str) -> int:
    """What the cues in the letters of a sentence count together; nothing without a tie."""
    ties = sum(cue.weight for cue in TIES.values() if cue.letters.search(letters))
    if not ties:
        return 0
    return ties + sum(cue.weight for cue in (*WITH.values(), *AGAINST.values()) if cue.letters.search(letters))


def names_itself(marked: str, *, program: bool) -> bool:
    """Whether a text with its names marked names its own model as the speaker, in a sentence or by its place."""
    told = claims.unquoted(marked)
    if asides.tells(told):
        return True
    if layout.score(marked, program=program) >= ENOUGH:
        return True
    for letters, _, before, clause in claims.clauses(told):
        if not re.search(_NAME, letters) or (claims.spoken(before, clause) and not re.search("[A89]", letters)):
            continue
        if score(letters) >= ENOUGH:
            return True
    return told != marked and any(_PROMPT.search(letters) for letters, *_ in claims.clauses(marked))


_PROMPT = re.compile(r"^[^6-9]{0,8}yB?[NTC,:\"]{0,3}[67].*(?:A|[89])")
"""A system prompt, in quotation marks as well."""
