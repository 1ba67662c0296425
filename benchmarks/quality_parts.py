"""The parts of the quality benchmark: what each evaluates, and the bars its figures stand beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from benchmarks.quality_data import (
    Places,
    idea_news,
    meanings,
    ml1m,
    movielens_small,
    movielens_with_text,
    newsroom,
    topics,
)
from benchmarks.quality_exploration import judge
from benchmarks.quality_notes import COLD_TEXT, ML1M_TEXT, SMALL_TEXT
from personalize_local.evaluation.data import Data, without_duplicates
from personalize_local.evaluation.errors_of_means import Estimate
from personalize_local.evaluation.evaluate import Settings, evaluate
from personalize_local.evaluation.measures import COLD, COLD_AMONG, HIT_RATE, MRR, NDCG
from personalize_local.evaluation.protocols import Protocol
from personalize_local.evaluation.recipe import Recipe
from personalize_local.evaluation.report import Report
from personalize_local.evaluation.table import short_name
from personalize_local.evaluation.task import Progress

STATISTICS, BLEND, RECIPE = "statistics layer", "blend with sequence layer", "aws-user-personalization"
WITH_TEXT, WITHOUT_TEXT, WITH_MEANING = "with text", "without text", "with text and its meaning"
AS_EVENTS, ONCE = "events as they are", "one event per second"
RECENT = ("popularity-1-day", "popularity-decayed", "session-knn")
NEWSROOM_EVENTS = 60_000


@dataclass(frozen=True)
class Bar:
    """One figure beside what it must and should be; relative ones are shares, 0.05 for 5 %. None for no bar."""

    what: str
    value: float
    standard_error: float | None
    must: float | None
    aim: float | None = None
    is_relative: bool = False
    lower_is_better: bool = False

    @property
    def verdict(self) -> str:
        """Say which bars the figure reaches."""
        if self.must is None:
            return "–"
        sign = -1.0 if self.lower_is_better else 1.0
        if self.aim is not None and sign * self.value >= sign * self.aim:
            return "aim"
        return "must" if sign * self.value >= sign * self.must else "BELOW"


@dataclass(frozen=True)
class Part:
    """What one part found; `text` is Markdown for what is no report."""

    title: str
    bars: tuple[Bar, ...]
    reports: tuple[Report, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Choices:
    """What the command line chose."""

    places: Places
    seeds: int
    has_sequence_layer: bool
    progress: Progress

    def recipes(self) -> dict[str, Recipe]:
        """Give the rows of our own: the statistics alone, and the blend with a transformer unless it is left out."""
        rows = {STATISTICS: Recipe(sequence_layer="never")}
        return rows | ({BLEND: Recipe(sequence_layer="always")} if self.has_sequence_layer else {})


def run_ml1m(choices: Choices) -> Part:
    """MovieLens-1M, leave-one-out, full ranking, seen items filtered."""
    data, is_whole = ml1m(choices.places)
    report = evaluate(data, Settings(Protocol(), choices.recipes(), seeds=choices.seeds), choices.progress)
    seconds = (0.145, 0.165) if is_whole else (0.160, None)
    ndcg, hits = ((0.178, 0.189), (0.306, 0.329)) if is_whole else ((0.185, None), (0.330, None))
    bars = [
        _bar(report, STATISTICS, NDCG.format(10), *seconds),
        _bar(report, STATISTICS, HIT_RATE.format(10), None),
        Bar(f"{data.name}: training s, {STATISTICS}", _training_s(report, STATISTICS), None, 15.0, None, False, True),
    ]
    if choices.has_sequence_layer:
        bars += [
            _bar(report, BLEND, NDCG.format(10), *ndcg),
            _bar(report, BLEND, HIT_RATE.format(10), *hits),
            Bar(f"{data.name}: training s, {BLEND}", _training_s(report, BLEND), None, 900.0, None, False, True),
        ]
    return Part(data.name, tuple(bars), (report,), ML1M_TEXT)


def run_movielens_small(choices: Choices) -> Part:
    """AWS's own file by Personalize's protocol, as it is and with one event a second; also with two relevant items."""
    as_is = movielens_small()
    once = without_duplicates(as_is)
    reports, bars = [], []
    for form, data, newest in (("as is", as_is, None), ("as is", as_is, 3), (ONCE, once, None), (ONCE, once, 2)):
        recipes = _small_recipes(choices, with_echoes=data is as_is, is_whole=newest is None)
        settings = Settings(
            Protocol("personalize", newest=newest),
            recipes,
            ("popularity", "ease", "rules", "ridge", "session-knn"),
            cuts=(10, 5, 25),
            seeds=max(choices.seeds, 3),
        )
        report = evaluate(data, settings, choices.progress)
        reports.append(report)
        name = f"{form}, newest {'tenth' if newest is None else newest}"
        for row in recipes:
            judged = data is as_is and AS_EVENTS in row
            bars.append(_bar(report, row, NDCG.format(10), 0.2687 if judged else None, form=name))
            bars.append(_bar(report, row, MRR, 0.269 if judged else None, form=name))
    return Part("MovieLens latest small, Personalize's protocol", tuple(bars), tuple(reports), SMALL_TEXT)


def _small_recipes(choices: Choices, *, with_echoes: bool, is_whole: bool) -> dict[str, Recipe]:
    """Give the rows: as the service trains, and where events repeat, with each of them a step of its own."""
    rows = choices.recipes() if is_whole else {STATISTICS: Recipe(sequence_layer="never")}
    if with_echoes:
        rows |= {f"{name}, {AS_EVENTS}": replace(recipe, has_echoes=True) for name, recipe in rows.items()}
    return rows


def run_news(choices: Choices) -> Part:
    """IDEA's news, divided by time, trained four times a day."""
    data = idea_news(choices.places)
    protocol = Protocol("temporal", test_days=4, targets="next", windows=16)
    return _news(data, protocol, choices, "IDEA news")


