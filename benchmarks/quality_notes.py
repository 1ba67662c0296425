"""What has to be said of parts of the quality benchmark beside their figures: readings, causes, what was tried."""

ML1M_TEXT = """"Training s" is a whole solution version: the choice of settings, the weights, a training without the
test users, the measuring of GetSolutionMetrics, and the training that serves. One training of the statistics on all
events, with its weights, takes 10 s of one core: see [training.md](training.md)."""

SMALL_TEXT = """AWS's printed figures for this file, once: NDCG@5/10/25 0.2279 / 0.2687 / 0.3321, MRR@25 0.269,
P@5/10/25 0.075 / 0.0571 / 0.0379, coverage 0.0791.

**Which reading of the protocol they fit.** Between two cuts K the gain grows by what the hits there are worth: 1 /
log2(1 + rank), over the gain of the best order. AWS's rows give 0.208 a hit at ranks 6 to 10 and 0.168 at ranks 11 to
25 (user-personalization), 0.196 and 0.145 (SIMS): whatever the model, the inverse of the best order's gain is between
0.60 and 0.68 for all four at once. (The third row, aws-personalized-ranking, gives 0.97 and more at ranks 6 to 10: it
was measured otherwise, or its few hits are rounded.) One relevant item has 1, two have 0.61, three 0.47. So about two
items were relevant to a query. The newest tenth of these histories is 26 events on 15 items, 0.17, and hardly what
was measured (inferred); the three newest events are 2.2 items, 0.58; of events that are one per item and second, the
two newest, 0.61. These two stand beside the documented reading.

**As it is, the file tells what comes next.** A rating above 3 is a click and a watch in one second, in either order,
and 55 of 100 items turned to last are among the three newest events again. The service takes such events for one step
of the reader, so that it does not recommend what was just opened; as the file is, that loses to a model that repeats
the last item. The rows "events as they are" train with each event a step (`personalize-local evaluate --echoes`):
what readers turn back to, by how long ago and how often, is then part of the blend.

**Below:** by the documented reading NDCG@10 is divided by the gain of up to ten relevant items; hits among the first
ten are twice AWS's. Tried: the ridge (weight zero on this file); echoes without the part of returns (0.145); a
transformer beside the statistics, the rows "with sequence layer", from which 97,000 steps of 610 readers gain nothing.
So the service trains none on this file unless told to."""

COLD_TEXT = """"Among cold" is the order of the items without events; "among all" has every item compete, and every
question is about a new one: the more a method lifts new items, the better, whatever that does to the rest.

**MovieLens, among all:** its new films are a tenth of what is turned to, spread over a thousand, and which tenth it is
matters more than the method: content finds 0.031 of them in one division and 0.060 in another. So it is divided three
times. The blend gives new films half their share of the first places, and puts each reader's best one as far below the
best of the others as it usually is: at the same share of places, more are found than with one bonus for all readers
(0.051 against 0.023, and 0.072 against 0.065, in two other divisions), and others lose nothing. See
docs/decisions/0008, also for what was tried."""
