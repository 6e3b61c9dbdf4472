"""Words by which one and the same prompt may differ: articles, courtesy, and the frames in which people ask.

Whatever turns a question into another one is not here: numbers, names, negations, prepositions that lead elsewhere
(with, without, from, to), question words, and whatever says how much or which. All is written as `wording` folds it:
small letters, without accents.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

WORDS: Final = frozenset(
    # English
    "a an the teh of and adn please kindly just simply actually basically really maybe perhaps also so well then now hey hi "
    "hello thanks thank thx ok okay but anyway exactly still i me my you your we us our is are am be do does did would could should can will shall "
    "may might that this these those there it its some any quick quickly briefly "
    # German
    "der das den dem des ein eine einen einem einer eines und bitte mal doch eben einfach vielleicht eigentlich auch ja "
    "hallo danke ich mir mich mein meine du dir dich dein deine sie ihnen wir uns unser es ist sind sei kannst konntest "
    "konnen konnten kann wurde wurdest mochte gern gerne kurz schnell denn genau also mochtest "
    # French
    "le la les l un une des du de d et s il te plait vous svp stp merci bonjour salut je j moi me mon ma mes tu toi ton "
    "ta tes votre vos nous notre nos est sont c ce cette ces peux pouvez pourrais pourriez peut voudrais aimerais "
    "simplement juste donc rapidement mais alors deja "
    # Spanish, Portuguese, Italian
    "el los las lo una unos unas del al y e por favor gracias hola yo mi mis tu tus su sus usted nos es son esta este "
    "esto puedes puede podrias podria pueden quiero quisiera quiere solo simplemente pues rapidamente oye bueno pero entonces "
    "o os as um uma uns umas do da no na obrigado obrigada ola oi eu meu minha seu sua voce voces se ele ela pode "
    "poderia consegue quero queria gostaria apenas so entao afinal mas ei "
    "il i gli lo uno dei degli delle della dello dell un di grazie ciao salve io mio mia tuo tua lei e sono questo questa "
    "puoi potresti puo potrebbe vorrei semplicemente allora ma senti per favore piacere cortesia "
    # Dutch
    "het een van en alsjeblieft alstublieft graag even gewoon misschien ook hoi dank bedankt ik mij mijn jij je jouw u uw "
    "wij ons onze is zijn kun kunt kan zou zouden wil dus "
    # Turkish, Indonesian
    "bir ve lutfen sadece acaba merhaba selam tesekkurler tesekkur ederim ben bana benim sen sana siz mi mu misin musun "
    "misiniz musunuz yeter "
    "tolong mohon saya aku kamu anda yang dan itu ini bisa bisakah dapatkah halo hai terima kasih dong ya sih coba "
    # Russian
    "и пожалуиста просто можешь можете мог могли бы ли мне меня я ты вы вам нам мы это привет здравствуите спасибо "
    "хочу хотел хотела же ну а так вот еще "
    # Arabic, Hindi (its vowel signs stay)
    "من فضلك رجاء لو سمحت هل يمكنك ممكن ان لي انا انت شكرا مرحبا السلام عليكم اريد ارجو جزيلا طيب ما هي هو "
    "कृपया क्या आप मुझे मैं का की के है हैं को में एक और नमस्ते धन्यवाद जरा "
    .split()
)  # fmt: skip

FRAMES: Final = """
i was wondering if you could|can|would / i wonder if you could|can|would / do|would you mind / would you be able to
i|we need|want|like|love you? to know|learn|understand|ask|hear? / i|we would like|love you? to know|learn|ask|hear?
i|we d like|love you? to know|learn|ask|hear? / i|we am|are trying|looking to / i m trying|looking to / i|we re trying|looking to
can|could|would|will you please? help me|us to? / can|could|would|will you please? tell|show|give me
help me to? / tell|show|give me / let me know / do|can you know / for me
thank you so|very? much? / thanks so|very? much? / thanks|thank you? a lot / thanks|thank you? in advance
thanks|thank you? for your|the help / thank you so much in advance / thanks a lot in advance
if possible / if you can|could / if you do not mind / as soon|quickly as possible / as soon|quickly as you can
i d|would really? appreciate it? if you could|can|would / i hope you can help me? with? this? / quick question / i have a? quick? question
sorry to bother you / sorry for bothering you / would love it? if you could|can / i d love it? if you could|can / be so kind and|to / any chance you could|can
good morning|afternoon|evening / hi|hello|hey there
kannst|konntest|wurdest du mir|uns? bitte? mal? helfen? / konnen|konnten|wurden sie mir|uns? bitte? mal? helfen?
ich mochte|wurde|will|hatte gern|gerne? wissen? / guten tag|morgen|abend / vielen|besten|herzlichen dank im? voraus?
fur mich / hilf mir / sag|sagen mir / mir sagen / danke im voraus / danke dir|ihnen|schon
est ce que tu|vous peux|pouvez|pourrais|pourriez / tu|vous peux|pouvez|pourrais|pourriez m? aider? a?
peux|pouvez|pourrais|pourriez tu|vous m? aider? a? / s il te|vous plait / je voudrais|veux|aimerais que? savoir? tu?
dis|aide moi a? / merci beaucoup|d|par avance? / merci d avance / pour moi
puedes|podrias|puede|podria por? favor? ayudarme|decirme? a? / me gustaria|puedes|podrias saber? / muchas|mil gracias
gracias? de antemano / buenos|buenas dias|tardes|noches / ayudame a / para mi
voce? pode|poderia|consegue por? favor? me? ajudar|dizer? a? / muito obrigado|obrigada / desde ja / bom|boa dia|tarde|noite
me diga / me ajude a / para mim / obrigado|obrigada desde ja
mi? puoi|potresti|puo|potrebbe per? favore? aiutare|dire? a? / grazie mille / grazie in anticipo / aiutami a / per me
kun|kunt|zou|kan je|jij|u me|mij? alsjeblieft|alstublieft? kunnen? helpen? / ik wil|zou graag? willen? weten / alvast bedankt
dank je|u wel? / voor mij / help me / bana? yardim et / bana? yardim eder misin / cok tesekkurler / rica etsem
apakah|bisakah kamu|anda bisa|dapat? / bantu saya / terima kasih banyak? / untuk saya
не? мог|могла|могли|можешь|можете бы? ли? ты|вы? / я хочу узнать? / я хотел|хотела бы узнать? / помоги|помогите мне
скажи|скажите|подскажи|подскажите мне? / расскажи|расскажите мне / заранее|большое спасибо / добрыи день|вечер
доброе утро / для меня
"""
"""Frames of several words: `a|b` is one of two, and what ends in `?` may be missing. Parted by a stroke or a line."""

SIGNS: Final = re.compile(
    # Chinese, in both scripts
    r"请问|請問|那么|那麼|其实|其實|到底|究竟|麻烦(?:你|您)?|麻煩(?:你|您)?|(?:你|您)?(?:能不能|可不可以|是否可以|能否|可否)|"
    r"(?:你|您)?(?:可以|能)(?=帮|幫|给|給|告诉|告訴|为|為|教)|帮(?:我|忙)|幫(?:我|忙)|[给給为為替]我|"
    r"我(?:想(?:要|知道|请|請|问|問)?|需要)(?:你|您)?|告诉我|告訴我|一下|谢谢(?:你|您)?|謝謝(?:你|您)?|你好|您好|"
    r"[请請吗嗎呢吧啊呀的地得了]|[你您我](?=$|[^一-龥])|"
    # Japanese
    r"(?:ください|下さい|くれますか|くれませんか|もらえますか|もらえませんか|いただけますか|いただけませんか|頂けますか|"
    r"欲しいです|ほしいです|ちょうだい)|(?:を)?(?:よろしく)?(?:お願い(?:し|いたし|致し)ます|お願い)|よろしく|すみません(?:が)?|こんにちは|ありがとう"
    r"(?:ございます)?|ちょっと|ぜひ|どうか|でしょうか|ですか|ますか|です|ます(?=$|[。\s])|[をはがのねよか](?=$|[^一-龥ァ-ヶ])|[をはがの]|"
    # Korean: courtesy, and the particles at the end of a word
    r"안녕하세요|감사(?:합니다|해요)|고마워요?|혹시|제발|조금|좀|부탁(?:드려요|드립니다|드릴게요|해요|해)?|"
    r"(?:해|어|아|여|려|라|줘)?\s*(?:주세요|주실래요|주시겠어요|주십시오|줄래요?|줄 수 있(?:어요?|나요|을까요)|주실 수 있(?:어요|나요|을까요)|줘요?)|"
    r"근데|그런데|그래서|[은는을를]|요(?=$|[\s.,?!])"
)
"""Courtesy and particles of the languages that are written without spaces, and of Korean."""


def without(words: Sequence[str]) -> Iterator[str]:
    """Words without the light ones, and without the frames, the longest first."""
    place = 0
    while place < len(words):
        length = next(
            (len(frame) for frame in STARTS.get(words[place], ()) if words[place : place + len(frame)] == frame), 0
        )
        if not length and words[place] not in WORDS:
            yield words[place]
        place += length or 1


def _starts() -> Mapping[str, Sequence[list[str]]]:
    """The frames by their first word, longest first."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for frame in itertools.chain(*(line.split(" / ") for line in FRAMES.strip().split("\n"))):
        choices = [
            (*word.removesuffix("?").split("|"), *([""] if word.endswith("?") else [])) for word in frame.split(" ")
        ]
        for chosen in itertools.product(*choices):
            words = tuple(filter(None, chosen))
            found[words[0]].add(words)
    return {first: sorted(map(list, frames), key=lambda frame: (-len(frame), frame)) for first, frames in found.items()}


STARTS: Final = _starts()


GIVING: Final = frozenset(
    "give share suggest provide propose offer list name recommend show tell "
    "gib nenne gebe zeige nenn schlage donne propose cite suggere indique montre "
    "dame da dime sugiere propon recomienda nombra de liste cite sugira diga recomende "
    "dammi dai elenca suggerisci proponi geef noem назови предложи посоветуи подскажи даи перечисли".split()
)
"""Ways of asking for something, at the beginning: what is asked for says the rest."""
ONE_OF: Final = {
    word: group.split()[0]
    for group in (
        "write compose draft create make generate produce craft",
        "fast quick fastest quickest",
        "big large",
        "begin start",
        "buy purchase",
        "fix correct repair",
        "short brief",
        "kid child kids children",
        "movie film",
        "grey gray",
        "mom mum mother",
        "explain describe",
        "help assist",
        "holiday vacation",
        "probably likely",
        "although though",
        "schreibe schreib verfasse erstelle",
        "escribe redacta crea compon",
        "ecris redige compose cree",
        "escreva redija crie",
        "scrivi componi crea",
        "напиши составь создаи",
    )
    for word in group.split()
}
"""Words that say the same in a prompt."""
