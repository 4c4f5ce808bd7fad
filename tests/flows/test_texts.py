"""Sentences and word lists: how they are read, rendered and compared."""

from __future__ import annotations

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.texts import TextError, Texts, plain, resembles


def texts(*files: tuple[str, str, str]) -> Texts:
    return Texts.read(files)


NL = ("nl", "flows/locales/nl/desk.yml", "a.b: Dag {{ name }}.\nwords.yes: [ja, Oké, 1]\n")
EN = ("en", "flows/locales/en/desk.yml", "a.b: Hello {{ name }}.\nwords.yes: ['yes']\n")


def test_renders_in_each_language() -> None:
    both = texts(NL, EN)
    assert both.render("a.b", "nl", name="Annie") == "Dag Annie."
    assert both.render("a.b", "en", name="Annie") == "Hello Annie."


def test_a_value_is_never_read_as_a_template() -> None:
    assert texts(NL, EN).render("a.b", "nl", name="{{ 7 * 7 }}") == "Dag {{ 7 * 7 }}."


def test_a_missing_value_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(jinja2.UndefinedError):
        texts(NL, EN).render("a.b", "nl")


def test_a_template_that_reaches_for_the_inside_is_refused() -> None:
    nosy = texts(("nl", "x.yml", "a: \"{{ ''.__class__.__mro__ }}\"\n"), ("en", "y.yml", "a: a\n"))
    with pytest.raises(jinja2.exceptions.SecurityError):
        nosy.render("a", "nl")


def test_words_count_in_any_language_and_any_dress() -> None:
    both = texts(NL, EN)
    assert both.says("words.yes", " OKE! ") and both.says("words.yes", "Yes.") and both.says("words.yes", "1")
    assert not both.says("words.yes", "ja maar") and not both.says("words.nothing", "ja")


def test_punctuation_alone_is_never_a_word() -> None:
    thumb = texts(("nl", "x.yml", "words.yes: [ja, 👍]\n"), ("en", "y.yml", "words.yes: ['yes']\n"))
    assert not thumb.says("words.yes", "...") and not thumb.says("words.yes", "👎")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [b\n", "x.yml:2:1: this is not YAML"),
        ("- a\n- b\n", "x.yml:1:1: a locale file holds `key: text` lines"),
        ("a: text\nb: {c: d}\n", "x.yml:2:1: b is neither a text nor a list of words"),
        ("a: text\nb: 3\n", "x.yml:2:1: b is neither a text nor a list of words"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(content: str, message: str) -> None:
    with pytest.raises(TextError) as error:
        texts(("nl", "x.yml", content))
    assert str(error.value).startswith(message)


def test_a_key_in_two_files_is_told() -> None:
    with pytest.raises(TextError, match=r"y.yml:2:1: a stands in two files; keep one"):
        texts(("nl", "x.yml", "a: one\n"), ("nl", "y.yml", "# first\na: two\n"))


def test_a_template_that_cannot_be_read_is_found() -> None:
    found = texts(("nl", "x.yml", 'a: "{{ oops"\n'), ("en", "y.yml", "a: fine\n")).compile_all()
    assert [(language, key) for language, key, _ in found] == [("nl", "a")]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Ja, hoor!", "ja hoor"),
        ("OKÉ", "oke"),
        ("’t kán", "t kan"),
        ("/TAAL en", "/taal en"),
        ("😀", ""),
        ("a\nb", "a b"),
    ],
)
def test_plain(text: str, bare: str) -> None:
    assert plain(text) == bare


@given(st.text(max_size=100))
def test_plain_of_plain_is_plain(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_plain_of_ascii_is_the_same_beside_a_letter_that_is_not(text: str) -> None:
    assert plain(f"{text} é") == f"{plain(text)} e".strip()


def test_resembles() -> None:
    assert resembles("noort", "noord") == 0.8 and resembles("ja", "nee") < 0.5 and resembles("a", "a") == 1
