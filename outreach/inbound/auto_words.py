"""In which words does a machine say that nobody has read this yet?

Most automatic answers are marked in their headers; these tables are for those that are not. A person may write "I was
on holiday" too: words of absence count only beside what such notices add, a return, a stand-in or thanks for the mail.
"""

import re

#: Each blank belongs to one place only: a prefix that can be read in two ways takes a lifetime over "re: re: re:".
_PREFIX = (
    r"^\s*(?:(?:re|aw|sv|vs|rv|res|r|antw|odp|fwd?|wg|tr|enc|回复|答复)(?: ?\[\d{1,3}\])? ?[:：]\s*)*"
    r"[\[(\"'*<«]*\s*"
)


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.I)


def _begins(*phrases: str) -> re.Pattern[str]:
    """At the beginning, after Re: and its like, in brackets or not."""
    return re.compile(rf"{_PREFIX}(?:{'|'.join(phrases)})", re.I)


#: The local part of an address that nobody reads.
UNREAD = _any(
    r"(?:[\w.+-]*[._+-])?(?:no|do|don'?t)[-_.]?(?:not[-_.]?)?repl(?:y|ies)(?:[-_.+]\w.*)?|no[-_.]?reply\w*|"
    r"auto[-_.]?(?:mailer|reply|responder|confirm|response|answer|notif\w*)\w*|n(?:a|ã)o[-_.]?respond(?:a|er)|"
    "no[-_.]?respond(?:a|er)|no[-_.]?contest(?:ar|e)|(?:ne[-_.]?)?pas[-_.]?(?:de[-_.]?)?repond(?:re|s)?|"
    r"ne[-_.]?pas[-_.]?repondre|(?:keine|nicht)[-_.]?antwort\w*|antwort[-_.]?nicht|non[-_.]?rispond(?:ere|i)|"
    "(?:mailer[-_.]?)?daemon|notifications?|unattended|autoresponder|vacation",
)  # fmt: skip

#: How such subjects begin, after Re: and its like.
SUBJECT = _begins(
    r"auto(?:mated|matic|matically)?[- _]?(?:generated )?(?:e-?mail )?(?:re(?:ply|spon[sd]\w*)|answer|"
    r"acknowledg\w+|confirmation|message)\b",
    r"auto\s*[:：]", "autoresp", "out[- ]of[- ](?:the[- ])?office", r"ooo\b",
    r"(?:i(?:'|’)?m|i am|currently|we are) (?:\w+ )?(?:away|out of|on (?:vacation|holiday|leave|annual|"
    "maternity|parental))",
    r"(?:vacation|holiday|absence|away|leave) (?:reply|respon\w+|message|notice|notification|autorep\w+)",
    r"on (?:vacation|holiday|annual leave|parental leave|maternity leave|leave)\b",
    "away (?:from|until|till|on|message)", "absence from",
    "(?:thank(?:s| you) for (?:your (?:e-?mail|message|enquiry|inquiry)|contacting|writing|reaching)|we(?:'ve|"
    " have) received your|your (?:e-?mail|message|request|enquiry|inquiry) (?:has been|was) received)",
    r"\[?(?:ticket|request|case)[ #:\]]\S* (?:received|created|opened)",
    r"automati(?:sche|k)\w* (?:antwort|r(?:ü|ue)ckantwort|nachricht|eingangsbest\w+|best\w+)",
    r"abwesen(?:d|heit)\w*", "nicht (?:im (?:b(?:ü|ue)ro|haus)|erreichbar)", "(?:im )?urlaub",
    "eingangsbest(?:ä|ae)tigung", "r[ée]ponse (?:automatique|auto)",
    r"(?:message )?d['’ ]?absen(?:ce|t)\w*|absen(?:ce|te?)\b", "en (?:cong[ée]s?|vacances)",
    "accus[ée] (?:automatique )?de r[ée]ception", "respuesta autom[aá]tica",
    "(?:contestaci[oó]n|respuesta) (?:de )?auto", "fuera de (?:la )?(?:oficina|despacho)", r"ausen(?:te|cia)\b",
    r"de vacaciones|vacaciones\b", "acuse de recibo", "resposta autom[aá]tica", "fora d[oe] escrit[oó]rio",
    r"aus[eê]n(?:cia|te)\b", r"(?:em|de) f[eé]rias|f[eé]rias\b", "risposta automatica",
    r"fuori (?:sede|ufficio)|assen(?:te|za)\b", "in ferie",
    "automatisch(?:e)? (?:antwoord|reactie|bericht|beantwoord)", "afwezig", "niet aanwezig",
    r"auto(?:matiskt? )?(?:svar|besked)|automatisk\w* svar",
    "fr[åa]nvaro|fraværs?|ikke til ?stede|p[åa] semester|p[åa] ferie", "automaattinen (?:vastaus|poissaolo)|poissa",
    r"autom(?:atyczna|at\w*) odpowied", "nieobecno", "poza biurem", r"automatick[áýa]\w* (?:odpov|odezv)",
    "mimo kancel", "nep[rř][ií]tomn", "automatikus (?:v[aá]lasz|e-?mail)", "otomatik (?:yan[ıi]t|cevap)",
    "ofis d[ıi][sş][ıi]nda", "r[aă]spuns automat",
    "авто(?:матический )?(?:ответ|відповідь)|автоматичес|автовідпов|вне офиса|нет на месте|в отпуске",
    "αυτόματη (?:απάντηση)", "自動(?:応答|返信|回复|回覆|配信)|不在(?:通知|連絡|の)|自动(?:答复|回复)|自动",
    "부재 ?중|자동 ?(?:회신|응답)", "رد تلقائي", "מענה אוטומטי|תשובה אוטומטית|הודעה אוטומטית",
)  # fmt: skip

