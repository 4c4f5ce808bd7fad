"""The crisis guard: how much danger it sees, how seldom it is wrong, and what may not change its answer."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from ruamel.yaml import YAML

from balie.crisis_report import CATEGORIES, FileError, Report, Row, evaluate, read
from flows.crisis import Alert, assess, findings
from flows.crisis_notation import Lists, NotationError, Phrase, fold
from flows.crisis_numbers import numbers

SETS = Path(__file__).parent / "crisis"
LOCALES = Path(__file__).parents[2] / "flows" / "locales"
POSITIVES = read(SETS / "positives.tsv")
HARD_NEGATIVES = read(SETS / "hard_negatives.tsv")
ORDINARY = read(SETS / "ordinary.tsv")
UNSEEN = read(SETS / "unseen.tsv")


def printed(report: Report) -> Report:
    print(*report.lines(), sep="\n")
    return report


class TestBars:
    """The bars for the sets the patterns were worked on with and the model has read. What is printed says how many."""

    def test_sets_are_large_enough_and_apart(self) -> None:
        assert len(POSITIVES) >= 240
        assert len(HARD_NEGATIVES) >= 300
        assert len(ORDINARY) >= 400
        texts = [(row.text.casefold(), row.before) for row in (*POSITIVES, *HARD_NEGATIVES, *ORDINARY, *UNSEEN)]
        assert len(texts) == len(set(texts))

    def test_danger_is_seen_in_every_category(self) -> None:
        report = printed(evaluate(POSITIVES))
        for category in CATEGORIES:
            assert (report.right_card[category].share or 0) >= 0.90, report.right_card[category]

    def test_now_is_precise_over_all_sets(self) -> None:
        report = printed(evaluate([*POSITIVES, *HARD_NEGATIVES, *ORDINARY]))
        assert (report.now_precision.share or 0) >= 0.80
        assert report.below_bar() == []

    def test_hard_negatives_seldom_give_an_alert(self) -> None:
        report = printed(evaluate(HARD_NEGATIVES))
        assert (report.false_now["all"].share or 0) <= 0.10
        assert (report.false_concern["all"].share or 0) <= 0.25

    def test_what_was_not_worked_on_does_not_get_worse(self) -> None:
        """`unseen.tsv` was written after the patterns; nothing is to be written from it."""
        report = printed(evaluate(UNSEEN))
        found = sum(one.count for one in report.right_card.values())
        assert found / sum(one.of for one in report.right_card.values()) >= 0.90
        assert (report.false_now["all"].share or 0) <= 0.10
        assert (report.false_concern["all"].share or 0) <= 0.25

    def test_ordinary_messages_hardly_ever_give_an_alert(self) -> None:
        report = printed(evaluate(ORDINARY))
        assert (report.false_alert["all"].share or 0) <= 0.01


@pytest.mark.parametrize(
    ("text", "alert"),
    [
        ("ik wil dood", Alert("suicide", "now")),
        ("Ik wil niet meer leven", Alert("suicide", "now")),
        ("ik wil niet dood", Alert("suicide", "concern")),
        ("ik wil niet meer ik wil dood", Alert("suicide", "now")),
        ("mijn man slaat mij", Alert("violence", "now")),
        ("mijn man slaat mij niet", Alert("violence", "concern")),
        ("papa slaat mij", Alert("child", "now")),
        ("hij ademt niet meer", Alert("emergency", "now")),
        ("ik schrik me dood", None),
        ("ik werk als verpleegkundige en mijn man ademt niet meer", Alert("emergency", "concern")),
        ("vorig jaar wilde ik dood", Alert("suicide", "concern")),
        ("ik ben doodmoe en ik wil niet meer leven", Alert("suicide", "now")),
        ("Ik zag een film over moord. Ik wil dood.", Alert("suicide", "now")),
        ("ik ben helemaal niet van plan om mezelf iets aan te doen", Alert("suicide", "concern")),
        ("ik ben bang dat mijn zwager mij iets aandoet", Alert("violence", "concern")),
        ("hij beslist alles voor mij", Alert("violence", "concern")),
        ("gisteren sloeg mijn man mij", Alert("violence", "now")),
        ("ik werd door mijn vrouw geslagen", Alert("violence", "now")),
        ("hij heeft mijn hoofd tegen de kast geduwd", Alert("violence", "now")),
        ("hij slaat mij altijd met schaken", None),
        ("", None),
    ],
)
def test_level_and_category(text: str, alert: Alert | None) -> None:
    assert assess(text) == alert


def test_more_urgent_danger_comes_first() -> None:
    assert assess("ik ben bang voor mijn man en hij ademt niet meer") == Alert("emergency", "now")
    assert assess("papa slaat mij en ik wil dood") == Alert("suicide", "now")


class TestBefore:
    def test_a_sentence_in_two_messages_is_found(self) -> None:
        assert assess("niet meer leven", ["hallo", "ik wil"]) == Alert("suicide", "now")
        assert assess("slaat mij", ["mijn man"]) == Alert("violence", "now")

    def test_what_was_found_before_is_not_found_again(self) -> None:
        assert assess("ik wil dood") is not None
        assert assess("dank u wel", ["ik wil dood"]) is None

    @pytest.mark.parametrize("row", [row for row in POSITIVES if not row.before], ids=lambda row: str(row.id))
    def test_every_danger_is_found_wherever_it_is_split(self, row: Row) -> None:
        words = row.text.split()
        whole = assess(row.text)
        if whole is None:
            return
        for place in range(1, len(words)):
            first, second = " ".join(words[:place]), " ".join(words[place:])
            assert assess(first) or assess(second, [first]), (first, second)


messages = st.sampled_from([row for row in POSITIVES if not row.before and assess(row.text) is not None])
anything = st.text(max_size=60)


class TestWhateverIsTyped:
    @given(text=st.text(max_size=400), before=st.lists(st.text(max_size=50), max_size=4))
    def test_never_raises(self, text: str, before: list[str]) -> None:
        assess(text, before)

    @given(row=messages, first=anything, last=anything)
    @settings(max_examples=200)
    def test_words_around_it_never_raise(self, row: Row, first: str, last: str) -> None:
        assess(f"{first} {row.text} {last}")

    @given(row=messages, first=st.sampled_from(ORDINARY), last=st.sampled_from(ORDINARY))
    @settings(max_examples=200)
    def test_ordinary_sentences_around_it_do_not_hide_it(self, row: Row, first: Row, last: Row) -> None:
        assert assess(f"{first.text}. {row.text}. {last.text}") is not None

    @given(row=messages)
    def test_case_and_spaces_do_not_matter(self, row: Row) -> None:
        spaced = "  ".join(word.upper() if len(word) % 2 else word.lower() for word in row.text.split())
        assert assess(f"\n {spaced} ") == assess(row.text)

    @given(row=messages)
    def test_accents_do_not_matter(self, row: Row) -> None:
        accented = row.text.replace("a", "á").replace("e", "ë").replace("o", "ò")
        assert assess(accented) == assess(row.text)

    @pytest.mark.parametrize(
        "text", ["ik wil dooooood", "IK WIL D00D", "ik wil d o o d", "ik\u200b wil\ndo\u00adod 😢😢"]
    )
    def test_disguises(self, text: str) -> None:
        assert assess(text) == Alert("suicide", "now")


class TestLongTexts:
    filler = "wie kan mij volgende week helpen met de tuin en de boodschappen. "

    @pytest.mark.parametrize("place", [0, 700, 1500])
    def test_danger_is_found_anywhere(self, place: int) -> None:
        text = self.filler * place + "ik wil niet meer leven. " + self.filler * (1500 - place)
        assert len(text) > 95_000
        assert assess(text) == Alert("suicide", "now")

    @pytest.mark.parametrize(
        "unit",
        ["ik wil niet dood ", "mijn man slaat niet vorig jaar mij ", "a", ". ", "d o o d ", "hij kan niet ", "أريد "],
    )
    def test_a_hundred_thousand_letters_come_back(self, unit: str) -> None:
        assess((unit * (100_000 // len(unit) + 1))[:100_000])


class TestNotation:
    lists = Lists({"ik": "ik | k", "klein": "heel | erg"})

    def found(self, phrase: str, text: str) -> bool:
        return any(one.regex.search(fold(text)) for one in Phrase.read(phrase, self.lists))

    @pytest.mark.parametrize(
        ("phrase", "text", "stands"),
        [
            ("@ik val", "k val", True),
            ("ik .. val", "ik ben erg moe val", True),
            ("ik .. val", "ik ben. ik val", True),
            ("ik .. val", "ik ben. hij val", False),
            ("ik .. val", "ik een twee drie vier val", False),
            ("zelf-moord", "zelf moord", True),
            ("zelf-moord", "zelfmoord", True),
            ("dood-moe", "doodmoe", True),
            ("val*", "vallen", True),
            ("*brand", "woningbrand", True),
            ("hij !(over | af) slaat", "hij slaat", True),
            ("slaat !(over | af)", "slaat over", False),
            ("slaat [@klein] hard", "slaat heel hard", True),
            ("arm ~ hangt", "hangt zijn arm", True),
            ("in @number", "in 1999", True),
            ("^ brand $", "er is brand", False),
            ("^ brand $", "hallo. brand!", True),
        ],
    )
    def test_reads(self, phrase: str, text: str, stands: bool) -> None:
        assert self.found(phrase, text) is stands

    @pytest.mark.parametrize(
        "phrase", ["(ik | k", "ik )", "[ik]", "@onbekend val", "va* hij", "*val*", "ik & hij", "..", "!(ik)"]
    )
    def test_refuses_what_it_cannot_read(self, phrase: str) -> None:
        with pytest.raises(NotationError, match=r"[;:] ?.+\.$"):
            Phrase.read(phrase, self.lists)

    @given(text=st.text(max_size=200))
    def test_folding_keeps_one_space_between_words(self, text: str) -> None:
        folded = fold(text)
        assert folded == " " or (folded[0] == folded[-1] == " " and "  " not in folded)


def test_patterns_say_which_was_found() -> None:
    assert [finding.pattern for finding in findings("chcę umrzeć")] == ["suicide.pl.now"]


def test_the_model_sees_what_no_pattern_names() -> None:
    text = "de hond is bij mijn zus en alle papieren liggen klaar, straks hoeft niemand meer voor mij te zorgen"
    assert [finding.pattern for finding in findings(text)] == ["learned.suicide"]


def test_a_denial_that_a_pattern_saw_is_not_overruled() -> None:
    assert {finding.level for finding in findings("mijn man slaat mij niet")} == {"concern"}


class TestNumbers:
    def test_are_these_and_no_others(self) -> None:
        assert dict(numbers()) == {
            "emergency": "112",
            "emergency_app": "112NL-app",
            "suicide": "113",
            "suicide_phone": "0800-0113",
            "suicide_chat": "113.nl",
            "violence": "0800-2000",
            "child": "0800-0432",
        }


def cards(language: str) -> dict[str, str]:
    content: dict[str, str] = YAML(typ="safe", pure=True).load((LOCALES / language / "crisis.yml").read_text("utf-8"))
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    return {key: environment.from_string(text).render(numbers=numbers()).strip() for key, text in content.items()}


@pytest.mark.parametrize("language", ["nl", "en"])
class TestCards:
    mentioned: ClassVar[dict[str, set[str]]] = {
        "suicide": {"suicide", "suicide_phone", "suicide_chat"},
        "violence": {"emergency", "violence"},
        "child": {"emergency", "violence", "child"},
        "emergency": {"emergency", "emergency_app"},
    }

    def test_there_is_one_for_each_category_and_level(self, language: str) -> None:
        rendered = cards(language)
        for category, names in self.mentioned.items():
            for level in ("now", "concern"):
                assert all(numbers()[name] in rendered[f"crisis.{category}.{level}"] for name in names)
            assert numbers()["emergency_app"] in rendered[f"crisis.{category}.now"]
            assert "?" in rendered[f"crisis.{category}.concern"]

    def test_now_begins_with_a_number(self, language: str) -> None:
        for key, text in cards(language).items():
            if ".now" in key:
                assert any(number in text.splitlines()[0] for number in numbers().values()), key

    def test_sentences_are_short(self, language: str) -> None:
        for key, text in cards(language).items():
            sentences = [
                sentence.split() for sentence in text.replace("?", ".").replace("\n", " ").split(". ") if sentence
            ]
            assert sum(map(len, sentences)) / len(sentences) <= 15, key
            assert max(map(len, sentences)) <= 22, key

    def test_nothing_is_promised_that_the_desk_cannot_keep(self, language: str) -> None:
        forbidden = (
            "geheim",
            "vertrouwelijk",
            "leest mee",
            "secret",
            "confidential",
            "reading along",
            "formulier",
            "form ",
        )
        for key, text in cards(language).items():
            assert not any(word in text.casefold() for word in forbidden), key

    def test_both_languages_have_the_same_keys(self, language: str) -> None:
        assert cards(language).keys() == cards("nl").keys()


class TestReport:
    def test_reads_levels_and_messages_before(self, tmp_path: Path) -> None:
        file = tmp_path / "set.tsv"
        file.write_text(
            "id\ttext\tlabel\tkind\tlevel\tbefore\n1\tdood\tsuicide\tsplit\tnow\thoi | ik wil\n2\thoi\tnone\tgreet\n"
        )
        rows = read(file)
        assert rows == [
            Row("1", "dood", "suicide", "split", "now", ("hoi", "ik wil")),
            Row("2", "hoi", "none", "greet"),
        ]
        report = evaluate(rows)
        assert str(report.recall["suicide"]) == "1/1 = 1.000"
        assert str(report.recall["child"]) == "0/0"
        assert '"recall":{"suicide":{"count":1,"of":1}' in report.to_json()
        assert report.below_bar() == []

    def test_danger_on_another_card_is_seen_and_named(self) -> None:
        report = evaluate([Row("7", "ik wil dood", "child", "self", "now")])
        assert str(report.recall["child"]) == "1/1 = 1.000"
        assert str(report.right_card["child"]) == "0/1 = 0.000"
        assert any(line.startswith("other   7  child now -> suicide now") for line in report.lines())

    def test_a_file_without_danger_has_no_bar_for_danger(self) -> None:
        assert evaluate([Row("8", "ik wil dood", "none", "joke")]).below_bar() == [
            "false now on look-alikes: 1/1 = 1.000, the bar is 0.10"
        ]

    def test_a_miss_is_named(self) -> None:
        report = evaluate([Row("7", "hallo", "child", "plain", "now"), Row("8", "ik wil dood", "none", "joke")])
        shown = [line.split()[:2] for line in report.lines()]
        assert shown[-5:-3] == [["missed", "7"], ["false", "8"]]
        assert [line.split(":")[1].strip() for line in report.lines()[-3:]] == [
            "recall of child",
            "precision of now",
            "false now on look-alikes",
        ]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", ":1: the header is missing"),
            ("id\ttext\tlabel\n", ":1: the header is"),
            ("id\ttext\tlabel\tkind\n1\thoi\tnone\n", ":2: 3 fields"),
            ("id\ttext\tlabel\tkind\n1\thoi\train\tx\n", ":2: label 'rain' is unknown"),
            ("id\ttext\tlabel\tkind\tlevel\n1\thoi\tnone\tx\tnow\n", ":2: level 'now' does not fit"),
            ("id\ttext\tlabel\tkind\n1\t\tnone\tx\n", ":2: text is empty"),
            ("id\ttext\tlabel\tkind\n1\ta\tnone\tx\n1\tb\tnone\tx\n", ":3: id 1 stands on line 2 too"),
        ],
    )
    def test_one_clear_error(self, tmp_path: Path, content: str, message: str) -> None:
        file = tmp_path / "set.tsv"
        file.write_text(content)
        with pytest.raises(FileError, match=r"set\.tsv:\d+: .+; .+\.$") as error:
            read(file)
        assert message in str(error.value)

    def test_a_missing_file_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match="cannot be read"):
            read(tmp_path / "nowhere.tsv")
