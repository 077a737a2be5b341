"""What do the codes of conversations mean? 52x."""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-520": Explanation(
        "there is no such conversation",
        "Conversations are called like r-12; the list of those that are open names each.",
        "outreach replies",
    ),
    "OUT-521": Explanation(
        "the conversation is closed",
        "What was done and changed stands; nothing was altered. If the customer writes again, a new one opens.",
        "outreach replies show r-12",
    ),
    "OUT-522": Explanation(
        "closing says what you did, and what you change",
        "What was done tells the next colleague; what you change keeps it from happening to somebody else. Until both "
        "are said the conversation stays open, and no campaign writes to this customer.",
        'outreach replies close r-12 --did "sent a new lid" --change "lids get a second layer of paper"',
    ),
    "OUT-523": Explanation(
        "there are no words to send",
        "An answer is what you write yourself, greeting and all: by --text, or piped in. Nothing was sent.",
        'outreach replies reply r-12 --text "Hello Ana, ..."',
    ),
    "OUT-524": Explanation(
        "they cannot be answered from here",
        "An answer goes to an address in the shop's records. A stranger has none, an erased or changed address is not "
        "used again; what they wrote was forwarded to the shop's own mailbox.",
        "answer from the shop's mailbox, then outreach replies close",
    ),
    "OUT-525": Explanation(
        "the answer was not queued",
        "The reason is named: the campaign answer_by_hand or its channel is switched off, the same words were sent "
        "before in answer to the same message, or the template has a problem.",
        "mend what is named, then answer again",
    ),
    "OUT-526": Explanation(
        "they asked to be left alone after they wrote",
        "An answer goes only to somebody whose message is newer than their wish. They stopped us since, so nothing is "
        "sent.",
        "close the conversation; if they write again, they can be answered",
    ),
}
