"""How people say yes and no to a question, written for this project; `NEITHER` is no answer to it."""

from __future__ import annotations

YES = (
    *("ja", "Ja.", "JA", "ja!", "Ja hoor", "ja graag", "ja, graag", "jazeker", "ja zeker", "jaa", "jaaa", "dat mag"),
    *("ja dat mag", "doe maar", "ja doe maar", "Ja, doe maar!", "is goed", "dat is goed", "ja is goed", "prima"),
    *("ja prima", "akkoord", "ik ga akkoord", "ja akkoord", "stuur maar", "ja stuur maar", "verstuur maar", "ok"),
    *("oké", "Oke", "okee", "ja ok", "ja oké", "mag wel", "ja mag wel", "toe maar", "ja toe maar", "ja natuurlijk"),
    *("jawel", "ja aub", "ja alstublieft", "goed hoor", "ja goed", "stuur dit", "ja, stuur dit", "verstuur dit"),
    *("yes", "Yes please", "yeah", "yep", "sure", "of course", "yes of course", "go ahead", "send it", "yes send it"),
    *("I agree", "yes I agree", "okay", "ok", "fine", "that's fine", "please do", "all right", "agreed", "send this"),
)
NO = (
    *("nee", "Nee.", "NEE", "nee!!", "nee hoor", "neen", "nee dank u", "nee bedankt", "liever niet", "nee liever niet"),
    *("Nee, liever niet", "toch niet", "nee toch niet", "doe maar niet", "nee doe maar niet", "niet sturen"),
    *("stuur niets", "nee stuur niets", "Nee, stuur niets", "niet versturen", "niet delen", "nee niet delen"),
    *("ik wil het niet", "dat wil ik niet", "nee dat wil ik niet", "beter van niet", "absoluut niet", "hoeft niet"),
    *("nee absoluut niet", "nee hoeft niet", "dat hoeft niet", "laat maar", "nee laat maar", "nog niet", "zeker niet"),
    *("nee nog niet", "echt niet", "no", "No.", "no thanks", "no thank you", "nope", "rather not", "I'd rather not"),
    *("I would rather not", "don't send", "do not send", "don't send it", "no don't", "not yet", "never mind"),
    *("please don't", "I don't want that", "send nothing", "absolutely not", "no way", "no, not yet"),
)
NEITHER = (
    *("hmm", "misschien", "weet ik niet", "wat bedoelt u", "ja maar niet mijn naam", "ja, maar niet aan de gemeente"),
    *("nee wacht", "nee, ik bedoel ja", "ja nee", "nou", "oké maar eerst een vraag", "als mijn dochter het goed vindt"),
    *("morgen", "is dat veilig?", "wie leest dat?", "ja als het moet", "liever wel niet", "stuur het aan mijn zoon"),
    *("1", "de eerste", "yes but not my name", "maybe later", "not sure", "no wait yes", "who sees it?", "…", "👍"),
)
SILENT = frozenset({"…", "👍"})  # these hold no words at all
