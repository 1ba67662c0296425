"""The newspaper's recommendations: one request in, one ordered and enriched list out.

Read `application.py` first: it is the path of a request. Everything else is one noun per file:
request → arms (backends, split) → recommender (filters) → content (conversion) → reply.
"""
