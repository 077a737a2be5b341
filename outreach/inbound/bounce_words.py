"""In which words do mail programs say that a message did not arrive, and why?

Enhanced status codes (RFC 3463) are asked first, but half of what comes back has none, or 5.0.0, or one that the words
contradict. In doubt an address is not dead: the next message finds out, and a living customer is not shut out.
"""

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.I)


#: The local part of somebody who reports on mail.
DAEMON = re.compile(
    r"(?:(?:mailer|mail|e?smtp|deliver(?:y|er)?|network)[-_.]?(?:daemon|deliver(?:y|er)|error|failure|system|subsystem|"
    r"returned)[\w.-]*|p+o+s+t?[-_.]?master\w*|m?daemon|mail[-_.]?admin|mailadm|double-?bounces?|mdaemon|"
    r"mail\.delivery\.system|[\w.-]*_smtp_[\w.-]*|mmdf|uucp|inetgw\d*|imss|bounces?|microsoftexchange[0-9a-f]{8,})",
    re.I,
)
DAEMON_NAME = _any(
    "mail(?:er)?[ -]?(?:delivery|daemon)", "delivery (?:sub)?system", "mail system", "postmaster",
    "microsoft (?:outlook|exchange)$", "message transfer agent", "internet mail", "システム",
)  # fmt: skip

SUBJECT = _any(
    "undeliver", "(?:non|un)[- ]?deliver", "not (?:be )?delivered", "unable to deliver", "could not deliver",
    r"deliver(?:y|ing)? (?:\w+ ){0,3}(?:fail|problem|delay|error|report|notif|unsuccess|incomplete|warning|"
    "has fail)",
    "rejected mail", r"(?:fail(?:ed|ure)|error)[:, ]+(?:\w+ ){0,3}(?:mail|message|deliver|notice)",
    r"\b(?:e-?mail|message) (?:delivery )?(?:fail|error|bounce|delay|status|undeliv|returned|could not|blocked|"
    "you sent blocked)",
    "return(?:ed|ing)[ :]+(?:e-?mail|message|to sender)", "mail (?:system )?error",
    r"\bnotificat\w+ d['e ].{0,12}(?:tat|chec)", r"\bbounce", "processing error", "user unknown",
    "mailbox (?:is )?(?:full|unavailable)", "warning: (?:could not|message)", "still being retried", "delayed mail",
    "unzustellbar", "nicht zustellbar", "zustell(?:ung|bar).{0,30}(?:fehl|gescheitert|verz)", "fehlgeschlagen",
    "non (?:re(?:mis|capitabil)|distribu|consegna)", "(?:é|e)chec de (?:la )?(?:remise|distribution)",
    "mancat[ao] (?:recapito|consegna)", "impossibile (?:recapitare|consegnare)",
    "no (?:se (?:puede|pudo|ha podido) )?entrega", "n(?:ã|a)o (?:foi )?(?:entreg|p(?:ô|o)de)",
    "falha (?:na|de) entrega", "fallo (?:en|de) (?:la )?entrega", "niet (?:te )?(?:bezorg|afgelever)", "onbestelbaar",
    "kan inte levereras|gick inte att leverera", "toimitus.{0,20}ep(?:ä|a)onn", "не доставлен|недоставлен",
    "nie (?:można|udało).{0,20}dostarcz|niedostarcz", "nedoru[cč]", "kézbesíthetetlen",
    "配信(?:不能|エラー|失敗|され)", "エラーメール", "送信(?:でき|エラー|不能)", "退信|投递失败|无法投递|退回",
    "반송|배달 실패", "utilisateur non recens",
)  # fmt: skip

