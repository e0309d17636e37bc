"""The engine, whatever the procedure."""
