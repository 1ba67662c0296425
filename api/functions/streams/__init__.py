"""The newspaper's two Kinesis streams into Personalize: readers' events and articles.

Read `processor.py` first: it is the path of a batch. What a record means is in two tables: `events.py`, `articles.py`.
"""