#: It says itself that a machine wrote it.
MACHINE = _any(
    "(?:this|the following) (?:is|was|e-?mail (?:is|was)|message (?:is|was)|reply (?:is|was)|response (?:is|"
    r"was))(?: \w+){0,3} (?:an? )?auto(?:mat(?:ed|ic|ically)|[- ])",
    r"\bauto(?:matic|mated|matically)?[- ](?:generated |sent )?(?:re(?:ply|sponse|sponder)|acknowledg\w+|"
    r"confirmation)\b",
    "automatically[- ](?:generated|sent|created)", "(?:system|computer)[- ]generated (?:e-?mail|message)",
    "(?:please )?do not (?:reply|respond) to this (?:e-?mail|message|automat)",
    r"(?:mailbox|inbox|address) (?:is )?(?:not|no longer|un)[ -]?(?:\w+ )?(?:monitored|in use|read|attended|"
    "checked|active)",
    "(?:we have |we've )?received your (?:e-?mail|message|request|enquiry|inquiry)[^.]{0,60}(?:will|"
    r"shall) (?:\w+ ){0,4}(?:respond|reply|get back|be in touch|contact|answer)",
    r"(?:someone|a member|one of our|our (?:team|staff))[^.\n]{0,60}(?:will|shall) (?:\w+ ){0,3}(?:respond|reply|"
    "get back|be in touch|contact you)",
    r"your (?:ticket|case|request)[^.\n]{0,40}(?:has been|was) (?:created|opened|received|logged|registered)",
    r"automatis(?:ch|ierte)\w* (?:\w+ )?(?:generiert|erstellt|versandt|verschickt|gesendet|erzeugt|antwort|"
    "best(?:ä|ae)tigung|nachricht|e-?mail|eingang|r(?:ü|ue)ckmeldung)",
    "antworten sie (?:bitte )?nicht auf diese", "nicht auf diese (?:e-?mail|nachricht) (?:zu )?antworten",
    r"(?:anfrage|nachricht|e-?mail|ticket|anliegen|buchung|registrierung)[^.\n]{0,60}(?:erhalten|erfasst|"
    r"eingegangen|registriert)[^\n]{0,160}(?:melden|in verbindung|bearbeite|bearbeitet|k(?:ü|ue)mmern|gesch(?:ä|"
    "ae)ftszeiten)",
    r"wurde erfolgreich (?:\w+ ){0,4}(?:registriert|erfasst|abgeschlossen|erstellt|angelegt)",
    r"(?:r[ée]ponse|message|courriel|e-?mail|mail) (?:est )?(?:\w+ )?(?:envoy[ée] )?(?:automatique|"
    "automatiquement|g[ée]n[ée]r[ée] automatiquement)",
    "ne (?:pas|veuillez pas) r[ée]pondre|merci de ne pas r[ée]pondre",
    r"(?:bien )?re[çc]u votre (?:message|demande|mail|e-?mail|courriel)[^\n]{0,120}(?:r[ée]pondr|traiter|"
    "d[ée]lais|recontact|revien)",
    r"(?:respuesta|mensaje|correo|e-?mail)(?: \w+){0,3} (?:autom[aá]tic|generado autom)",
    "no (?:responda|conteste) a este", "hemos recibido (?:su|tu) (?:mensaje|correo|solicitud|consulta)",
    r"(?:resposta|mensagem|e-?mail)(?: \w+){0,3} (?:autom[aá]tic|gerad[ao] autom)", "n[aã]o responda (?:a )?est[ea]",
    "recebemos (?:a )?(?:sua|seu|o seu) (?:mensagem|e-?mail|solicita|contato|contacto|"
    r"pedido)[^\n]{0,120}(?:retorn|respond|em breve|prazo)",
    r"(?:risposta|messaggio|e-?mail)(?: \w+){0,3} (?:automatic|generat\w+ automaticamente)", "non risponder[ei]",
    "automatisch (?:gegenereerd|antwoord|bericht|verzonden)", "自動(?:応答|返信|送信|配信)", "自动(?:回复|答复|发送)",
)  # fmt: skip

