"""Reads everything an author can write and says what is wrong and what to do, before a resident meets it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment, TemplateSyntaxError, meta
from msgspec import Struct

from flows import search_pages
from flows.definition import Content, Flow, Step
from flows.links import LINKS
from flows.parse import Finding
from flows.texts import LANGUAGES, plain

MOST_WORDS = 15  # on average per sentence: Dutch at level B1
ENGINE_NAMES = frozenset({"option", "offer", "card", "looking", "referrals", "place_name", "theme_label"})
SHOWN_BY = {
    "consent": ("consent.card", "consent.again", "route.why_this"),
    "choose": ("route.choose_again", "route.why"),
    "look": search_pages.TEXTS,
}
ASKING = ("collect", "choose", "consent", "look")  # steps that wait for the resident
_ENVIRONMENT = Environment(autoescape=True)  # only parses, renders nothing
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


class Author(Struct, frozen=True):
    """The content as it is read, with the text of every locale file by name, to point at lines."""

    content: Content
    files: Mapping[str, str]


def lint(author: Author) -> list[Finding]:
    """Every finding, ordered by place; empty when all is well."""
    return sorted([*lint_flows(author.content), *_texts(author)])


def lint_flows(content: Content) -> list[Finding]:
    """What is wrong in the flows alone; quick enough for every start."""
    return [*(found for flow in content.flows.values() for found in _flow(content, flow)), *_triggers(content)]


# Flows ---------------------------------------------------------------------------------------------------------------


def _flow(content: Content, flow: Flow) -> Iterator[Finding]:
    for step in flow.steps:
        yield from (_found(flow, step, what) for what in _step(content, flow, step))
    reached = _reach(flow, stop_at=())
    for index, step in enumerate(flow.steps):
        if index not in reached:
            yield _found(flow, step, "this step can never be reached; remove it or jump to its id")
    for index in _reach(flow, stop_at=("consent",)):
        step = flow.steps[index]
        if step.kind == "refer":
            yield _found(flow, step, "refer can be reached without consent; put a consent step before it")
        if step.kind == "follow_up" and not step.agreed:
            yield _found(flow, step, "nobody said yes to being asked later; add `agreed:` with the slot of that answer")
    if _runs_in_a_circle(content, flow):
        yield Finding(flow.file, 1, 1, f"{flow.name} can run in a circle without a question; put a question in it")


def _step(content: Content, flow: Flow, step: Step) -> Iterator[str]:
    if step.kind == "call" and step.value not in content.flows:
        yield f"there is no flow {step.value!r} to call; write one or mend the name"
    for target in (step.then, step.otherwise, step.refused):
        if target and target != "end" and flow.index_of(target) is None and target not in content.flows:
            yield f"there is no step or flow {target!r} to go to; mend the name"
    if step.kind == "choose" and flow.index_of("none_fits") is None:
        yield "a flow that lets choose needs a step with `id: none_fits` for who wants none of the options"
    if step.kind in ("if", "route") and step.value:
        yield from _expression(content, step)
    if step.kind == "route" and step.value != "theme" and step.value not in content.themes:
        yield f"{step.value!r} is no theme; write `route: theme` or a theme of the menu"
    if step.kind == "hand_over" and step.share and step.share not in content.slot_names:
        yield f"no step collects {step.share!r}; collect it or mend the name"
    if step.kind == "link" and step.value not in LINKS:
        yield f"there is no link {step.value!r}; write one of {', '.join(LINKS)}"
    if step.kind == "follow_up":
        yield from _follow_up(content, flow, step)
    if step.kind == "look" and step.value != "directory":
        yield f"there is nothing called {step.value!r} to look in; write `look: directory`"
    if step.kind == "collect":
        yield from _collect(content, step)
    for key in _keys(step):
        for language in LANGUAGES:
            if not content.texts.has(key, language):
                yield f"the text {key} is missing in {language}; add it to flows/locales/{language}/"


def _expression(content: Content, step: Step) -> Iterator[str]:
    if step.kind != "if":
        return
    try:
        names = meta.find_undeclared_variables(_ENVIRONMENT.parse("{{ " + step.value + " }}"))
    except TemplateSyntaxError as error:
        yield f'this condition cannot be read ({error.message}); write for example `who == "other"`'
        return
    known = {*content.slot_names, *ENGINE_NAMES, *content.facts[LANGUAGES[0]]}
    for name in sorted(names - known):
        yield f"the condition names {name!r}, which no step collects or sets; mend the name"


def _collect(content: Content, step: Step) -> Iterator[str]:
    for flow in content.flows.values():
        for other in flow.steps:
            if other.kind == "collect" and other.value == step.value and other.type != step.type:
                yield f"{step.value} is {step.type} here and {other.type} in {flow.file}:{other.line}; make them one"
                return
    if step.type == "choice" and not step.choices:
        yield f"{step.value} is a choice without choices; add `choices: [...]`"


def _follow_up(content: Content, flow: Flow, step: Step) -> Iterator[str]:
    """The desk writes first only to who agreed to it, in this flow and in so many words."""
    asked = any(one.kind == "collect" and one.value == step.agreed and one.type == "yes_no" for one in flow.steps)
    if step.agreed and not asked:
        yield f"no step of this flow asks {step.agreed!r} as a yes or no; collect it with `type: yes_no`"
    if step.asks and step.asks not in content.flows:
        yield f"there is no flow {step.asks!r} to ask with; write one or mend the name"


def _keys(step: Step) -> Iterator[str]:
    if step.kind == "utter":
        yield step.value
    if step.utter:
        yield step.utter
    yield from (f"choice.{step.value}.{choice}" for choice in step.choices)
    yield from SHOWN_BY.get(step.kind, ())


def _next(flow: Flow, index: int) -> Iterator[int]:
    """The steps of the same flow that may come after step `index`."""
    step = flow.steps[index]
    if step.kind == "end":
        return
    targets = [step.then, step.otherwise, step.refused]
    if step.kind == "choose":
        targets.append("none_fits")
    for target in targets:
        found = flow.index_of(target) if target else None
        if found is not None:
            yield found
    goes_on = not (step.kind == "if" and step.otherwise)
    if goes_on and index + 1 < len(flow.steps):
        yield index + 1


def _reach(flow: Flow, stop_at: tuple[str, ...]) -> set[int]:
    reached: set[int] = set()
    waiting = [0]
    while waiting:
        index = waiting.pop()
        if index in reached:
            continue
        reached.add(index)
        if flow.steps[index].kind not in stop_at:
            waiting += _next(flow, index)
    if "consent" in stop_at:  # what follows a yes is reached with consent; what follows a no is not
        for index in list(reached):
            refused = flow.index_of(flow.steps[index].refused) if flow.steps[index].kind == "consent" else None
            if refused is not None:
                reached |= {refused}
    return reached


def _runs_in_a_circle(content: Content, flow: Flow) -> bool:
    """Whether steps that ask nothing can come back to themselves, through calls and jumps to other flows too."""

    def silent(node: tuple[str, int]) -> Iterator[tuple[str, int]]:
        name, index = node
        here = content.flows[name]
        if index >= len(here.steps):
            return
        step = here.steps[index]
        if step.kind in ASKING:
            return
        yield from ((name, following) for following in _next(here, index))
        for other in (step.value if step.kind == "call" else "", step.then, step.otherwise):
            if other in content.flows and here.index_of(other) is None:
                yield other, 0

    path: set[tuple[str, int]] = set()
    done: set[tuple[str, int]] = set()

    def visit(node: tuple[str, int]) -> bool:
        if node in path:
            return True
        if node in done:
            return False
        path.add(node)
        found = any(visit(following) for following in silent(node))
        path.discard(node)
        done.add(node)
        return found

    return visit((flow.name, 0))


def _triggers(content: Content) -> Iterator[Finding]:
    seen: dict[str, Flow] = {}
    for flow in content.flows.values():
        for intent in flow.trigger:
            if intent in seen:
                yield Finding(flow.file, 1, 1, f"{intent} starts {seen[intent].file} too; let one flow have it")
            seen[intent] = flow
        if flow.kind == "part" and flow.trigger:
            yield Finding(flow.file, 1, 1, "a part is only called; remove its trigger or its `kind: part`")
    for theme in content.themes:
        if theme not in seen:
            yield Finding("flows/definitions/menu.yml", 1, 1, f"no flow is triggered by {theme}; add it to a trigger")


# Texts ---------------------------------------------------------------------------------------------------------------


def _texts(author: Author) -> Iterator[Finding]:
    texts = author.content.texts
    first, second = LANGUAGES
    for language, other in ((first, second), (second, first)):
        missing = texts.keys(other) - texts.keys(language)
        missing_words = texts.word_keys(other) - texts.word_keys(language)
        for key in sorted(missing | missing_words):
            file, line = _place(author, other, key)
            yield Finding(file, line, 1, f"{key} is missing in {language}; add it to flows/locales/{language}/")
    for language, key, what in texts.compile_all():
        file, line = _place(author, language, key)
        yield Finding(file, line, 1, f"{key} is no valid template ({what}); mend the braces")
    officialese = [plain(word) for word in texts.words("words.officialese", first)]
    for language in LANGUAGES:
        for key in texts.keys(language):
            for what in _reads_badly(texts.source(key, language), officialese if language == first else ()):
                file, line = _place(author, language, key)
                yield Finding(file, line, 1, f"{key}: {what}")


def _reads_badly(source: str, officialese: Iterable[str]) -> Iterator[str]:
    spoken = _TAGS.sub(" ", source)
    sentences = [words for words in (plain(part).split() for part in re.split(r"[.!?:\n]+", spoken)) if words]
    if sentences:
        average = sum(map(len, sentences)) / len(sentences)
        if average > MOST_WORDS:
            yield f"sentences of {average:.0f} words on average; make them {MOST_WORDS} or shorter"
    said = f" {plain(spoken)} "
    for word in officialese:
        if f" {word} " in said:
            yield f"{word!r} is officialese; say it as you would at a kitchen table"


def _place(author: Author, language: str, key: str) -> tuple[str, int]:
    for name, content in author.files.items():
        if f"/{language}/" not in name:
            continue
        for number, line in enumerate(content.splitlines(), start=1):
            if line.startswith(f"{key}:"):
                return name, number
    return f"flows/locales/{language}/", 1


def _found(flow: Flow, step: Step, what: str) -> Finding:
    return Finding(flow.file, step.line, step.column, what)
