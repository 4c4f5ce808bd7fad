"""A desk that only polls Telegram, for a test to kill: `python -m tests.bot.telegram_process FOLDER URL`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.channels.telegram_start import Telegram
from desk.bootstrap import bootstrap
from tests.bot.telegram_desk import telegram_settings


async def poll(folder: Path, base_url: str) -> None:
    desk = bootstrap(telegram_settings(folder, base_url))
    await Telegram(desk).run()


if __name__ == "__main__":
    asyncio.run(poll(Path(sys.argv[1]), sys.argv[2]))
