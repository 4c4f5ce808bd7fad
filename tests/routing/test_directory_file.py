"""Reading a municipality's files: what is refused, with file, line and column."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from desk.directory_file import DirectoryError, read_accounts, read_directory, with_user_ids
from tests.routing.conftest import VOORBEELDSTAD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VOORBEELDSTAD, tmp_path / "town"))


def problems(folder: Path) -> list[str]:
    with pytest.raises(DirectoryError) as refused:
        read_directory(folder)
    return [problem.removeprefix(f"{folder}/") for problem in refused.value.problems]


def change(folder: Path, name: str, before: str, after: str) -> int:
    """Replaces one piece of text; gives the line on which it began."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(before) >= 1
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def test_what_is_read_is_joined(folder: Path) -> None:
    directory = read_directory(folder)
    coffee = next(service for service in directory.services if service.id == "koffie_noord")
    assert coffee.organisation == "Koffiegroep Noord"
    assert coffee.has_account
    assert coffee.agreement is not None and coffee.agreement.signatory == "Ria, kartrekker"
    assert [place.postcodes for place in directory.neighbourhoods] == [("1234",), ("1235",), ("1236",)]
    team = next(service for service in directory.services if service.id == "team_noord")
    assert team.own_team and team.agreement is None


def test_a_service_without_a_telephone_has_its_organisations(folder: Path) -> None:
    change(folder, "services.yml", "    phone: 010-000 00 21\n    languages", "    languages")
    directory = read_directory(folder)
    assert next(service.phone for service in directory.services if service.id == "maatjes") == "010-000 00 21"


def test_followers_get_the_ids_of_their_users(folder: Path) -> None:
    directory = with_user_ids(read_directory(folder), {"samira": "a1", "karin": "b2"})
    assert {place: (one.user_id, one.name) for place, one in directory.followers.items()} == {
        "noord": ("a1", "Samira"),
        "": ("b2", "Karin"),
    }


NO_NAME = "is not a name, use small letters, digits and _ and begin with a letter"
MEDICAL = "medical acts are for professionals only, remove it here or correct `kind`"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "organisation: samenloop",
            "organisation: §samenlop",
            "`samenlop` is not known here, did you mean `samenloop`?",
        ),
        ("kind: volunteers", "kind: §volunteer", "`volunteer` is not known here, did you mean `volunteers`?"),
        (
            "themes: [meals]",
            "themes: §[]",
            "a service without a theme is never found, name one theme at least or write `all`",
        ),
        ("themes: [meals]", "themes: [§meal]", "`meal` is not known here, did you mean `meals`?"),
        ("themes: [meals]", "themes: [meals, §meals]", "`meals` stands in `themes` twice, keep one"),
        ("neighbourhoods: [noord]", "neighbourhoods: [§nord]", "`nord` is not known here, did you mean `noord`?"),
        ("capacity: 12", "capacity: §many", "here a whole number of 1 or more is needed, write one"),
        (
            "full_until: 2034-09-01",
            "full_until: §1 september",
            "`1 september` is not a day, write year-month-day as in 2026-03-31",
        ),
        ("themes: [household, meals]", "themes: §[personal_care]", MEDICAL),
        ("minimum_age: 18\n    capacity: 8", "medical: §true", MEDICAL),
        (
            "themes: [language]",
            "for_children: §true\n    themes: [language]",
            "only a place elsewhere can be for children",
        ),
        ("right: wmo_report", "capacity: §2", "the team is the last resort and is never full, remove `capacity`"),
        ("account: true", "account: §yes", "here `true` or `false` is needed, write one of them"),
        ("koffie_noord:", "§Koffie:", f"`Koffie` {NO_NAME}"),
        (
            "last_checked: 2026-02-03",
            "§last_chcked: 2026",
            "a service has no `last_chcked`, did you mean `last_checked`?",
        ),
        ("kind: own_steps\n", "kind: own_steps\n    §kind: team\n", "`kind` stands here twice, keep one"),
        (
            "nl: U eet er een warme maaltijd. U hoeft zich niet op te geven.",
            'nl: §""',
            "here a text is needed, write one",
        ),
    ],
)
def test_what_is_wrong_with_a_service_is_said_with_its_place(
    folder: Path, before: str, after: str, message: str
) -> None:
    assert_said(folder, "services.yml", before, after, message)


