"""What people can ask for, one file a topic; `table` lists all of it. No Telegram types here."""
