"""The methods of the Bot API that the desk uses, with the limits and the error texts of the real server."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from tests.servers.bot_api_payloads import BOT_USER, Payload, group_chat, private_chat
from tests.servers.bot_api_state import ApiError, State, Webhook

TEXT_LIMIT = 4096
CALLBACK_DATA_LIMIT = 64
SECRET_LIMIT = 256
CAPTION_LIMIT = 1024
DELETED_AT_ONCE = 100
DELETABLE_SECONDS = 48 * 3600


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _chat(state: State, parameters: Payload) -> int:
    try:
        chat_id = int(parameters["chat_id"])
    except (KeyError, ValueError):
        raise ApiError(400, "Bad Request: chat not found") from None
    if chat_id not in state.chats:
        raise ApiError(400, "Bad Request: chat not found")
    if chat_id in state.left:
        raise ApiError(403, "Forbidden: bot is not a member of the supergroup chat")
    if chat_id in state.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    state.check_speed(chat_id)
    return chat_id


def _check_text(parameters: Payload) -> str:
    text = str(parameters.get("text", ""))
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if utf16_units(text) > TEXT_LIMIT:
        raise ApiError(400, "Bad Request: message is too long")
    return text


def _check_markup(markup: Any) -> Any:
    if not markup:
        return None
    for row in markup["inline_keyboard"]:
        for button in row:
            if not button["text"].strip():
                raise ApiError(400, "Bad Request: inline keyboard button text can't be empty")
            if not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA_LIMIT:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup if markup["inline_keyboard"] else None


def get_me(state: State, parameters: Payload) -> Any:
    return BOT_USER


def send_message(state: State, parameters: Payload) -> Any:
    chat_id = _chat(state, parameters)
    sent: Payload = {
        "message_id": next(state.message_ids),
        "from": BOT_USER,
        "chat": private_chat(chat_id) if chat_id > 0 else group_chat(chat_id),
        "date": int(time.time()),
        "text": _check_text(parameters),
    }
    if markup := _check_markup(parameters.get("reply_markup")):
        sent["reply_markup"] = markup
    state.messages.setdefault(chat_id, []).append(sent)
    return sent


def send_document(state: State, parameters: Payload) -> Any:
    """Uploads only; sending again by file id or by URL is not for this bot."""
    chat_id = _chat(state, parameters)
    upload = parameters.get("document")
    if isinstance(upload, str) and upload.startswith("attach://"):
        upload = parameters.get(upload.removeprefix("attach://"))
    if not isinstance(upload, dict):
        raise ApiError(400, "Bad Request: there is no document in the request")
    if not upload["content"]:
        raise ApiError(400, "Bad Request: file must be non-empty")
    caption = str(parameters.get("caption", ""))
    if utf16_units(caption) > CAPTION_LIMIT:
        raise ApiError(400, "Bad Request: message caption is too long")
    message_id = next(state.message_ids)
    file_id = f"BQACAgQAAxkDAAI{message_id}"
    state.files[file_id] = upload["content"]
    sent: Payload = {
        "message_id": message_id,
        "from": BOT_USER,
        "chat": private_chat(chat_id) if chat_id > 0 else group_chat(chat_id),
        "date": int(time.time()),
        "document": {
            "file_id": file_id,
            "file_unique_id": f"AgAD{message_id}",
            "file_name": upload["name"],
            "mime_type": upload["type"],
            "file_size": len(upload["content"]),
        },
        **({"caption": caption} if caption else {}),
    }
    state.messages.setdefault(chat_id, []).append(sent)
    return sent


def _own_message(state: State, parameters: Payload, what: str) -> Payload:
    chat_id = _chat(state, parameters)
    for message in state.messages.get(chat_id, []):
        if message["message_id"] == int(parameters.get("message_id", 0)):
            return message
    raise ApiError(400, f"Bad Request: message to {what} not found")


def _change(message: Payload, changed: Payload) -> Any:
    if all(message.get(key) == value for key, value in changed.items()):
        raise ApiError(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
            "same as a current content and reply markup of the message",
        )
    message.update({**changed, "edit_date": int(time.time())})
    for key in [key for key, value in message.items() if value is None]:
        del message[key]
    return message


def edit_message_text(state: State, parameters: Payload) -> Any:
    message = _own_message(state, parameters, "edit")
    text = _check_text(parameters)
    return _change(message, {"text": text, "reply_markup": _check_markup(parameters.get("reply_markup"))})


def edit_message_reply_markup(state: State, parameters: Payload) -> Any:
    message = _own_message(state, parameters, "edit")
    return _change(message, {"reply_markup": _check_markup(parameters.get("reply_markup"))})


def delete_message(state: State, parameters: Payload) -> Any:
    _delete(state, [_own_message(state, parameters, "delete")])
    return True


def delete_messages(state: State, parameters: Payload) -> Any:
    """All or nothing, but for messages that are not there: those are skipped."""
    chat_id = _chat(state, parameters)
    ids = parameters.get("message_ids") or []
    if not ids:
        raise ApiError(400, "Bad Request: message identifiers are not specified")
    if len(ids) > DELETED_AT_ONCE:
        raise ApiError(400, "Bad Request: too many message identifiers specified")
    _delete(state, [message for message in state.messages.get(chat_id, []) if message["message_id"] in ids])
    return True


def _delete(state: State, messages: list[Payload]) -> None:
    if any(time.time() - message["date"] > DELETABLE_SECONDS for message in messages):
        raise ApiError(400, "Bad Request: message can't be deleted for everyone")
    for message in messages:
        chat_id = message["chat"]["id"]
        state.messages[chat_id].remove(message)
        state.deleted.append((chat_id, message["message_id"]))


def answer_callback_query(state: State, parameters: Payload) -> Any:
    query = str(parameters.get("callback_query_id", ""))
    if state.queries.get(query, True):
        raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    state.queries[query] = True
    return True


def send_chat_action(state: State, parameters: Payload) -> Any:
    _chat(state, parameters)
    return True


def leave_chat(state: State, parameters: Payload) -> Any:
    state.left.add(_chat(state, parameters))
    return True


def set_webhook(state: State, parameters: Payload) -> Any:
    url = str(parameters.get("url", ""))
    secret = str(parameters.get("secret_token", ""))
    if url and not url.startswith(("http://127.0.0.1", "https://")):
        raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > SECRET_LIMIT or not all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in secret):
        raise ApiError(400, "Bad Request: secret token contains unallowed characters")
    state.webhook = Webhook(url, secret)
    state.allowed = parameters.get("allowed_updates", state.allowed)
    if parameters.get("drop_pending_updates"):
        state.pending.clear()
    state.wake()
    return True


def delete_webhook(state: State, parameters: Payload) -> Any:
    return set_webhook(state, {"url": "", "drop_pending_updates": parameters.get("drop_pending_updates")})


def get_webhook_info(state: State, parameters: Payload) -> Any:
    found = {
        "url": state.webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(state.pending),
    }
    return {**found, "last_error_message": state.webhook.last_error} if state.webhook.last_error else found


def set_my_commands(state: State, parameters: Payload) -> Any:
    state.commands[str(parameters.get("language_code", ""))] = parameters["commands"]
    return True


METHODS: dict[str, Callable[[State, Payload], Any]] = {
    "answerCallbackQuery": answer_callback_query,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "deleteWebhook": delete_webhook,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageText": edit_message_text,
    "getMe": get_me,
    "getWebhookInfo": get_webhook_info,
    "leaveChat": leave_chat,
    "sendChatAction": send_chat_action,
    "sendDocument": send_document,
    "sendMessage": send_message,
    "setMyCommands": set_my_commands,
    "setWebhook": set_webhook,
}


def call(state: State, method: str, parameters: Payload) -> Any:
    """Does `method` and gives its result, or raises `ApiError`."""
    if method not in METHODS:
        raise ApiError(404, "Not Found")
    failure = state.take_failure(method, parameters)
    with state.changed:
        if failure is None or failure.after_effect:
            result = copy.deepcopy(METHODS[method](state, parameters))
            state.changed.notify_all()
    if failure is not None:
        raise ordered_error(failure.status, failure.retry_after, failure.description)
    return result


def ordered_error(status: int, retry_after: int | None, description: str | None) -> ApiError:
    """The failure a test asked for, in the words of the real server."""
    known = {
        400: "Bad Request: refused",
        401: "Unauthorized",
        403: "Forbidden: bot was blocked by the user",
        409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        429: f"Too Many Requests: retry after {retry_after}",
    }
    parameters = None if retry_after is None else {"retry_after": retry_after}
    return ApiError(status, description or known.get(status, "Internal Server Error"), parameters)
