"""What the search knows of each language: its script, its stemmer and its small words."""

import re
import threading
from functools import cache, lru_cache

import Stemmer

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Languages whose words are stemmed, and Snowball's names of the stemmers."""

_SCRIPTS = {
    "ar": "Arabic", "be": "Cyrillic", "bg": "Cyrillic", "el": "Greek", "fa": "Arabic", "he": "Hebrew",
    "hi": "Devanagari", "hy": "Armenian", "ja": "Han", "kk": "Cyrillic", "ko": "Hangul", "mk": "Cyrillic",
    "mn": "Cyrillic", "mr": "Devanagari", "ne": "Devanagari", "ru": "Cyrillic", "sr": "Cyrillic", "ta": "Tamil",
    "th": "Thai", "uk": "Cyrillic", "ur": "Arabic", "yi": "Hebrew", "zh": "Han",
}  # fmt: skip
_LETTERS = re.compile(
    "(?P<Hangul>[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3])|(?P<Kana>[\u3041-\u30ff\u31f0-\u31ff])"
    "|(?P<Han>[\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
    "|(?P<Thai>[\u0e00-\u0e7f])|(?P<Cyrillic>[\u0400-\u052f])|(?P<Greek>[\u0370-\u03ff\u1f00-\u1fff])"
    "|(?P<Arabic>[\u0600-\u06ff\u0750-\u077f])|(?P<Hebrew>[\u0590-\u05ff])|(?P<Devanagari>[\u0900-\u097f])"
    "|(?P<Tamil>[\u0b80-\u0bff])|(?P<Armenian>[\u0530-\u058f])|(?P<Latin>[A-Za-z\u00aa-\u024f\u1e00-\u1eff])"
)

_MINOR = {
    "en": """a an and are as at be been but by can do does for from had has have how i in into is it its me my no not of
        on or our s so such that the their them then there these they this those to us was we were what when where which
        who why will with you your""",
    "es": """a al como con cual cuales cuando de del donde el ella en entre es esta este estas estos fue ha hacia hasta
        la las lo los mas me mi muy no o para pero por que quien se ser si sin sobre son su sus tambien un una unas unos
        y ya""",
    "fr": """a au aux avec c ce ces cette comme comment d dans de des du elle en est et etre il ils j je l la le les
        leur leurs lui mais n ne nos notre nous on ou par pas plus pour qu que quel quelle quelles quels qui quoi s sa
        se ses son sont sur un une vers vos votre vous y""",
    "de": """als am an auch auf aus bei bis das dass dem den der des die doch durch ein eine einem einen einer eines er
        es fur hat haben ich ihr ihre im in ist mit nach nicht noch nur oder sich sie sind so uber um und uns unser vom
        von vor war was welche wenn wer werden wie wir wird wo zu zum zur""",
    "pt": """a ao aos as com como da das de do dos e ela ele em entre era essa esse esta este eu foi ha isso mais mas me
        meu minha na nao nas no nos o os ou para pela pelo por qual quais quando que quem se sem ser seu sua sao sobre
        tambem um uma umas uns""",
    "it": """a ai al alla alle anche che chi ci come con cui da dal dalla dei del della delle di dove e ed gli ha i il
        in io la le lo ma mi nei nel nella non o per piu quale quali quando questo questa se si sono su sul sulla tra un
        una uno""",
    "nl": """aan al als bij dat de der die dit door een en er het hij hoe hun ik in is je kan maar met naar niet nog of
        om onder ons ook op over te tot uit van voor waar was wat we welke wie wij worden ze zij zijn zo""",
    "pl": """a ale co czy dla do i ich jak jako jest ktore ktory lub na nad nie o od oraz po pod przez przy sa sie ta
        tak te to tym u w z za ze""",
    "cs": """a aby ale ani az co do ho i jak je jeho jejich jen jsou k ke kde kdy ktera ktere ktery na nebo o od po pod
        pro pri s se si sou ta tak to u v ve z za ze""",
    "sv": "att av de den det ar en ett for fran har hur i inom med man och om pa sig som till under vad var vi",
    "da": "af at de den der det du en er et for fra har hvad hvor hvordan i med man og om pa sig som til under vi",
    "nb": "av at de den der det du en er et for fra har hva hvor hvordan i med man og om pa seg som til under vi",
    "fi": "ja on ei etta se ne kuin mika mita myos niin tai vai",
    "tr": "ve bir bu da de icin ile mi ne nasil o olan olarak ya",
    "id": "dan di yang untuk dari ke dengan pada ini itu adalah oleh dalam atau bagaimana apa",
    "ro": "a al ale ca ce cu cum de din este in la o pe pentru prin sa sau si sunt un una",
    "hu": "a az es egy hogy is mi nem vagy",
    "ru": """а без бы в во для до и из или их к как ко которые который кто ли мы на над не ни но о об от по под при с
        со так то у уже что чтобы это""",
    "uk": "а без в для до з за и із й на не о по при про та у що як",
    "ar": "في من على الى إلى عن مع ما هو هي هذا هذه التي الذي ان أن او أو و كيف",
    "hi": "और का की के को में से है हैं पर यह वह एक कैसे क्या लिए",
    "th": """การ ความ ที่ ของ และ ใน เป็น ให้ ได้ กับ จาก โดย เพื่อ สำหรับ อย่างไร หรือ มี ไม่ ว่า ซึ่ง แก่ ด้วย จะ
        นี้ นั้น อะไร""",
    "zh": """的 了 和 与 及 在 是 有 为 对 等 中 上 下 从 到 把 被 让 给 向 也 都 就 而 或 如何 怎么 怎样 什么 哪些 哪个
        这 那 个 之 以 其 一个 吗 呢 與 為 對 從 讓 給 這""",
}