#: The notice says that a message did not arrive.
FAILED = _any(
    "(?:could ?n[o']t|cannot|can't|was(?:n't| not)|not|unable to|were not|"
    r"failed to) (?:be )?(?:\w+ )?(?:deliver|reach|sent\b|process)",
    "undeliver", r"deliver\w*(?: \w+){0,6} (?:fail|abort|unsuccess|not possible|impossible|error)", "non-?delivery",
    r"(?:fail(?:ed|ure)|error|unsuccessful|abort|problem)\w*(?: \w+){0,5} deliver",
    "message (?:was )?(?:rejected|returned|refused|blocked|bounced)",
    r"(?:did|does|has) not (?:\w+ )?(?:reach|receive|been delivered)", "not (?:yet )?been delivered",
    "returned (?:to (?:you|sender)|mail|message|unopened)", "return(?:ing|ed) (?:your|the|this) (?:mail|message)",
    r"(?:permanent|fatal|unrecoverable|transient)\w* (?:delivery |fatal )?(?:error|fail)",
    r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b",
    r"\b(?:said|error|response|reason|smtp)\W{1,12}(?:smtp\W{1,4})?[45]\d\d\b", r"^\W{0,4}55[0-4][ -]",
    r"(?:user|recipient|mailbox|host|domain)s?'?s? (?:\w+ ){0,3}(?:unknown|not found|is full|disabled|"
    "unavailable|could not be found)",
    "unknown (?:user|recipient|host|mailbox|address)", "no such (?:user|recipient|mailbox)",
    r"(?:email|mail|message) (?:that )?you sent (?:\w+ ){1,3}(?:rejected|blocked|bounced|returned)",
    "retry time|retries? exceeded|giv(?:en|ing) up", r"nicht (?:\w+ )?(?:zugestellt|erreicht|ermittelt|ausgeliefert)",
    "unzustellbar", r"n'a (?:\w+ ){0,3}(?:être|etre) (?:\w+ )?(?:remis|d[eé]livr|distribu|transmis)",
    "non (?:remis|d[eé]livr|distribu)", "no (?:se )?(?:ha )?(?:pudo|podido|puede|fue)(?: ser)? entreg",
    r"n(?:ã|a)o (?:p(?:ô|o)de|foi|pode)(?: \w+){0,2} entreg",
    "impossibile (?:recapitare|consegnare)|non (?:è|e'?) stat[oa] (?:possibile )?(?:recapit|consegn)",
    "niet (?:worden )?(?:bezorgd|afgeleverd|aangekomen)", "не (?:было |может быть |удалось )?(?:доставл|достав)",
    "(?:配信|配送|送信|お?届け)(?:が|は)?(?:でき|不能|され)", "存在しません|見つかりません",
    "无法(?:投递|送达|发送)|退信|被退回", "반송",
)  # fmt: skip

#: Only mail programs put it so; people write about parcels that did not arrive.
FORM = _any(
    "(?:following|all|some|intended) (?:e-?mail )?(?:user|recipient|addressee)", "failed recipient", "error type",
    "rcpt to", r"(?:remote |the )?(?:host|server|mta)(?: \S+)? (?:said|responded|returned)", "non-?delivery report",
    "transcript of (?:the )?session", "original message (?:follows|details|headers|attached)",
    "copy of (?:your|the) (?:original )?message", "reporting-mta|diagnostic",
    r"(?:e-?mail|message) (?:below|you sent|was) (?:\w+ ){0,3}(?:could not|cannot|rejected|returned|undeliver)",
    r"\b55\d[ -]5\.\d\.\d",
)  # fmt: skip

DELAYED = _any(
    "(?:has|have|is|been|was) (?:been )?delayed", "delayed mail",
    r"deliver\w* (?:is |was |has been )?(?:\w+ )?(?:delay|postpone|incomplete)", "delay in the deliver|about a delay",
    "not yet been delivered", "will (?:be retried|continue to|retry|keep trying|try (?:again )?(?:for|to))",
    "still being retried", "(?:this|it) is (?:just |only )?a warning", "warning message only",
    "no action is required", "you do not need to resend", "could not send message for past", "attempts will continue",
    "verz(?:ö|oe)ger", "retard[eé]|différé", "retrasad|demorad", "atrasad", "遅延|遅れ",
)  # fmt: skip

FULL = _any(
    "quota",
    r"(?:mail ?box|inbox|mailfolder|maildrop|account|disk|user'?s? \w+|postfach|bo[iî]te|buz[oó]n|caixa|casella|"
    r"postvak)[^.\n]{0,60}(?:\bfull\b|exceed|over ?limit|storage|voll\b|pleine|lleno|cheia|piena|vol\b|overfull|"
    "too (?:big|large|much))",
    r"\bfull (?:mail|in)box",
    "(?:insufficient|not enough|out of|no)(?: system| disk| available| mailbox)? (?:storage|space|disk)",
    r"exceed\w* (?:\w+ ){0,4}(?:storage|space|mailbox)", "no space left", "too many messages (?:in|on)",
    "mailbox (?:is )?over", r"\b[45]\.2\.2\b", "容量|満杯|いっぱい", "邮箱已满|空间不足", "переполнен", "przepełnion",
)  # fmt: skip