#: Somebody is away ...
AWAY = _any(
    r"\b(?:i|we)(?:'|’)?(?:m| am|re| are| will be|ll be| shall be)?(?: \w+){0,2} (?:out of (?:the )?(?:office|"
    r"town|country)|away(?: from| until| till| on| for|\b)|on (?:\w+ )?(?:leave|vacation|holiday|business trip|"
    "sabbatical)|travel(?:l?ing)|unavailable|on maternity|not (?:in|at) (?:the |my )?(?:office|desk|work))",
    r"\bout of (?:the )?office\b", r"no longer (?:with|work(?:ing|s)?|employed|at)\b",
    r"(?:limited|no|intermittent|sporadic) (?:\w+ )?access to (?:my )?(?:e-?mail|phone|mail)",
    "(?:retired|have left|has left|left the company|on parental leave)",
    r"(?:nicht|kaum|nur (?:eingeschr(?:ä|ae)nkt|sporadisch|gelegentlich|bedingt))[^.\n]{0,40}(?:im (?:b(?:ü|"
    "ue)ro|hause?)|erreichbar|zugang|zugriff|im dienst)",
    r"(?:im|in|auf|auf einer|auf einem|in den|w(?:ä|ae)hrend meine[rs])[^.\n]{0,60}(?:urlaub|elternzeit|"
    "mutterschutz|gesch(?:ä|ae)ftsreise|dienstreise|fortbildung|konferenz\b|seminar|ferien|krank|abwesenheit|"
    "betriebsferien|reha|sabbatical|schulung|weiterbildung|messe\b|ausland)",
    r"(?:urlaub|krank\w*|elternzeit|mutterschutz)\w*[^.\n]{0,40}(?:abwesend|nicht|bis)", r"\berreichbarkeit\b",
    r"(?:lese|beantworte|pr(?:ü|ue)fe) ich[^.\n]{0,30}(?:keine|nicht)", "freistellung|nehme ich an",
    "schwer zu erreichen|bei einem (?:externen )?termin", r"eingeschr(?:ä|ae)nkt[^.\n]{0,30}(?:erreich|zu erreichen)",
    r"\bunterwegs\b", r"(?:zugang|zugriff)[^.\n]{0,30}(?:eingeschr|nicht)",
    r"\bvertretung f(?:ü|ue)r|elternzeitvertretung", "(?:abwesend|au(?:ß|ss)er haus)",
    "nicht mehr (?:f(?:ü|ue)r|bei|im unternehmen|t(?:ä|ae)tig)",
    r"(?:eingeschr(?:ä|ae)nkt\w*|keinen|begrenzten)[^.\n]{0,30}(?:zugang|zugriff)", r"\babwesenheit",
    r"(?:b(?:ü|ue)ro|gesch(?:ä|ae)ft|praxis|kanzlei|wir|haben)[^.\n]{0,40}geschlossen",
    r"(?:je suis|nous sommes|serai)(?: \w+){0,3} (?:absent|en cong|en vacances|en d[ée]placement|indisponible|"
    "hors du bureau)",
    "absente? (?:du|jusqu|et)",
    r"(?:estoy|estar[eé]|me encuentro|encontrar[eé])(?: \w+){0,4} (?:fuera|ausente|de vacaciones|de baja|de viaje)",
    "fuera de la oficina",
    r"(?:estou|estarei|encontro-me)(?: \w+){0,4} (?:fora|ausente|de f[eé]rias|em f[eé]rias|de licen|em viagem|"
    "em licen)",
    r"(?:sono|sar[oò])(?: \w+){0,3} (?:fuori|assente|in ferie|in malattia|in trasferta)",
    r"(?:ben ik|ik ben)(?: \w+){0,4} (?:afwezig|niet aanwezig|met vakantie|op vakantie|met verlof)",
    "不在|休暇|外出|出差|休假",
)  # fmt: skip
#: ... and what such notices add.
ADDED = _any(
    "(?:urgent|emergenc|immediate|asap|pressing|in the meantime|in my absence|while i(?:'m| am) (?:away|out))",
    r"(?:return|back|respond|reply|answer|get back)[^.\n]{0,60}(?:\b(?:on|until|till|after|in)\b|upon my return|"
    "when i)",
    "thank(?:s| you) for (?:your|the) (?:e-?mail|message|mail|contact)",
    "please (?:contact|call|reach|e-?mail|direct)", r"\b(?:until|till|through|from)\b[^.\n]{0,30}\d",
    "dringend|dringlich|eilig|notf(?:ä|a)ll|in (?:wichtigen|der zwischenzeit)|vertretung|vertritt|vertreten|"
    "wenden sie sich|kontaktieren|steht ihnen|ansprechpartner|werktag|notf(?:ä|ae)llen|morgen|n(?:ä|"
    r"ae)chsten? woche|erreichen (?:sie )?mich|stellen sie bitte|bitte an\b|verst(?:ä|ae)ndnis|melde mich|k(?:ü|"
    r"ue)mmere ich mich|leite sie|verz(?:ö|oe)ger|r(?:ü|ue)ckkehr|zur(?:ü|ue)ck|wieder (?:\w+ )?(?:erreichbar|"
    r"im b|f(?:ü|ue)r sie|da\b)",
    r"(?:bis|vom|ab)(?: \w+){0,4} (?:\d|montag|dienstag|mittwoch|donnerstag|freitag|januar|februar|m(?:ä|ae)rz|"
    "april|mai|juni|juli|august|september|oktober|november|dezember)",
    "(?:vielen )?dank f(?:ü|ue)r ihre (?:nachricht|e-?mail|mail)", "weitergeleitet|nicht gelesen|bearbeitet",
    "urgence|retour|en mon absence|veuillez contacter|jusqu'au|jusqu’au|merci (?:de|pour) votre",
    "urgente|urgencia|regres|vuelta|hasta el|contacte|p[oó]ngase|gracias por (?:su|tu)",
    "urg[eê]n|retorn|volt(?:o|arei)|at[eé] (?:o )?dia|contat|contact|obrigad[oa] (?:pel[ao]|por)",
    "urgenz|rientr|torner|fino al|contattare|grazie per", "dringend|terug|tot en met|contact opnemen|bedankt voor",
    "戻り|まで|緊急|お急ぎ|回复|联系",
)  # fmt: skip
