"""Users as the API shows them: the node, the queries and their filters."""