def run_newsroom(choices: Choices) -> Part:
    """The generated newspaper, divided by time, trained four times a day."""
    protocol = Protocol("temporal", test_days=1, targets="next", windows=4)
    return _news(newsroom(NEWSROOM_EVENTS), protocol, choices, "newsroom")


def _news(data: Data, protocol: Protocol, choices: Choices, title: str) -> Part:
    settings = Settings(protocol, choices.recipes(), cuts=(20, 10), seeds=1, rivals=RECENT)
    report = evaluate(data, settings, choices.progress)
    bars = [_gain(report, name, 0.05, 0.15) for name in choices.recipes()]
    return Part(title, tuple(bars), (report,))


def run_cold(choices: Choices) -> Part:
    """Items without an event before the test: ranked among all, and among themselves."""
    bars, reports = [], []
    recipe = {RECIPE: Recipe(sequence_layer="auto" if choices.has_sequence_layer else "never")}
    movielens = movielens_with_text(choices.places)
    runs = (
        (newsroom(NEWSROOM_EVENTS), Protocol("temporal", test_days=1, targets="next")),
        (topics(), Protocol("temporal", test_days=2, targets="next")),
        (movielens, Protocol("new-items", test_share=0.1)),
    )
    for data, protocol in runs:
        seeds = max(choices.seeds, 3) if protocol.splits_by_seed else 1
        settings = Settings(protocol, recipe, ("content", "popularity"), seeds=seeds, rivals=("content",))
        report = evaluate(data, settings, choices.progress)
        reports.append(report)
        for metric, what in ((COLD, "among all"), (COLD_AMONG, "among cold")):
            bars.append(_cold_gain(report, metric.format(10), f"{data.name}: cold items, HR@10 {what}"))
    return Part("Cold items", tuple(bars), tuple(reports), COLD_TEXT)


