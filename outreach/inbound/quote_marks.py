"""How do mail programs begin what they quote, and how do telephones sign? In the languages our customers write.

Each pattern is asked of one line, or of a few joined ones, of at most a few hundred characters.
"""

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.I)


#: Words by which a heading says that somebody else wrote what follows: `Am 3. Mai schrieb Anna:`.
WROTE = _any(
    r"\b(?:wrote|writes|schrieb|schreibt|geschrieben|a [ée]crit|[ée]crivait|escribi[óo]|escribe|escreveu|"
    r"escreveram|ha scritto|scrisse|schreef|geschreven|skrev|skrifa[ðd]i|kirjoitti|napisa[łl]\w*|pisze|napsal|"
    r"nap[íi]sal|написала?|пишет|пише|написав|yazd[ıi]|[íi]rta|a scris|έγραψε|đã viết)\b|写道|寫道|님이 작성|"
    "のメール|さんは書きました",
)  # fmt: skip
#: A person says that of themselves: "as I wrote on 3 May:".
MYSELF = re.compile(
    r"\b(?:i|we|ich|wir)\b(?: \w+){0,2} (?:wrote|schrieb\w*|geschrieben)\b|\bschrieb(?:en)? (?:ich|wir)\b", re.I
)
#: Words such a heading begins with.
BEGINS = _any(
    r"(?:on|am|le|el|em|op|den|il|dne|dnia|w dniu|în|vào|a\(z\)|om|p[åa]|no dia|date|ons?|tor|fre|l[øo]r|s[øo]n|"
    "man|tir|ma|ti|ke|to|pe|la|su)\\b|\\d|\\S{1,80}@|[\\\"'<«]|\\w{2,12}[,.] ",
)  # fmt: skip
#: What shows that a program wrote the heading: a date, an hour or an address.
DATED = re.compile(
    r"\d{1,4}[./ -]\w{1,10}\.?[./ ,-]{1,3}\d{2,4}|\d{1,2}[:.h]\d\d|\S@\S|\b(?:19|20)\d\d\b|\d{1,2}\. ?\w{3,9}", re.I
)
#: Headings without a verb: `2018年5月3日(木) 10:20 Anna <a@b.example>:`.
BARE = re.compile(r".{0,10}\d{4}\s?[年/.-].{1,60}<\S{1,80}@\S{1,80}>\s?[:：]")

_FROM = r"from|von|de|da|van|fra|fr[åa]n|l[äa]hett[äa]j[äa]|od|от|від|kimden|felad[óo]|差出人|发件人|寄件者|보낸 ?사람"
_SENT = (
    "sent|date|gesendet|datum|envoy[ée](?: le)?|date d'envoi|enviad[oa](?: em| el)?|fecha|data|inviato|"
    "verzonden|sendt|skickat|dato|l[äa]hetetty|wys[łl]ano|odesl[áa]no|отправлено|дата|надіслано|g[öo]nderildi|"
    "tarih|elk[üu]ldve|送信日時|日付|发送时间|日期|보낸 ?날짜"
)
_TO = r"to|an|[àa]|para|aan|til|till|vastaanottaja|do|komu|кому|kime|c[íi]mzett|宛先|收件人|받는 ?사람"
_SUBJECT = (
    "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|[äa]mne|aihe|temat|p[řr]edm[ěe]t|тема|konu|"
    "t[áa]rgy|件名|主题|主旨|제목"
)
_LINE = r"[>\s*_]{{0,8}}(?:{names})\s?[*_]{{0,2}}\s?[:：].{{0,500}}"
#: The lines that Outlook puts above what it quotes.
HEADING = re.compile(
    _LINE.format(names=rf"{_FROM}|{_SENT}|{_TO}|{_SUBJECT}|cc|kopie|copie|reply-to|importance|organi[sz]ation"), re.I
)
HEADING_FROM = re.compile(_LINE.format(names=_FROM), re.I)
HEADING_SENT = re.compile(_LINE.format(names=_SENT), re.I)

#: A line above what is quoted or passed on.
RULE = _any(
    r"[\s>*]{0,8}(?:[-_=*]{3,}\s*(?:original|urspr|forwarded|reply above|message d.origine|message transf|"
    "mensaje|mensagem|weitergeleitete|oorspronkelijk|doorgestuurd|messaggio|oprindelig|ursprungligt|alkuper|"
    "wiadomo|p[ůu]vodn|исходное|пересыла|orijinal|eredeti|元のメッセージ|原始邮件|원본).{0,80}|"
    "(?:begin forwarded message|anfang der weitergeleiteten|d[ée]but du message (?:transf|r[ée]exp)|"
    r"inicio del mensaje reenviado|in[íi]cio da mensagem).{0,40})\s*",
)  # fmt: skip
#: A line drawn by itself.
DRAWN = re.compile(r"[\s>]{0,8}[-_=*~#]{10,}\s*")

_DEVICE = (
    r"i-?(?:phone|pad|pod)\w*|android\w*|blackberry\w*|mobil\w*|handy|telefon\w*|t[ée]l[ée]phone|phone|m[óo]vil|"
    r"celular|cellulare|smartphone\w*|samsung\w*|galaxy\w*|huawei\w*|pixel|xiaomi|redmi|nokia|windows|outlook|"
    r"mail|yahoo\w*|gmail|proton\w*|tablet\w*|device|ger[äa]t|handheld|wireless|spark|aol|verizon|motorola|moto|"
    r"htc|lg|sony|xperia|honor|oneplus|oppo|app|gmx|web\.de|t-online|telekom|orange|free|laposte|uol|bol|terra|"
    "kindle|macbook|mac|ios"
)


def _signed(*phrases: str) -> re.Pattern[str]:
    """DEVICE stands for the things people write mail with."""
    whole = "|".join(phrases).replace("DEVICE", _DEVICE)
    return re.compile(rf"\W{{0,4}}(?:{whole})\W{{0,4}}", re.I)


#: `Sent from my iPhone` and its like: a whole line, and short.
TELEPHONE = _signed(
    "(?:sent|mailed|gesendet|envoy[ée]|enviado|inviato|verzonden|sendt|skickat|l[äa]hetetty|wys[łl]ane|"
    r"odesl[áa]no|отправлено|надіслано|trimis)\b[^,;:?!]{1,50}?\b(?:DEVICE)\b[^,;?!]{0,60}",
    r"sent from (?:my )?[\w'’.+-]+(?: [\w'’.+-]+){0,4}",
    r"(?:get|hol dir|t[ée]l[ée]charge[rz]|obt[eé]n\w*|obter|ottieni|download) (?:o )?outlook .{1,40}",
    "outlook (?:f[üu]r|voor|pour|para|per) .{1,40}",
    r"(?:diese \S{1,12} wurde )?(?:von|mit) .{0,40}?\b(?:DEVICE)\b.{0,30} (?:gesendet|versendet|verfasst|"
    "geschrieben).{0,40}",
    ".{0,30}(?:から送信|发自我的|傳送自|에서 보냄|g[öo]nderildi).{0,30}", "发自.{1,30}",
)  # fmt: skip
