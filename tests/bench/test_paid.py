"""That the bench of paid broadcasts sends to every chat once; how fast is for the bench alone."""

from tests.bench.paid import measure


def test_every_chat_hears_it_once_and_what_it_took_is_told() -> None:
    rate, processor, memory = measure(200)
    assert "200 chats" in rate.note
    assert all(row.figure for row in (rate, processor, memory))
