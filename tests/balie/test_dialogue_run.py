"""The runner of scripted dialogues: it passes what is right, and fails in one sentence on everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from balie.dialogue_file import DialogueError, read_dialogues
from balie.dialogue_run import DialogueFailed, play
from desk.turns import Understood

START = """dialogues:
  - dialogue: a test
    steps:
      - resident: ik ben alleen in Noord
        intent: company
      - utter: [ack.company, desk.welcome, company.ask_network]
"""
AT_OPTIONS = (
    START
    + """      - choice: skip
      - utter: company.ask_capacity
      - choice: skip
      - utter: route.options
"""
)
SENT = (
    AT_OPTIONS
    + """      - choice: koffie_noord
      - utter: consent.card
      - choice: agree
      - consent_given: [request]
      - referred: koffie_noord
      - utter: referral.confirmed
"""
)


def nobody_asks(text: str) -> Understood:
    raise AssertionError(f"the model was asked for {text!r}")


def run(tmp_path: Path, content: str) -> None:
    tmp_path.mkdir(exist_ok=True)
    file = tmp_path / "test.yml"
    file.write_text(content, "utf-8")
    for number, dialogue in enumerate(read_dialogues(file)):
        play(dialogue, tmp_path / str(number), nobody_asks)


def test_what_is_right_passes_and_never_asks_the_model(tmp_path: Path) -> None:
    run(tmp_path, SENT)


def test_without_an_intent_the_model_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "test.yml"
    file.write_text("dialogues:\n  - dialogue: x\n    steps:\n      - resident: kunt u helpen\n", "utf-8")
    asked: list[str] = []

    def understand(text: str) -> Understood:
        asked.append(text)
        return Understood()

    with pytest.raises(DialogueFailed, match="the desk also said"):
        play(read_dialogues(file)[0], tmp_path / "run", understand)
    assert asked == ["kunt u helpen"]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (START.replace("ack.company", "ack.grief"), 6, "expected the desk to say ack.grief; came ack.company"),
        (START.replace(", company.ask_network", ""), 7, "the desk also said company.ask_network"),
        (
            START.replace("company.ask_network]", "company.ask_network, x]"),
            6,
            "expected the desk to say x; came nothing",
        ),
        (START + "      - choice: agree\n", 7, "there is no choice 'agree'; offered: daughter,"),
        (START + "      - slot_was_set: {place: zuid}\n", 7, "expected place to be 'zuid'; it is 'noord'"),
        (START + "      - routed: {rule: any}\n", 7, "expected a routing; there was none"),
        (AT_OPTIONS + "      - routed: {rule: team_first}\n", 11, "expected rule team_first; it was initiative_first"),
        (AT_OPTIONS + "      - routed: {options: [maatjes]}\n", 11, "expected the options maatjes; came koffie_noord,"),
        (START + "      - alert: {category: child}\n", 7, "expected alert {'category': 'child'}; it did not happen"),
        (START + "      - language: en\n", 7, "expected the language en; it is nl"),
        (START + "      - found: [taalcafe]\n", 7, "expected to find taalcafe; found none"),
        (SENT + "      - nothing_kept: true\n", 17, "expected nothing_kept to be True; kept"),
        (START + "      - erased: true\n", 7, "expected erased to be True; it is False"),
        (START + "      - hears: {volunteer: Dag!}\n", 7, "expected volunteer to say 'Dag!'; came nothing"),
        (START + "      - host: {maatjes: accept}\n", 7, "nothing was referred to maatjes"),
        (START + "      - wait: long\n", 7, "'long' is no length of time"),
        (SENT.replace("      - consent_given: [request]\n", ""), 16, "consent_given happened"),
        (SENT.replace("      - referred: koffie_noord\n", ""), 16, "referred happened (koffie_noord)"),
        (SENT.replace("[request]", "[request, phone]"), 14, "expected consent_given ['phone', 'request']; it was"),
        (SENT.replace("referred: koffie_noord", "referred: maatjes"), 15, "expected referred 'maatjes'; it was"),
        (SENT + "      - withdrawn: [koffie_noord]\n", 17, "expected withdrawn ['koffie_noord']; it did not happen"),
        (SENT + "      - visible_to: {host: [request]}\n", 17, "expected host to see ['request']; sees ['theme']"),
        (SENT + "      - visible_to: {koffie_noord: []}\n", 17, "expected koffie_noord to see []; sees ['request']"),
        (SENT + "      - host: {koffie_noord: dance}\n", 17, "a host cannot 'dance'; use accept,"),
        (SENT + "      - host: {koffie_noord: accept}\n", 18, "the desk also said referral.accepted"),
    ],
)
def test_a_difference_is_one_sentence_with_its_line(tmp_path: Path, content: str, line: int, what: str) -> None:
    with pytest.raises(DialogueFailed) as error:
        run(tmp_path, content)
    assert str(error.value).startswith(f"{tmp_path / 'test.yml'}:{line}: a test: {what}")
    assert "\n" not in str(error.value).split(" (", 1)[0]


def test_a_refusal_and_a_hand_over_that_no_step_names_fail_too(tmp_path: Path) -> None:
    refused = AT_OPTIONS + "      - choice: koffie_noord\n      - utter: consent.card\n      - choice: refuse\n"
    said = "      - utter: [consent.refused, contact.card, contact.ask_call]\n"
    with pytest.raises(DialogueFailed, match="consent_refused happened"):
        run(tmp_path, refused + said)
    person = "dialogues:\n  - dialogue: x\n    steps:\n      - resident: mens\n        intents: {}\n"
    with pytest.raises(DialogueFailed, match="handed_to_host happened"):
        run(tmp_path / "2", person + "      - utter: [desk.welcome, human.confirmed]\n")


def test_the_clock_moves_only_when_the_dialogue_waits(tmp_path: Path) -> None:
    followed = SENT.replace(
        "      - choice: agree\n",
        "      - choice: change\n      - utter: consent.what_to_change\n      - choice: follow_up\n"
        "      - utter: consent.card\n      - choice: agree\n",
    )
    run(tmp_path, followed + "      - wait: 13 days\n      - wait: 1 day\n      - utter: follow_up.ask\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("dialogues: [\n", "2:1: this is not YAML"),
        ("talks: []\n", "1:1: a dialogue file needs `dialogues:` with a list"),
        ("dialogues:\n  - steps: []\n", "2:1: a dialogue needs `dialogue: name` and `steps:`"),
        ("dialogues:\n  - dialogue: x\n    colour: red\n    steps: []\n", "3:1: a dialogue has no word 'colour'"),
        ("dialogues:\n  - dialogue: x\n    steps:\n      - hello\n", "4:1: a step is `word: value`"),
        ("dialogues:\n  - dialogue: x\n    steps:\n      - says: hello\n", "4:1: a step has exactly one of"),
        (
            "dialogues:\n  - dialogue: x\n    steps:\n      - utter: a\n        intent: b\n",
            "4:1: utter has no word 'intent' beside it; remove it",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "test.yml"
    file.write_text(content, "utf-8")
    with pytest.raises(DialogueError) as error:
        read_dialogues(file)
    assert str(error.value).startswith(f"{file}:{message}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DialogueError, match="name a readable file"):
        read_dialogues(tmp_path / "none.yml")