def run_text(choices: Choices) -> Part:
    """With the items' text against without it; and with what it means against its words alone."""
    layer = "auto" if choices.has_sequence_layer else "never"
    words = Recipe(sequence_layer=layer)
    by_words = {WITH_TEXT: words, WITHOUT_TEXT: replace(words, has_text=False)}
    by_meaning = {WITH_MEANING: replace(words, text_embedder="wordllama"), WITH_TEXT: words}
    movielens = without_duplicates(movielens_with_text(choices.places))
    news = Protocol("temporal", test_days=3, targets="next")
    runs = (
        (topics(), news, by_words, 0.30),
        (movielens, Protocol(), by_words, None),
        (meanings(), news, by_meaning, None),
        (movielens, Protocol(), by_meaning, None),
    )
    bars, reports = [], []
    for data, protocol, recipes, must in runs:
        first, rival = recipes
        settings = Settings(protocol, recipes, ("content", "popularity-7-days"), seeds=1, rivals=(rival,))
        report = evaluate(data, settings, choices.progress)
        reports.append(report)
        bars.append(_gain(report, first, must, None))
    return Part("Text of the items", tuple(bars), tuple(reports))


def run_exploration(choices: Choices) -> Part:
    """Policies judged by another one's log, beside the truth of a simulated world."""
    judged = judge()
    lines = ["| policy | truth | SNIPS | 95 % | IPS | effective answers |", "|---|---:|---:|---:|---:|---:|"]
    for each in judged:
        value, (low, high) = each.value, each.value.snips_interval
        cells = (f"{each.truth:.4f}", f"{value.snips:.4f}", f"{low:.4f} – {high:.4f}", f"{value.ips:.4f}")
        lines.append(f"| {value.name} | {' | '.join(cells)} | {value.effective_answers:,.0f} |")
    lines += ["", "Clicks per answer; 50,000 answers logged by the policy that explores in 30 % of them."]
    share = sum(each.is_covered for each in judged) / len(judged)
    order = [sorted(judged, key=key) for key in (lambda each: each.truth, lambda each: each.value.snips)]
    bars = (
        Bar("exploration, off-policy: intervals that hold the truth", share, None, 0.8),
        Bar("exploration, off-policy: policies in their true order", float(order[0] == order[1]), None, 1.0),
    )
    return Part("Exploration, judged off-policy", bars, (), "\n".join(lines))


PARTS: Mapping[str, Callable[[Choices], Part]] = {
    "ml1m": run_ml1m,
    "movielens-small": run_movielens_small,
    "idea-news": run_news,
    "newsroom": run_newsroom,
    "cold": run_cold,
    "text": run_text,
    "exploration": run_exploration,
}


def _bar(
    report: Report, row: str, metric: str, must: float | None, aim: float | None = None, form: str | None = None
) -> Bar:
    found = report.row(row).metrics[metric]
    what = f"{report.data}{f' ({form})' if form else ''}: {short_name(metric)}, {row}"
    return Bar(what, found.value, found.standard_error, must, aim)


def _gain(report: Report, row: str, must: float | None, aim: float | None) -> Bar:
    """Compare with the rival of the report, as a share of what the rival has."""
    base = report.row(report.rival).metrics[report.main_metric].value
    difference = report.row(row).difference or Estimate(0.0, 0.0)
    what = f"{report.data}: NDCG@{report.cuts[0]}, {row} over {report.rival}"
    return Bar(what, difference.value / base, difference.standard_error / base, must, aim, True)


def _cold_gain(report: Report, metric: str, what: str) -> Bar:
    """Compare hit rates of cold items with those of the nearest by content; the errors are taken as independent."""
    ours, theirs = (report.row(name).metrics[metric] for name in (RECIPE, "content"))
    what = f"{what}, {RECIPE} over content"
    if not theirs.value:
        return Bar(f"{what} (content finds none)", ours.value, ours.standard_error, None)
    ratio = ours.value / theirs.value
    error = ((ours.standard_error**2 + (ratio * theirs.standard_error) ** 2) ** 0.5) / theirs.value
    return Bar(what, ratio - 1.0, error, 0.20, None, True)


def _training_s(report: Report, row: str) -> float:
    return report.row(row).training_wall_s
