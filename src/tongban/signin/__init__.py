"""Who is calling: session, API key or peer signature becomes an Actor. Decides nothing about what they may do."""