_GENERAL = {
    "en": """approach approaches best case cases effort efforts example examples initiative initiatives measure measures
        policies policy practice practices program programme programmes programs project projects response scheme
        schemes service services solution solutions strategies strategy winning""",
    "ko": """개선 계획 관련 구축 노력 대응 대책 도입 모범 방안 방법 사례 사업 서비스 수상작 시민 시행 우수 운영 이용
        정책 제공 지원 추진 프로그램 프로젝트 해결 확대 활용""",
    "ja": "事業 事例 取り組み 取組み 取組 対応 対策 支援 政策 施策 方法 解決 解消 計画 活用 プログラム プロジェクト",
    "zh": "方案 方法 措施 案例 政策 支持 活动 活動 计划 計畫 項目 项目 解决",
    "es": """caso casos estrategia estrategias iniciativa iniciativas medida medidas plan planes politica politicas
        programa programas proyecto proyectos respuesta solucion soluciones""",
    "fr": """cas initiative initiatives mesure mesures plan plans politique politiques programme programmes projet
        projets solution solutions strategie""",
    "de": "beispiel beispiele initiative losung losungen massnahmen plan politik programm programme projekt projekte",
    "pt": """caso casos iniciativa iniciativas medida medidas plano politica politicas programa programas projeto
        projetos""",
    "it": """caso casi iniziativa iniziative misura misure piano politica politiche programma programmi progetto
        progetti""",
    "th": "โครงการ นโยบาย มาตรการ แผน กรณี",
}
"""What every case of a library of programmes is about: such words help to rank, but no case must hold them."""

_CITIES = {"en": "cities city town towns", "ko": "도시"}
"""Words for what every case is about, too, where they stand alone or beside a name: cities in Thailand, but not the
second word of smart city."""


def primary(language: str) -> str:
    """Give the language of a tag without region or script: zh for zh-Hant-TW."""
    return language.partition("-")[0].lower()


@cache
def minor_words(language: str) -> frozenset[str]:
    """Give the folded words of a language that say little: they count only when nothing else is asked."""
    return frozenset(_MINOR.get(primary(language), "").split())


@cache
def general_words(language: str) -> frozenset[str]:
    """Give the folded words of a language that any case could hold: they rank, but need not be there."""
    return frozenset(_GENERAL.get(primary(language), "").split())


@cache
def city_words(language: str) -> frozenset[str]:
    """Give the folded words for a city, which any case could hold."""
    return frozenset(_CITIES.get(primary(language), "").split())


def script_of(text: str) -> str | None:
    """Tell the script of the first letter of a text, None when it has none that is known; kana is one of its own."""
    found = _LETTERS.search(text)
    return found.lastgroup if found else None


def scripts_in(text: str) -> frozenset[str]:
    """Tell all the known scripts of a text."""
    return frozenset(found.lastgroup for found in _LETTERS.finditer(text) if found.lastgroup)


@cache
def script_for(language: str) -> str:
    """Tell in which script a language is written; most are written in Latin letters."""
    return _SCRIPTS.get(primary(language), "Latin")


_own = threading.local()


def _stemmer(language: str) -> Stemmer.Stemmer:
    """Give this thread's stemmer of a language: one must not be used by two threads at once."""
    made: dict[str, Stemmer.Stemmer] = _own.__dict__.setdefault("stemmers", {})
    if language not in made:
        made[language] = Stemmer.Stemmer(STEMMERS[language], 0)
    return made[language]


def is_plain(word: str) -> bool:
    """Tell whether a word has no digits; marks that some scripts write around their letters belong to it."""
    return not any(one.isnumeric() for one in word)


@lru_cache(maxsize=65_536)
def stem(word: str, language: str) -> str:
    """Cut the ending off a word in small letters with its accents; languages without a stemmer keep the word."""
    if language not in STEMMERS or len(word) < 3 or not is_plain(word):
        return word
    return str(_stemmer(language).stemWord(word))


def guess_language(words: list[str], among: frozenset[str], wished: str) -> str:
    """Guess the language of folded words by the small ones among them; without any, the wished one."""
    best, most = wished, 0
    for language in sorted(among, key=lambda one: (one != wished, one != "en", one)):
        count = sum(1 for word in words if word in minor_words(language))
        if count > most:
            best, most = language, count
    return best