#: It is the sender, the message or the moment that is wrong, and not the address.
NOT_THE_ADDRESS = _any(
    r"sender (?:address |domain |ip |\w+ )?(?:\S+ )?(?:rejected|denied|unknown|blocked|refused|not)",
    r"(?:mail )?from[:< ]+\S* (?:rejected|denied)", "relay", r"spam|\bube\b|\buce\b|junk|unsolicited|bulk mail",
    r"black ?list|block ?list|\brbl\b|\bdnsbl\b|blocked|spamhaus|reputation", "policy|policies",
    r"dmarc|\bspf\b|\bdkim\b|authenticat", "content|virus|malware|attachment|header",
    "too large|too big|size (?:limit|exceed)|exceed",
    "grey-?list|try (?:again )?later|temporar|deferred|timed? ?out|connect(?:ion)? (?:refused|lost|reset|"
    "failed)|not respond",
    "too many|rate limit|throttl|frequen", "loop|hops",
    "not (?:authori[sz]ed|permitted|allowed) to (?:send|post|relay)|members? only",
    "suspend|disabled|inactive|deactivat|expired",
    "sequence of commands|syntax|protocol|internal error|system error|resources",
    r"\b5\.(?:1\.[78]|7\.\d+|3\.\d+|6\.\d+)\b", "受信拒否|迷惑メール", "垃圾|拒绝",
)  # fmt: skip

#: There is nobody at this address.
GONE = _any(
    "(?:user|recipient|mailbox|address|account|addressee|alias|destinatario|destinataire)s?(?: name|"
    " address)?[ :]+(?:is |are |was )?(?:unknown|invalid|inconnu|desconocid|not (?:found|known|listed|exist))",
    "unknown (?:or illegal alias|local|user|recipient|mailbox|address|account|addressee|alias|virtual)",
    "no such (?:user|recipient|mailbox|person|address|account|member|local|addressee|name|domain|host|alias)",
    r"(?:no|not|isn't) (?:a |an |any )?(?:valid|registered|known|current|existing)\b(?: \w+){0,2} (?:user|"
    "mailbox|address|recipient|account|member|domain)",
    r"(?:does|do|did)(?: ?not|n't) (?:currently )?(?:exist|have an? (?:\S+ )?account)",
    r"(?:user|recipient|mailbox|address|account|domain|host)[^.\n]{0,80}(?:could ?n[o']t be found|can(?:not|'t|"
    " not) be found|was ?n[o']t found|not found|non-?exist)",
    "invalid (?:recipient|mailbox|address|user|final)",
    r"(?:no|isn't any|is no) (?:mailbox|user|account)\b(?: \w+){0,3} (?:by|of|with|that|here|called)",
    "there is no (?:user|such|one)", "not our customer",
    "account (?:has been |was |is )?(?:closed|deleted|terminated|cancell?ed)",
    "no longer (?:on server|valid|exist|in use|work|employ|at this|with)", "has (?:moved|left (?:the|our))",
    "bad destination (?:mailbox|address|system)|bad address",
    r"recipientnotfound|resolver\.adr\.\w*notfound|adr\.recip", "recipient address rejected: access denied",
    r"(?:domain|host)(?: ?name)? (?:\S+ )?(?:not found|unknown|does ?n[o']t exist|is invalid)",
    "unknown (?:host|domain)",
    "nxdomain|host not found|name or service not known|unrouteable|unroutable|couldn'?t find any host",
    "null mx|does(?:n't| not) (?:receive|accept) (?:e?mail|any mail)",
    "user not listed|not in (?:the )?(?:directory|domino|address book)|no match(?:es)? (?:for|to) nickname|"
    r"not (?:a )?local\b",
    "unbekannt|existiert nicht|nicht gefunden|nicht ermittelt", r"n'existe (?:pas|plus)|inconnue?\b|introuvable",
    "no existe|inexistente|desconocid", "n(?:ã|a)o existe|desconhecid|n(?:ã|a)o encontrad",
    "non esiste|inesistente|sconosciut", "onbekend|bestaat niet", "не существует|не найден", "nie istnieje|nieznany",
    "宛先不明|存在しません|見つかりません|ユーザーはおりません|ありません", "不存在|无此(?:用户|帐号)|查无此人",
)  # fmt: skip
#: Said of an address that is refused for no better reason.
REJECTED = _any(
    r"(?:recipient|mailbox|user) (?:address )?(?:\S+ )?(?:rejected|refused|unavailable)", "address rejected",
)  # fmt: skip
#: Nobody there, or no such place (RFC 3463, 3.2; 5.1.10 is Exchange's RecipientNotFound).
GONE_STATUS = re.compile(r"5\.1\.(?:0|1|2|3|6|10)")
