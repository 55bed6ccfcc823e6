"""The engines behind `Database`: one file on this machine, or a PostgreSQL that several machines share."""
