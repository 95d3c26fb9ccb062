"""What the server keeps (tables) and does (reducers): write yours here."""
