"""Leading: of the processes on one database exactly one watches, polls Telegram and sends."""
