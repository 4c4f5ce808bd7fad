"""The chat page and its files, read once at the start; the browser keeps them until one of them changes."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.problem import Problem
from bot.channels.web_language import asked_language
from desk.bootstrap import Desk
from flows.texts import LANGUAGES

FOLDER = Path(__file__).resolve().parent.parent / "web"
_SCRIPT_TEXTS = "webchat.script."

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class StaticFiles:
    """The files of bot/web/static by name, under one digest of them all."""

    def __init__(self, folder: Path) -> None:
        self.contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        whole = hashlib.sha256()
        for name, content in self.contents.items():
            whole.update(name.encode() + b"\0" + content + b"\0")
        self.digest = whole.hexdigest()[:16]

    def path(self, name: str) -> str:
        return f"/chat/static/{self.digest}/{name}"


def add_routes(routes: APIRouter, desk: Desk) -> StaticFiles:
    """Adds `GET /` and the page's files, and gives those for other pages to use."""
    files = StaticFiles(FOLDER / "static")
    page = _page(desk, files)

    async def show(request: Request) -> Response:
        language = asked_language(request)
        # Never kept by the browser: after "Snel weg" the back button must find nothing.
        headers = SECURITY | {"Cache-Control": "no-store", "Content-Language": language, "Vary": "Accept-Language"}
        return Response(page(language), headers=headers, media_type="text/html; charset=utf-8")

    async def file(digest: str, name: str) -> Response:
        content = files.contents.get(name)
        if content is None:
            raise Problem("not_found")
        kept = "public, max-age=31536000, immutable" if digest == files.digest else "no-cache"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind = "text/javascript" if name.endswith(".js") else kind
        return Response(content, headers=SECURITY | {"Cache-Control": kept}, media_type=kind)

    routes.add_api_route("/", show, methods=["GET", "HEAD"])
    routes.add_api_route("/chat/static/{digest}/{name}", file, methods=["GET", "HEAD"])
    return files


def _page(desk: Desk, files: StaticFiles) -> Callable[[str], str]:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    template = environment.get_template("page.html")
    team = desk.settings.team
    exit_address = desk.settings.quick_exit_url

    def render(language: str) -> str:
        values = {"team": team.name, "phone": team.phone}

        def text(key: str) -> str:
            return desk.texts.render(f"webchat.{key}", language, **values)

        script_texts = {
            key.removeprefix(_SCRIPT_TEXTS): desk.texts.render(key, language, **values)
            for key in desk.texts.keys(language)
            if key.startswith(_SCRIPT_TEXTS)
        }
        return template.render(
            text=text,
            script_texts=msgspec.json.encode(script_texts).decode(),
            language=language,
            languages=LANGUAGES,
            static=files.path,
            team=team.name,
            phone=team.phone,
            phone_link="tel:" + "".join(sign for sign in team.phone if sign.isdigit() or sign == "+"),
            exit_address=exit_address,
            exit_host=(urlsplit(exit_address).hostname or "").removeprefix("www."),
        )

    return render
