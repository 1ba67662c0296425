"""Ingestion: put_events, put_items, put_users."""
