"""HSDS in and out: nothing is half imported, the municipality's own stays, each mistake is said with its row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from desk.bootstrap import Desk
from desk.directory_check import attention
from desk.directory_export import write_json, write_tables
from desk.directory_file import DirectoryError
from desk.directory_import import Found, put_in_place, read_import
from desk.terms_file import read_terms
from routing.model import Schedule, Service
from storage.records import Directory, StoredMessage
from tests.desk.resident import COMPANY, Resident

WITH_COMMAS = "save the file with commas (CSV UTF-8, comma delimited)"
Write = Callable[[Directory, Path], None]


def silent(what: str, done: int, every: int) -> None:
    pass


def present(desk: Desk) -> Directory:
    return desk.database.read(lambda uow: uow.directory.load())


def take_over(desk: Desk, source: Path) -> Found:
    found = read_import(desk, source, silent)
    put_in_place(desk, found, silent)
    return found


def services(desk: Desk) -> dict[str, Service]:
    return {service.id: service for service in present(desk).services}


@pytest.fixture
def tables(town_desk: Desk, tmp_path: Path) -> Path:
    folder = tmp_path / "hsds"
    write_tables(present(town_desk), folder)
    return folder


def rewrite(tables: Path, name: str, change: Callable[[list[list[str]]], object]) -> None:
    """Changes the rows of one file; the first is its header."""
    file = tables / name
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    change(rows)
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)


@pytest.mark.parametrize(("write", "name"), [(write_tables, "hsds"), (write_json, "hsds.json")])
def test_what_was_exported_comes_back_the_same(town_desk: Desk, tmp_path: Path, write: Write, name: str) -> None:
    before = present(town_desk)
    write(before, tmp_path / name)
    found = take_over(town_desk, tmp_path / name)
    assert (found.added, found.changed, found.removed) == ((), (), ())
    after = present(town_desk)
    assert {one.id: one for one in after.services} == {one.id: one for one in before.services}
    assert {one.id: replace(one, imported=False) for one in after.organisations} == {
        one.id: one for one in before.organisations
    }
    assert (after.neighbourhoods, after.followers) == (before.neighbourhoods, before.followers)


def test_nothing_of_ours_alone_is_exported(town_desk: Desk, tables: Path) -> None:
    written = "".join(file.read_text(encoding="utf-8") for file in tables.iterdir())
    directory = present(town_desk)
    letters = [one.agreement for one in directory.organisations if one.agreement]
    assert letters and not any(letter.signatory in written for letter in letters)
    assert not any(follower.user_id in written for follower in directory.followers.values())


def test_an_import_replaces_what_an_earlier_one_brought(town_desk: Desk, tables: Path) -> None:
    def add(rows: list[list[str]]) -> None:
        header = rows[0]
        new = dict.fromkeys(header, "") | {"id": "repair_zuid", "organization_id": "repair_zuid", "status": "active"}
        new |= {"name": "Repair Zuid", "description": "Kapotte spullen maken."}
        rows[1:] = [[new[name] for name in header]]

    own = {one.id for one in present(town_desk).organisations}
    for file in tables.iterdir():
        if file.name not in ("services.csv", "organizations.csv"):
            file.unlink()
    rewrite(tables, "services.csv", add)
    rewrite(tables, "organizations.csv", lambda rows: rows.append(["repair_zuid", "Repair Zuid", "Maken", "", ""]))
    before = services(town_desk)
    found = take_over(town_desk, tables)
    assert (found.added, found.removed, found.without_theme) == (("repair_zuid",), (), 1)
    assert services(town_desk) == before | {"repair_zuid": services(town_desk)["repair_zuid"]}, "our own files stay"
    rewrite(tables, "services.csv", lambda rows: rows.pop())
    found = take_over(town_desk, tables)
    assert (found.added, found.removed) == ((), ("repair_zuid",))
    assert {one.id for one in present(town_desk).organisations} == own


def test_seats_and_letters_outlive_an_import(town_desk: Desk, tables: Path) -> None:
    town_desk.database.run(lambda uow: uow.directory.reserve("maatjes"))
    before = services(town_desk)["maatjes"]
    assert before.reserved == 1 and before.agreement is not None
    rewrite(tables, "services.csv", lambda rows: rows[0].__setitem__(0, "id"))
    take_over(town_desk, tables)
    assert services(town_desk)["maatjes"] == before


def test_cut_off_halfway_nothing_has_changed(town_desk: Desk, tables: Path) -> None:
    before = present(town_desk)
    rewrite(tables, "services.csv", lambda rows: rows[1].__setitem__(2, "Een andere naam"))

    def stop(what: str, done: int, every: int) -> None:
        if what == "putting in place":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put_in_place(town_desk, read_import(town_desk, tables, silent), stop)
    assert present(town_desk) == before
    assert take_over(town_desk, tables).changed == (before.services[0].id,)
    assert town_desk.database.run(lambda uow: uow.directory.sweep(10)) == 0, "what was left half-way is gone"


def test_a_conversation_goes_on_between_the_parts(town_desk: Desk, tables: Path) -> None:
    resident = Resident(town_desk)
    heard: list[StoredMessage] = []

    def talk(what: str, done: int, every: int) -> None:
        if what == "putting in place":
            heard.extend(resident.says("ik zit de hele dag alleen", COMPANY))

    put_in_place(town_desk, read_import(town_desk, tables, silent), talk)
    assert heard


def test_services_of_other_towns_and_ended_ones_are_left_out(town_desk: Desk, tables: Path) -> None:
    def areas(rows: list[list[str]]) -> None:
        rows[1:] = [
            ["a1", "koffie_noord", "9999 ZZ"],  # no postcode of this municipality
            ["a2", "wandelgroep_zuid", "1236 AB"],
            ["a3", "wandelgroep_zuid", "Elders"],
            ["a4", "taalcafe", "Gemeente Voorbeeldstad"],
            ["a5", "maatjes", "de noorderbuurt"],
        ]

    rewrite(tables, "service_areas.csv", areas)
    rewrite(
        tables,
        "services.csv",
        lambda rows: [row.__setitem__(3, "defunct") for row in rows if row[0] == "buurtrestaurant"],
    )
    found = take_over(town_desk, tables)
    assert (found.other_towns, found.ended) == (1, 1)
    assert set(found.removed) == {"koffie_noord", "buurtrestaurant"}
    known = services(town_desk)
    assert (known["wandelgroep_zuid"].neighbourhoods, known["wandelgroep_zuid"].postcodes) == (("zuid",), ("1236",))
    assert known["taalcafe"].neighbourhoods == ()
    assert known["maatjes"].neighbourhoods == ("noord",)


def test_a_directory_of_others_is_found_by_its_terms(town_desk: Desk, tmp_path: Path) -> None:
    file, terms = tmp_path / "region.json", tmp_path / "terms.yml"
    service = {
        "id": "6f1",
        "name": "Leesclub",
        "status": "active",
        "description": "Samen lezen.",
        "organization": {
            "id": "b7",
            "name": "De Leeszaal",
            "description": "Leeszaal",
            "website": "https://lees.example",
        },
        "attributes": [{"id": "1", "taxonomy_term": {"id": "9", "name": "Taal", "description": "Taal"}}],
        "schedules": [{"id": "s", "byday": "MO", "opens_at": "19:00", "closes_at": "21:00"}],
    }
    file.write_text(json.dumps({"contents": [service]}), encoding="utf-8")
    terms.write_text("language: [Taal]\n", encoding="utf-8")
    found = read_import(town_desk, file, silent, read_terms(terms))
    put_in_place(town_desk, found, silent)
    club = services(town_desk)["6f1"]
    assert (club.kind, club.themes, club.url) == ("elsewhere", ("language",), "https://lees.example")
    assert club.schedules == (Schedule("19:00", "21:00", ("MO",)),)
    assert any(service.own_team for service in present(town_desk).services)


# Bad input --------------------------------------------------------------------------------------------------------


def spoil(tables: Path, name: str, old: str, new: str) -> None:
    text = (tables / name).read_text(encoding="utf-8")
    assert old in text, f"{name} has no {old!r}"
    (tables / name).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "services.csv",
            "digitaal_inloopuur,bibliotheek",
            "buurtrestaurant,bibliotheek",
            r"services.csv:3: `buurtrestaurant` is the id of row 2 too, give one of them another id",
        ),
        (
            "services.csv",
            "buurtrestaurant,buurthuis",
            "buurtrestaurant,bruuthuis",
            r"services.csv:2: `organization_id` is `bruuthuis` and organizations.csv has no such id, "
            r"add it there or correct it",
        ),
        (
            "services.csv",
            ",active,",
            ",open,",
            r"services.csv:2: `open` is no `status`, use one of: active, inactive, .*",
        ),
        (
            "services.csv",
            "2026-02-03",
            "3-2-2026",
            r"services.csv:2: `assured_date` should be a day and is `3-2-2026`, .*",
        ),
        (
            "services.csv",
            ",0,,2026-02-03",
            ",jong,,2026-02-03",
            r"services.csv:2: `minimum_age` should be a number and is `jong`, correct it or leave it empty",
        ),
        (
            "organizations.csv",
            "wijkteam@voorbeeldstad.example",
            "wijkteam",
            r"organizations.csv:2: `email` should be an e-mail address and is `wijkteam`, .*",
        ),
        (
            "organizations.csv",
            "https://gemeente",
            "gemeente",
            r"organizations.csv:4: `website` should be a web address .* begin it with https:// or leave it empty",
        ),
        (
            "phones.csv",
            "number",
            "numer",
            r"phones.csv:1: the column `number` is missing, did you mean it with `numer`\?",
        ),
        ("services.csv", "name,status", "name,name", r"services.csv:1: the column `name` stands here twice, keep one"),
        (
            "services.csv",
            "Buurtrestaurant De Linde,",
            "Buurtrestaurant, De Linde,",
            r"services.csv:2: this row has 13 cells and the first one 12, "
            r"put double quotes around a text that holds a comma",
        ),
        (
            "services.csv",
            '"U krijgt hulp',
            '"U krijgt "hulp',
            r"services.csv:3: this row cannot be read \(.*\), look for a double quote that is not closed",
        ),
        ("services.csv", "Buurtrestaurant De Linde", "", r"services.csv:2: `name` is empty, fill it in"),
        (
            "attributes.csv",
            "buurtbalie:theme,meals",
            "buurtbalie:theme,eten",
            r"services.csv:2: `eten` is no theme, use one of: company, .*",
        ),
        (
            "schedules.csv",
            '"TU,FR"',
            "dinsdag",
            r"services.csv:2: schedule 1: `dinsdag` is not a day of the week, use MO, TU, WE, TH, FR, SA, SU",
        ),
        (
            "attributes.csv",
            "buurtbalie:theme,meals",
            "buurtbalie:theme,personal_care",
            r"services.csv:2: medical acts are for professionals only, remove it here or correct `kind`",
        ),
    ],
)
def test_a_mistake_is_said_with_its_row_and_changes_nothing(
    town_desk: Desk, tables: Path, name: str, old: str, new: str, said: str
) -> None:
    before = present(town_desk)
    spoil(tables, name, old, new)
    with pytest.raises(DirectoryError) as refused:
        read_import(town_desk, tables, silent)
    assert re.fullmatch(rf"{re.escape(str(tables))}/{said}", refused.value.problems[0]), refused.value.problems[0]
    assert present(town_desk) == before


def semicolons(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")


def tabs(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(",", "\t"), encoding="utf-8")


def windows(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("Digitaal inloopuur", "Digitaal inloopuur – één keer")
    file.write_bytes(text.encode("cp1252"))


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (
            semicolons,
            "1: the cells are separated by semicolons, save the file with commas (CSV UTF-8, comma delimited)",
        ),
        (tabs, "1: the cells are separated by tabs, save the file with commas (CSV UTF-8, comma delimited)"),
        (windows, "3: holds characters that are not UTF-8, save the file as CSV UTF-8"),
        (
            lambda file: file.write_text(file.read_text(encoding="utf-8"), encoding="utf-16"),
            "1: is UTF-16, save the file as CSV UTF-8",
        ),
        (lambda file: file.write_text("", encoding="utf-8"), "1: the file is empty, fill it or take it away"),
    ],
)
def test_a_file_of_a_spreadsheet_is_told_from_a_right_one(
    town_desk: Desk, tables: Path, spoiled: Callable[[Path], object], said: str
) -> None:
    spoiled(tables / "services.csv")
    with pytest.raises(DirectoryError) as refused:
        read_import(town_desk, tables, silent)
    assert refused.value.problems[0] == f"{tables}/services.csv:{said}"


def test_a_byte_order_mark_and_empty_rows_are_no_mistake(town_desk: Desk, tables: Path) -> None:
    file = tables / "services.csv"
    file.write_text(file.read_text(encoding="utf-8") + ",,,,,,,,,,,\n\n", encoding="utf-8-sig")
    assert read_import(town_desk, tables, silent).removed == ()


def test_a_row_is_counted_in_lines_of_the_file(town_desk: Desk, tables: Path) -> None:
    rewrite(tables, "services.csv", lambda rows: rows[1].__setitem__(4, "Warm eten.\nElke week.\nKom ook."))
    rewrite(tables, "services.csv", lambda rows: rows[2].__setitem__(3, "open"))
    with pytest.raises(DirectoryError, match=r"services\.csv:5: `open` is no `status`"):
        read_import(town_desk, tables, silent)


def test_many_mistakes_are_told_in_part(town_desk: Desk, tables: Path) -> None:
    def misspell(rows: list[list[str]]) -> None:
        for row in rows[1:]:
            row[1] = "nobody"

    rewrite(tables, "phones.csv", misspell)
    with pytest.raises(DirectoryError) as refused:
        read_import(town_desk, tables, silent)
    assert len(refused.value.problems) == 51 and refused.value.problems[-1].endswith("mend these and import again")


def test_a_table_that_is_needed_and_missing(town_desk: Desk, tables: Path) -> None:
    (tables / "services.csv").unlink()
    with pytest.raises(DirectoryError, match=r"hsds: services\.csv is missing, put it there"):
        read_import(town_desk, tables, silent)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ": this is not JSON"),
        ('{"a": 1}', ": there is no list of services"),
        ("[1]", ": service 1: this is no service"),
        ('[{"id": "x", "name": "X", "status": "active"}]', ": service 1 (`x`): `organization` has no `id`"),
        ('[{"id": "x", "name": "X", "status": "on"}]', ": service 1 (`x`): `on` is no `status`"),
        (
            '[{"id": "x", "name": "X", "status": "active", "phones": [{"id": "p"}]}]',
            ": service 1 (`x`): phones 1: `number` is empty, fill it in",
        ),
        (
            '[{"id": "x", "name": "X", "status": "active", "phones": {}}]',
            ": service 1 (`x`): `phones` should be a list of records",
        ),
        (
            '[{"id": "x", "name": "X", "status": "active"}, {"id": "x", "name": "Y", "status": "active"}]',
            ": service 2 (`x`): this is the id of service 1 too",
        ),
    ],
)
def test_json_is_told_by_which_service(town_desk: Desk, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DirectoryError) as refused:
        read_import(town_desk, file, silent)
    assert any(problem.startswith(f"{file}{said}") for problem in refused.value.problems), refused.value.problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("compny: [A]\n", ":1:1: this file has no `compny`, did you mean `company`?"),
        ("company: [A]\ngrief: [A]\n", ":2:9: `A` stands at `company` too, keep one"),
    ],
)
def test_terms_are_checked(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "terms.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DirectoryError) as refused:
        read_terms(file)
    assert refused.value.problems == (f"{file}{said}",)


# What asks for attention ----------------------------------------------------------------------------------------------


@pytest.mark.rule("domain-4")
def test_what_was_not_checked_for_a_year_and_whom_the_team_has_not_met(town_desk: Desk) -> None:
    directory = present(town_desk)
    found = list(attention(directory, date(2026, 6, 11)))
    unchecked = [one.id for one in found if one.what == "not_checked"]
    assert unchecked == ["kindertelefoon", "rouwbezoek"], "10 June 2025 is more than a year ago, the others are not"
    running = {service.organisation_id for service in directory.services}
    not_met = {one.id for one in directory.organisations if not one.met and one.id in running}
    assert {one.id for one in found if one.what == "not_met"} == not_met != set()