@pytest.mark.parametrize(
    ("name", "before", "after", "message"),
    [
        (
            "agreements.yml",
            "valid_until: 2034-12-31",
            "valid_until: §2024-12-31",
            "the agreement ends before it begins, correct one of the two days",
        ),
        (
            "agreements.yml",
            "[request, first_name, phone]",
            "§[first_name, phone]",
            "nothing can be sent without the request itself, add `request`",
        ),
        (
            "agreements.yml",
            "tafelgenoten:",
            "§tafelgenot:",
            "services.yml has no organisation `tafelgenot`, add it there or remove this agreement",
        ),
        (
            "municipality.yml",
            '["1235"]',
            '[§"1234"]',
            "postcode 1234 stands in this file twice, keep it in one neighbourhood",
        ),
        (
            "municipality.yml",
            '["1235"]',
            '[§"1235 AB"]',
            "`1235 AB` is not the four digits of a postcode, write them as in 1234",
        ),
        (
            "municipality.yml",
            "follower: samira",
            "follower: §wil",
            "`wil` is no professional or team lead in `accounts`, name one who is",
        ),
        ("municipality.yml", "role: host", "role: §hostess", "`hostess` is not known here, did you mean `host`?"),
        (
            "municipality.yml",
            "first_name: Hassan\n    role: coordinator\n    organisation: samenloop",
            "§first_name: Hassan\n    role: coordinator",
            "a coordinator belongs to an organisation, add `organisation`",
        ),
        (
            "municipality.yml",
            "organisation: samenloop",
            "organisation: §samenlop",
            "`samenlop` is not known here, did you mean `samenloop`?",
        ),
    ],
)
def test_what_is_wrong_elsewhere_is_said_with_its_place(
    folder: Path, name: str, before: str, after: str, message: str
) -> None:
    assert_said(folder, name, before, after, message)


def assert_said(folder: Path, name: str, before: str, after: str, message: str) -> None:
    """Replaces `before` and expects `message` at the mark `§` in `after`."""
    change(folder, name, before, after)
    path = folder / name
    start, _, rest = path.read_text(encoding="utf-8").partition("§")
    path.write_text(start + rest, encoding="utf-8")
    place = f"{name}:{start.count(chr(10)) + 1}:{len(start) - start.rfind(chr(10))}: "
    assert [problem for problem in problems(folder) if problem.startswith(place + message)]


@pytest.mark.rule("domain-9")
def test_an_initiative_without_its_frame_is_refused(folder: Path) -> None:
    text = (folder / "services.yml").read_text(encoding="utf-8")
    start = text.index("    does_not:\n      nl: Er is geen hulpverlener bij.")
    end = text.index("    who:", start)
    (folder / "services.yml").write_text(text[:start] + text[end:], encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.endswith("`koffie_noord` needs its frame, add `does_not`")


def test_a_sentence_in_one_language_only_is_refused(folder: Path) -> None:
    line = change(folder, "services.yml", "      en: You have a hot meal there. You do not need to sign up.\n", "")
    assert problems(folder) == [f"services.yml:{line - 1}:7: `does` needs `en`, add it"]


def test_a_neighbourhood_without_a_team_is_refused(folder: Path) -> None:
    text = (folder / "services.yml").read_text(encoding="utf-8")
    for team in ("team_stad", "team_zuid"):
        start = text.index(f"  {team}:")
        end = text.index("last_checked: 2026-02-24\n", start) + len("last_checked: 2026-02-24\n")
        text = text[:start] + text[end:]
    (folder / "services.yml").write_text(text, encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.endswith("no team works in `zuid`, add a service of kind `team` by the own team")


def test_problems_of_all_files_come_together(folder: Path) -> None:
    change(folder, "municipality.yml", "role: host", "role: hostess")
    change(folder, "agreements.yml", 'version: "2"', "vers: 2")
    assert {problem.split(":")[0] for problem in problems(folder)} == {"municipality.yml", "agreements.yml"}


def test_a_missing_file_is_said_and_so_is_another_encoding(folder: Path) -> None:
    (folder / "agreements.yml").unlink()
    (folder / "services.yml").write_bytes("organisations:\n  caf\u00e9: 1\n".encode("latin-1"))
    assert problems(folder) == [
        "services.yml:2:1: holds characters that are not UTF-8, save the file as UTF-8",
        "agreements.yml:1:1: cannot be read (No such file or directory), put the file there",
    ]


def test_an_empty_file_is_said(folder: Path) -> None:
    (folder / "municipality.yml").write_text("# nothing yet\n", encoding="utf-8")
    assert "municipality.yml:1:1: the file is empty, fill it or restore it" in problems(folder)


def test_accounts_keep_the_order_of_the_file(folder: Path) -> None:
    assert [account.login for account in read_accounts(folder)][:3] == ["wil", "ria", "hassan"]
